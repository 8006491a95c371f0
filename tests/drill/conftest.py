"""Commands are forked from a process that has imported the gateway, as in tests/cli."""

from tests.cli.conftest import configure, forked_commands

__all__ = ["configure", "forked_commands"]
