"""The values of options and arguments: how each is read, and what is expected where it is wrong."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any, Final

import click
from click.shell_completion import CompletionItem

from gateway.china_days import CHINA

_HIGHEST_PORT: Final = 65535
_DURATION: Final = re.compile(r"([0-9]{1,5})([dhm])")
_UNITS: Final = {"d": "days", "h": "hours", "m": "minutes"}
_LONGEST: Final = timedelta(days=3650)
_CEILING: Final = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,2}))?/(call|day)")
PUSH_STATES: Final = (
    "PENDING",
    "DELIVERED",
    "SUPERSEDED",
    "REJECTED",
    "OUTCOME_UNKNOWN",
    "DEAD",
    "DISCARDED",
)


def port(text: str) -> int:
    """A TCP port; 0 lets the system choose."""
    if not text.isdecimal() or int(text) > _HIGHEST_PORT:
        raise click.BadParameter(f"expected a port from 0 to {_HIGHEST_PORT}, not {text!r}")
    return int(text)


def workers(text: str) -> int:
    """A number of processes."""
    if not text.isdecimal() or int(text) < 1:
        raise click.BadParameter(f"expected a number of processes from 1 up, not {text!r}")
    return int(text)


def count(text: str) -> int:
    """A whole number from 1 up."""
    if not text.isdecimal() or int(text) < 1:
        raise click.BadParameter(f"expected a whole number from 1 up, not {text!r}")
    return int(text)


def names(text: str) -> list[str]:
    """Names, separated by commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def upper_names(text: str) -> list[str]:
    """Names of an enum's members, in any case, with hyphens or underscores."""
    return [name.upper().replace("-", "_") for name in names(text)]


def push_states(text: str) -> list[str]:
    """States of pushes, in any case."""
    states = [name.upper() for name in names(text)]
    if unknown := [name for name in states if name not in PUSH_STATES]:
        raise click.BadParameter(f"expected {', '.join(PUSH_STATES)}, not {', '.join(unknown)}")
    return states


def duration(text: str) -> timedelta:
    """A time span such as 90d, 12h or 30m."""
    parts = _DURATION.fullmatch(text)
    found = None if parts is None else timedelta(**{_UNITS[parts[2]]: int(parts[1])})
    if found is None or found > _LONGEST:
        raise click.BadParameter(f"expected 90d, 12h or 30m, of at most ten years, not {text!r}")
    return found


def networks(text: str) -> frozenset[str]:
    """Addresses and networks, separated by commas."""
    try:
        return frozenset(str(ip_network(name)) for name in names(text))
    except ValueError:
        raise click.BadParameter(
            f"expected addresses or networks such as 10.0.0.0/8, not {text!r}"
        ) from None


def refund_limit(text: str) -> dict[str, int]:
    """The fields of a RefundLimit, whose module is too heavy for `--help`."""
    found: dict[str, int] = {}
    for name in names(text) or [""]:
        parts = _CEILING.fullmatch(name)
        if parts is None or f"per_{parts[3]}" in found:
            raise click.BadParameter(f"expected yuan as in 200/call,5000.50/day, not {text!r}")
        found[f"per_{parts[3]}"] = 100 * int(parts[1]) + int((parts[2] or "").ljust(2, "0"))
    return found


def moment(text: str) -> datetime:
    """A time with its offset, or a date: midnight in China."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if (
        found is not None
        and found.tzinfo is None
        and re.fullmatch(r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}", text)
    ):
        found = found.replace(tzinfo=CHINA)
    if found is None or found.tzinfo is None:
        raise click.BadParameter(
            f"expected a date, or a time with its offset as in 2026-11-30T08:00+08:00, not {text!r}"
        )
    return found


def completed_from(
    choices: Sequence[str],
) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem[Any]]]:
    """Shell completion of the last name of a list that is separated by commas."""

    def complete(
        _context: click.Context, _parameter: click.Parameter, text: str
    ) -> list[CompletionItem[Any]]:
        before, comma, begun = text.rpartition(",")
        return [
            CompletionItem(f"{before}{comma}{choice}")
            for choice in choices
            if choice.lower().startswith(begun.lower())
        ]

    return complete
