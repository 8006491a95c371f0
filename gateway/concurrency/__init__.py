"""What every room uses and none owns: the clock, single flight, the bulkhead, coalesced reads."""
