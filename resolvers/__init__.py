"""Root fields, data loaders and scope guards: the executable schema."""
