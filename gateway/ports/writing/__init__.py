"""Ports that write to a platform, and the problems of their inputs."""
