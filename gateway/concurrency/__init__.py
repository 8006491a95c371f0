"""Concurrency primitives: clock, background task, single flight, bulkhead, coalesced read."""
