"""Root fields that change something, by what they change."""
