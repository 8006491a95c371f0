"""Inbox: receives events from platforms, confirms them, and records order changes."""
