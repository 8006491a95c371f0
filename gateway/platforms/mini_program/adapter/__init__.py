"""The Mini Program's ports."""
