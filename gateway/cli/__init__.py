"""The command line: one module a command, none of them loaded before it is called."""

from gateway.cli.entry import main

__all__ = ["main"]
