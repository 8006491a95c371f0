"""From wire documents to the public types: pure, one file for each thing."""
