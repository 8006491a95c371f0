"""Entry point of the `gateway` command: parses arguments, runs a command, returns its status."""

import gc
import importlib
import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from enum import IntEnum

from gateway.cli.commands import COMMANDS, arguments_parser
from gateway.errors import GatewayError, StoreUnavailable


class Status(IntEnum):
    """Exit status of a command."""

    DONE = 0
    #: Refused or failed.
    FAILED = 1
    #: Wrong use; argparse's own number for it.
    WRONG_USE = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; `argv` is what follows `gateway`, None: the process's arguments."""
    try:
        try:
            _run(arguments_parser().parse_args(argv))
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
    return Status.DONE


def _run(arguments: Namespace) -> None:
    (command,) = (one for one in COMMANDS if one.name == arguments.command)
    module, _, function = command.function.partition(":")
    # Imported here so that `gateway --help` stays fast. Nothing that is imported is garbage:
    # looking for some meanwhile takes a fifth of the time.
    gc.disable()
    try:
        loaded = importlib.import_module(f"gateway.cli.{module}")
    finally:
        gc.enable()
    getattr(loaded, function)(arguments)


def _failed(message: str) -> Status:
    for line in message.splitlines():
        sys.stderr.write(f"gateway: {line}\n")
    return Status.FAILED
