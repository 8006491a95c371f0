"""Measures the gateway on a ledger of a million orders: `make scale ROWS=paging DATABASE=sqlite`.

Each row is measured on each database; one that fails says why, and the others go on.
"""

import argparse
import asyncio
import itertools
import logging
import os
import platform
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psutil

from bench.scale import report
from bench.scale.catalogue import ROWS
from bench.scale.databases import DATABASES
from bench.scale.figures import Figure, Result, Row
from bench.scale.ledger_rows import Size
from bench.scale.stage import Stage, opened

_FULL: Final = Size(orders=1_000_000, waiting=100_000)
_SHORT: Final = Size(orders=100_000, waiting=2_000)
#: Seconds after which a row is given up.
_ROW_LIMIT: Final = 400.0
_MILLION: Final = 1_000_000
#: Costs from here on are shown without a fraction.
_WHOLE: Final = 1_000


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="make scale", description=__doc__)
    parser.add_argument("--rows", default="", help="such as paging,drain; all if left out")
    parser.add_argument("--database", default="", choices=("", *DATABASES), help="one of them only")
    parser.add_argument("--short", action="store_true", help="100,000 orders, on SQLite")
    parser.add_argument("--orders", type=int, help="how many, instead of a million")
    parser.add_argument("--waiting", type=int, help="how many of them wait")
    parser.add_argument("--write", action="store_true", help="put these rows into docs/scale.md")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there, too")
    return parser.parse_args()


def chosen(names: str, *, short: bool) -> list[Row]:
    """The rows of a list of names; all where it is empty.

    Raises:
        SystemExit: there is no row of a name.
    """
    asked = [name.strip() for name in names.split(",") if name.strip()]
    if unknown := set(asked) - {row.name for row in ROWS}:
        known = ", ".join(row.name for row in ROWS)
        raise SystemExit(f"there is no row {', '.join(sorted(unknown))}; there are {known}")
    return [row for row in ROWS if (row.name in asked if asked else row.short or not short)]


class Costs:
    """What a million orders and a thousand followers cost, in words, by name and database."""

    def __init__(self) -> None:
        self.by_name: dict[str, dict[str, str]] = defaultdict(dict)

    def note(self, stage: Stage) -> None:
        """Take down what a database's rows found."""
        each = _MILLION / stage.size.orders
        found = {"disk per million orders, GiB": stage.disk * each / 2**30} | stage.costs
        for name, value in found.items():
            shown = f"{value:,.3g}" if value < _WHOLE else f"{value:,.0f}"
            self.by_name[name][stage.database] = shown


async def measured(row: Row, stage: Stage) -> Result:
    """Measure a row; what it raises is its result."""
    psutil.cpu_percent()
    stage.served_for = stage.processor = 0.0
    began = time.monotonic()
    figures: Sequence[Figure] = ()
    failed = ""
    try:
        async with asyncio.timeout(_ROW_LIMIT):
            figures = await row.measure(stage)
    except TimeoutError:
        failed = f"it took more than {_ROW_LIMIT:.0f} s"
    except Exception as error:  # noqa: BLE001 - one row that fails hides none of the others
        failed = f"{type(error).__name__}: {error}"
    return Result(
        row=row,
        database=stage.database,
        date=today(),
        figures=figures,
        failed=failed,
        seconds=time.monotonic() - began,
        share=psutil.cpu_percent() / 100,
        core=stage.processor / stage.served_for if stage.served_for else 0.0,
    )


async def run(
    rows: Sequence[Row],
    database: str,
    size: Size,
    costs: Costs,
    *,
    short: bool,
    keep: Callable[[Sequence[Result]], None],
) -> None:
    """Measure the rows on one database; `keep` is given each result, and once more at the end."""
    mine = [row for row in rows if database in row.databases]
    if not mine:
        return
    async with opened(database, size, short=short, say=say) as stage:
        say(f"seeded {size.orders:,} orders in {stage.took:.0f} s, {stage.disk / 2**30:.2f} GiB")
        for row in mine:
            result = await measured(row, stage)
            say(report.lines(result))
            keep([result])
        costs.note(stage)
        keep([])


def today() -> str:
    """The date."""
    return f"{datetime.now(UTC):%Y-%m-%d}"


def about(size: Size) -> str:
    """Where it was measured, and how much."""
    words = [
        f"Python {platform.python_version()}",
        f"{os.cpu_count()} cores",
        f"{size.orders:,} orders in ten shops, of which {size.waiting:,} wait",
    ]
    return ", ".join(words) + "."


def say(text: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Measure, print, and tell by the exit status whether anything failed or was wrong."""
    given = arguments()
    known = _SHORT if given.short else _FULL
    size = Size(
        known.orders if given.orders is None else given.orders,
        known.waiting if given.waiting is None else given.waiting,
    )
    rows = chosen(given.rows, short=given.short)
    databases = [given.database] if given.database else DATABASES[: 1 if given.short else None]
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # A service manager's signal ends it as Ctrl-C does: nothing is left running.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    costs = Costs()
    results: list[Result] = []

    def keep(found: Sequence[Result]) -> None:
        # At once: a run of an hour may be cut off.
        results.extend(one for one in found if one not in results)
        if given.write:
            report.write(found, costs.by_name, size, about(size))

    for database in databases:
        say(f"\n{database}")
        try:
            asyncio.run(run(rows, database, size, costs, short=given.short, keep=keep))
        except Exception as error:  # noqa: BLE001 - the other database is measured all the same
            failed = f"{type(error).__name__}: {error}"
            failures = [
                Result(row=row, database=database, date=today(), failed=failed)
                for row in rows
                if not any((one.row, one.database) == (row, database) for one in results)
            ]
            keep(failures)
            say(f"failed: {failed}")
    text = report.table(results, costs.by_name, about(size))
    say(f"\n{text}")
    if given.json:
        given.json.write_text(report.as_json(results, costs.by_name, size), encoding="utf-8")
    return 1 if list(itertools.chain(_failures(results))) else 0


def _failures(results: Sequence[Result]) -> list[str]:
    """What no slow machine excuses."""
    return [
        result.row.name
        for result in results
        if result.failed or any(figure.exact for figure in result.missed)
    ]


if __name__ == "__main__":
    sys.exit(main())
