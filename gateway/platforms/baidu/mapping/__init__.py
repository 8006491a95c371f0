"""The order centre's documents and the gateway's: pure functions between the two."""
