"""Root fields, loaders and guards: the executable schema."""
