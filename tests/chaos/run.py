"""Plays the catalogue's faults against the gateway: `make chaos SEED=1 ROWS=A1,B3`."""

import argparse
import asyncio
import logging
import sys
import time
from collections.abc import Sequence

from tests.chaos.catalogue import ROWS
from tests.chaos.report import line, table, write
from tests.chaos.row import Result, Row, played, stopped
from tests.chaos.suite import Suite
from tests.chaos.world import SET_UPS, World, opened


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100_000)
    parser.add_argument("--rows", default="", help="such as A1,B3 or A; all where it is left out")
    parser.add_argument("--set-up", choices=("sqlite", "postgres", "both"))
    parser.add_argument("--short", action="store_true", help="single shots, on SQLite")
    parser.add_argument("--write", action="store_true", help="put the table into the page")
    return parser.parse_args()


def chosen(names: str) -> list[Row]:
    """The rows of a list of names, or of the first letters of names."""
    asked = [name.strip() for name in names.split(",") if name.strip()]
    return [row for row in ROWS if not asked or row.name in asked or row.name[0] in asked]


async def run(rows: Sequence[Row], set_up: str, seed: int, *, short: bool) -> list[Result]:
    """Play the rows of one set-up, one after the other, and run the tests that show the rest."""
    mine = [row for row in rows if set_up in row.set_ups and (row.short or not short)]
    suite = Suite(mine, short=short)
    tests = asyncio.create_task(suite.run())
    results = []
    playing = [row for row in mine if row.play is not None]
    if playing:
        async with opened(set_up) as world:
            for row in playing:
                result = await tried(row, world, seed, short=short)
                if short and result.broken:
                    # A busy machine can be the cause; a fault of the gateway shows again.
                    say(f"{line(result)}\n{row.name} is played once more:")
                    result = await tried(row, world, seed, short=short, play=2)
                results.append(result)
                say(line(result))
    await tests
    return [*(suite.joined(result) for result in results), *suite.alone(set_up)]


async def tried(row: Row, world: World, seed: int, *, short: bool, play: int = 1) -> Result:
    """Play a row; what stops it is its result, and the rows after it are played."""
    try:
        return await played(row, world, seed, short=short, play=play)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told
        await world.heal()
        return stopped(row, world.set_up, error)


def say(text: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Play, print, and answer whether an invariant was broken."""
    given = arguments()
    asked = given.set_up or ("sqlite" if given.short else "both")
    set_ups = {"sqlite": SET_UPS[:1], "postgres": SET_UPS[1:], "both": SET_UPS}[asked]
    say(f"seed {given.seed}: make chaos SEED={given.seed} plays the same again")
    # The sandbox is cut off on purpose, and says so each time.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    results: list[Result] = []
    for set_up in set_ups:
        say(f"\n{set_up}")
        results += asyncio.run(run(chosen(given.rows), set_up, given.seed, short=given.short))
    text = table(results, given.seed)
    say(f"\n{text}")
    if given.write:
        write(text)
    broken = [result for result in results if result.broken]
    for result in broken:
        say(f"{result.set_up}: {line(result)}")
    say(f"{len(results) - len(broken)} of {len(results)} results held every invariant")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
