"""Delivers what was accepted: in order per order, again where that is safe, never dropped."""
