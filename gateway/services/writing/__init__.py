"""Use cases that change something on one shop's platform."""
