"""Pure functions that map between the Mini Program's documents and the gateway's."""
