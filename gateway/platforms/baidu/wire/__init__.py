"""Requests and responses of Baidu's order centre, in its own spelling."""
