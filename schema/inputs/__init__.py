"""What callers give to mutations."""
