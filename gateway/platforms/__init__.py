"""Only platform folders live here; each has a `build(parts)` that answers the shop's Adapter."""
