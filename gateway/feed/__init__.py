"""Feeds behind subscriptions: order changes, platform health, and the notifier."""
