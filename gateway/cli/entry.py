"""Entry point of the `gateway` command: parses arguments, runs a command, returns its status."""

import os
import sys
from collections.abc import Sequence
from enum import IntEnum
from typing import Final

import click
from click.shell_completion import shell_complete

from gateway.cli.commands import command_line
from gateway.errors import GatewayError, StoreUnavailable

_NAME: Final = "gateway"
#: The environment variable in which a shell asks for completions.
COMPLETION: Final = "_GATEWAY_COMPLETE"


class Status(IntEnum):
    """Exit status of a command."""

    DONE = 0
    #: Refused or failed.
    FAILED = 1
    #: Wrong use; click's own number for it.
    WRONG_USE = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; `argv` is what follows `gateway`, None: the process's arguments."""
    try:
        try:
            return _run(sys.argv[1:] if argv is None else list(argv))
        finally:
            # Flushed here, so that a closed pipe is handled below and not at the interpreter's end.
            sys.stdout.flush()
    except StoreUnavailable as error:
        return _failed("; ".join(filter(None, (error.message, error.remedy))))
    except GatewayError as error:
        return _failed(error.message)
    except BrokenPipeError:
        # The reader closed the pipe; the interpreter must not flush into it again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Status.FAILED
    except OSError as error:
        return _failed(str(error))
    except KeyboardInterrupt:
        return _failed("interrupted")


def _run(arguments: list[str]) -> int:
    commands = command_line()
    if asked := os.environ.get(COMPLETION):
        return shell_complete(commands, {}, _NAME, COMPLETION, asked)
    # https://no-color.org: None lets click look whether it writes to a terminal.
    color = False if os.environ.get("NO_COLOR") else None
    try:
        # Not `commands.main`, which words errors and interruptions in its own way.
        with commands.make_context(_NAME, arguments, color=color) as context:
            commands.invoke(context)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.ClickException as refused:
        refused.show()
        return refused.exit_code
    return Status.DONE


def _failed(message: str) -> Status:
    for line in message.splitlines():
        sys.stderr.write(f"gateway: {line}\n")
    return Status.FAILED
