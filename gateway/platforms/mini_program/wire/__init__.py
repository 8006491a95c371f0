"""Requests and responses of the Mini Program's interfaces, in their own spelling."""
