"""Measures the gateway beside what a user would take instead, on the same platform.

    python -m bench.run [--short] [--only live,kept,alone] [--write | --no-write]

The platform and each server are processes of their own; where the machine allows it, servers run
on one core, the platform and the load on another. A run begins only when its server is idle. The
full form writes its figures into docs/performance.md; the short one prints them.
"""

import argparse
import asyncio
import gc
import sys
from collections.abc import Callable

import uvloop

from bench import alone, report, tails
from bench.compare import Compared, compare
from bench.processes import OTHER_CORE, Neighbours, pin
from bench.stage import Platform, platform
from bench.variants import KEPT, LIVE, MERCURIUS, UNSHARED, Variant, has_mercurius

_PARTS = ("live", "kept", "alone")


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--short", action="store_true", help="two rounds of a second; no file")
    parser.add_argument("--only", default=",".join(_PARTS), help="which parts")
    parser.add_argument("--variants", default="", help="only those whose name has this in it")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float)
    parser.add_argument(
        "--write",
        action=argparse.BooleanOptionalAction,
        help="put the figures into docs/performance.md (default: unless --short)",
    )
    arguments = parser.parse_args()
    arguments.rounds = arguments.rounds or (2 if arguments.short else 5)
    arguments.seconds = arguments.seconds or (1.0 if arguments.short else 3.0)
    if arguments.write is None:
        arguments.write = not arguments.short
    return arguments


def _variants(all_of: tuple[Variant, ...], chosen: str) -> list[Variant]:
    """The first is always there: the others are measured against it."""
    there = [one for one in all_of if one.name != MERCURIUS or has_mercurius()]
    return [one for one in there if one is there[0] or chosen in one.name]


def _compared(arguments: argparse.Namespace, stage: Platform) -> list[str]:
    texts: list[str] = []
    found: dict[str, Compared] = {}
    for part, title, all_of in (
        ("live", "### Platform asked each time", LIVE),
        ("kept", "### Platform answers kept in the process", KEPT),
    ):
        if part in arguments.only:
            variants = _variants(all_of, arguments.variants)
            found[part] = compare(
                variants, stage, rounds=arguments.rounds, seconds=arguments.seconds
            )
            texts += [title, report.side_by_side(variants, found[part])]
    if "live" in found and not arguments.variants:
        table = report.against_targets(found["live"], found.get("kept"), UNSHARED)
        texts = ["### Against the targets", table, *texts]
    _say(texts)
    return texts


def _say(texts: list[str]) -> None:
    """Show what is known already: the rest takes minutes."""
    sys.stdout.write("\n\n".join(texts) + "\n\n")
    sys.stdout.flush()


def _alone(arguments: argparse.Namespace, stage: Platform) -> list[str]:
    seconds = arguments.seconds
    first, last = (1_000, 10_000) if arguments.short else (10_000, 100_000)
    parts: tuple[Callable[[], str], ...] = (
        lambda: report.calls_table(alone.calls_a_request(stage)),
        lambda: report.tails_table(
            tails.tails(stage, rounds=arguments.rounds, seconds=seconds),
            tails.unevenness(10 * seconds),
        ),
        lambda: report.memory_line(alone.memory(stage, first, last), first, last),
        lambda: report.workers_table(alone.workers(stage, seconds)),
        lambda: report.lengths_table(alone.lengths(seconds)),
    )
    texts = ["### The gateway alone, default lifetimes"]
    for part in parts:
        texts.append(part())
        _say(texts[-1:])
    return texts


def main() -> None:
    """Measure, and write or print."""
    arguments = _parsed()
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    gc.set_threshold(50_000, 20, 100)
    pin(OTHER_CORE)
    neighbours = Neighbours()
    texts = []
    if not has_mercurius():
        texts.append("Mercurius is left out: the packages of bench/js are not installed.")
    with platform() as stage:
        if {"live", "kept"} & set(arguments.only.split(",")):
            texts += _compared(arguments, stage)
        if "alone" in arguments.only:
            texts += _alone(arguments, stage)
    conditions = report.conditions(arguments.rounds, arguments.seconds, neighbours.share())
    _say([conditions])
    if arguments.write:
        report.write("\n\n".join([conditions, *texts]))


if __name__ == "__main__":
    main()
