"""Reads of platforms that only take writes: their ports, answered from the ledger."""
