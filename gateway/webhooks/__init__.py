"""Webhooks to integrators: signed messages about what changed."""
