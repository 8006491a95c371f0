"""Commands of click whose modules are imported when they are called, and what they share."""

import gc
import importlib
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import click

from gateway.cli import option_types

#: Columns of a help page on a wide terminal.
_WIDTH: Final = 100
_HELP: Final = {"help_option_names": ["-h", "--help"], "max_content_width": _WIDTH}
FILE: Final = click.Path(path_type=Path)


class Arguments(SimpleNamespace):
    """What a command was called with: attributes by the options' names; `action` is its own."""


class CliCommand(click.Command):
    """One command; `function` is `module:name` below gateway.cli and takes its Arguments."""

    def __init__(
        self,
        name: str,
        function: str,
        summary: str,
        params: Sequence[click.Parameter],
        *,
        description: str = "",
        epilog: str | None = None,
    ) -> None:
        super().__init__(
            name,
            params=list(params),
            help=description or f"{summary[0].upper()}{summary[1:]}.",
            short_help=summary,
            epilog=epilog,
            context_settings=_HELP,
        )
        self._function = function

    def get_short_help_str(self, limit: int = 45) -> str:
        """The whole summary: it is wrapped, not cut."""
        return self.short_help or super().get_short_help_str(limit)

    def invoke(self, ctx: click.Context) -> None:
        """Import the command's module and run it."""
        module, _, function = self._function.partition(":")
        # Imported here so that `gateway --help` stays fast. Nothing that is imported is garbage:
        # looking for some meanwhile takes a fifth of the time.
        gc.disable()
        try:
            loaded = importlib.import_module(f"gateway.cli.{module}")
        finally:
            gc.enable()
        getattr(loaded, function)(Arguments(**ctx.params, action=self.name))


class CommandGroup(click.Group):
    """Commands under one name."""

    def __init__(
        self,
        name: str,
        summary: str,
        description: str,
        commands: Sequence[click.Command],
        *,
        epilog: str | None = None,
    ) -> None:
        super().__init__(
            name,
            commands=commands,
            help=description,
            short_help=summary,
            epilog=epilog,
            context_settings=_HELP,
            subcommand_metavar="COMMAND ...",
        )

    def get_short_help_str(self, limit: int = 45) -> str:
        """The whole summary: it is wrapped, not cut."""
        return self.short_help or super().get_short_help_str(limit)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's name
        """In the order of their declaration, which is that of their use."""
        return list(self.commands)


def option(*names: str, **more: Any) -> click.Option:
    """An option, such as `--shop KEY`."""
    return click.Option(names, **more)


def argument(name: str, **more: Any) -> click.Argument:
    """A positional argument."""
    return click.Argument([name], **more)


def config_option() -> click.Option:
    """`--config FILE`."""
    return option(
        "--config",
        type=FILE,
        default="gateway.toml",
        metavar="FILE",
        help="the configuration (default: gateway.toml)",
    )


def json_option(text: str = "as JSON, for programs") -> click.Option:
    """`--json`."""
    return option("--json", is_flag=True, help=text)


def shops_option(*names: str) -> click.Option:
    """`--shops x,y`; `names` are others that it has."""
    return option(
        "--shops", *names, type=option_types.names, metavar="x,y", help="only of these shops"
    )


def most_option() -> click.Option:
    """`--most N`."""
    return option(
        "--most", type=option_types.count, default="50", metavar="N", help="how many (default: 50)"
    )


def out_option(text: str, metavar: str = "FILE") -> click.Option:
    """`--out FILE`."""
    return option("-o", "--out", type=FILE, required=True, metavar=metavar, help=text)


def host_option() -> click.Option:
    """`--host ADDRESS`."""
    return option("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
