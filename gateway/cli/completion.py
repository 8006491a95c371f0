"""`gateway completion`: prints the script that completes commands in a shell."""

import sys

from click.shell_completion import get_completion_class

from gateway.cli.commands import command_line
from gateway.cli.entry import COMPLETION
from gateway.cli.lazy_command import Arguments
from gateway.errors import BadUserInput


def run(arguments: Arguments) -> None:
    """Print the script of `arguments.shell`.

    Raises:
        BadUserInput: there is no script for this shell.
    """
    kind = get_completion_class(arguments.shell)
    if kind is None:
        raise BadUserInput(f"no completion for {arguments.shell}")
    sys.stdout.write(f"{kind(command_line(), {}, 'gateway', COMPLETION).source()}\n")
