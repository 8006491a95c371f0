"""Copies orders into other shops, and keeps them in step there."""
