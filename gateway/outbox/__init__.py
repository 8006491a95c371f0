"""Outbox: delivers accepted pushes in order per order, retries where safe, drops none."""
