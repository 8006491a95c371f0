"""Maps wire documents to the public types: pure functions, one file per type."""
