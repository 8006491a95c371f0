"""Tables of the commands that list something."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Final
from unicodedata import east_asian_width

import click

from gateway.concurrency.clock import DAY

#: The longest span that is told in each unit, and the unit's seconds.
_UNITS: Final = ((120.0, 1, "s"), (7_200.0, 60, "min"), (2.0 * DAY, 3_600, "h"))


def table(
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    paint: Callable[[str], str] = lambda cell: cell,
) -> Iterable[str]:
    """The lines of a table, its columns as wide as their widest cell.

    `paint` puts the codes of a colour around a cell; `click.echo` removes them, and the bold of
    the head, where the output is no terminal.
    """
    lines = [head, *rows]
    widths = [max(_width(line[column]) for line in lines) for column in range(len(head))]
    for number, line in enumerate(lines):
        cells = [
            (paint(cell) if number else cell) + " " * (width - _width(cell))
            for cell, width in zip(line, widths, strict=True)
        ]
        text = "  ".join(cells).rstrip()
        yield (text if number else click.style(text, bold=True)) + "\n"


def print_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table, its head in bold on a terminal."""
    for line in table(head, rows):
        click.echo(line, nl=False)


def moment(seconds: float) -> str:
    """Unix seconds as a time in UTC, to the second."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def span(seconds: float) -> str:
    """A length of time in one unit, such as `45 s`, `3 h` or `12 d`."""
    for longest, unit, name in _UNITS:
        if seconds < longest:
            return f"{int(max(seconds, 0.0) // unit)} {name}"
    return f"{int(seconds // DAY)} d"


def _width(text: str) -> int:
    """Columns that a terminal takes: two for each Chinese character."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
