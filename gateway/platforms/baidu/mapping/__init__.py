"""Pure functions that map between the order centre's documents and the gateway's."""
