"""Writes the results as a table, and puts it between the marks of docs/guarantees.md."""

from collections.abc import Sequence
from pathlib import Path

from bench.marked_page import write_between
from tests.chaos.row import Result
from tests.chaos.world import SET_UPS

PAGE = Path(__file__).parents[2] / "docs" / "guarantees.md"
BEGIN, END = "<!-- chaos: begin -->", "<!-- chaos: end -->"


def line(result: Result) -> str:
    """One result on one line, and what was broken below it."""
    held = f"{len(result.looked_at) - len(result.broken)} of {len(result.looked_at)} held"
    lines = [f"{result.row.name:<4} {held:<15} {result.figures}"]
    for name, words in result.broken.items():
        lines += [f"       {name} BROKEN: {word}" for word in words[:3]]
    return "\n".join(lines)


def verdict(results: Sequence[Result]) -> str:
    """What a cell of the table says: what was held, or what was broken."""
    if not results:
        return "does not apply"
    (result,) = results
    if result.broken:
        return "BROKEN: " + ", ".join(result.broken)
    if "I1" not in result.looked_at:
        return "held (its tests)"
    return "held" if "tests" not in result.looked_at else "held, and its tests"


def table(results: Sequence[Result], seed: int) -> str:
    """All results, a row a line, a set-up a column."""
    set_ups = [known for known in SET_UPS if any(one.set_up == known for one in results)]
    lines = [
        f"Seed {seed}.",
        "",
        f"| row | what is done | {' | '.join(set_ups)} | figures |",
        f"|---|---|{'---|' * len(set_ups)}---|",
    ]
    known = {result.row.name: result.row for result in results}
    for name in sorted(known, key=lambda name: (name[0], int(name[1:]))):
        mine = [result for result in results if result.row.name == name]
        cells = [verdict([one for one in mine if one.set_up == set_up]) for set_up in set_ups]
        figures = "; ".join(dict.fromkeys(one.figures for one in mine))
        fault = known[name].fault
        if known[name].because:
            fault += f" ({known[name].because})"
        lines.append(f"| {name} | {fault} | {' | '.join(cells)} | {figures} |")
    return "\n".join(lines)


def write(text: str) -> None:
    """Put the text between the marks of the page.

    Raises:
        ValueError: the page has no such marks.
    """
    write_between(PAGE, BEGIN, END, text)
