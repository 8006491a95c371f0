"""The kit that all platform folders share."""
