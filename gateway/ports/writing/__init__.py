"""Ports that write to a platform, and the validation of their inputs."""
