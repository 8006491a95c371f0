"""Shows results as lines, as the table of docs/scale.md, and as JSON."""

import dataclasses
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from bench.marked_page import write_between
from bench.scale.databases import DATABASES
from bench.scale.figures import Figure, Result

PAGE: Final = Path(__file__).parents[2] / "docs" / "scale.md"
BEGIN: Final = "<!-- measured: begin (make scale writes what follows) -->"
END: Final = "<!-- measured: end -->"
_NAMES: Final = {"sqlite": "SQLite", "postgres": "PostgreSQL"}


def lines(result: Result) -> str:
    """A result for a terminal."""
    head = f"{result.row.name}: {result.row.title} ({result.seconds:.0f} s)"
    if result.failed:
        return f"{head}\n  failed: {result.failed}"
    return "\n".join([head, *map(_line, result.figures)])


def _line(figure: Figure) -> str:
    verdict = {True: "held", False: "MISSED", None: ""}[figure.held]
    target = figure.target and f"(target {figure.target})"
    return f"  {figure.shown:>12}  {figure.what} {target} {verdict}".rstrip()


def table(results: Sequence[Result], costs: Mapping[str, Mapping[str, str]], about: str) -> str:
    """All results beside their targets; `costs` by name and database; `about` the run."""
    databases = [one for one in DATABASES if any(result.database == one for result in results)]
    names = " | ".join(_NAMES[one] for one in databases)
    rule = "---:|" * len(databases)
    parts = [
        about,
        "\n".join(
            [
                f"| | | before | target | {names} |",
                f"|---|---|---|---|{rule}",
                *itertools.chain.from_iterable(
                    _of_row([one for one in results if one.row.name == name], databases)
                    for name in dict.fromkeys(result.row.name for result in results)
                ),
            ]
        ),
        _missed(results),
    ]
    if costs:
        rows = [
            f"| {name} | {' | '.join(by.get(one, '–') for one in databases)} |"
            for name, by in costs.items()
        ]
        parts.append("\n".join([f"| what it costs | {names} |", f"|---|{rule}", *rows]))
    return "\n\n".join(parts)


def _of_row(results: Sequence[Result], databases: Sequence[str]) -> Iterator[str]:
    """The lines of one row: one for each figure that any database gave, and one if one failed."""
    title = results[0].row.title
    known = {(one.database, figure.what): figure for one in results for figure in one.figures}
    failed = {one.database: one.failed for one in results if one.failed}
    if failed:
        cells = [
            f"**failed: {_short(failed[one])}**" if one in failed else "–" for one in databases
        ]
        yield f"| {title} | | | | {' | '.join(cells)} |"
        title = ""
    for what in dict.fromkeys(what for _, what in known):
        figures = [known.get((database, what)) for database in databases]
        some = next(figure for figure in figures if figure is not None)
        cells = ["–" if figure is None else _cell(figure) for figure in figures]
        yield f"| {title} | {what} | {some.today} | {some.target} | {' | '.join(cells)} |"
        title = ""


def _cell(figure: Figure) -> str:
    return f"**{figure.shown}, missed**" if figure.held is False else figure.shown


def _short(words: str) -> str:
    return words.replace("|", "/").replace("\n", " ")[:120]


def _missed(results: Sequence[Result]) -> str:
    """How many targets were held, and why each of the others was not."""
    figures = [figure for result in results for figure in result.figures]
    bound = [figure for figure in figures if figure.held is not None]
    held = sum(figure.held is True for figure in bound)
    found = [f"{held} of {len(bound)} targets were met."]
    for result in results:
        where = f"{result.row.title}, {_NAMES[result.database]}"
        if result.failed:
            found.append(f"- {where}: the row failed: {_short(result.failed)}.")
        found += [
            f"- {where}: {figure.what}: {figure.shown} ({figure.target}). {_why(result)}"
            for figure in result.missed
        ]
    return "\n".join([found[0], "", *found[1:]]).strip()


def _why(result: Result) -> str:
    """What is known of the cause, and how busy the machine was."""
    known = f"{result.row.because} " if result.row.because else ""
    return (
        f"{known}The gateway took {result.core:.0%} of a core meanwhile,"
        f" all programs {result.share:.0%} of the processors."
    )


def as_json(results: Sequence[Result], costs: Mapping[str, Mapping[str, str]]) -> str:
    """All results, for programs."""
    found = [
        {
            "row": result.row.name,
            "database": result.database,
            "failed": result.failed or None,
            "seconds": round(result.seconds, 1),
            "processors": round(result.share, 2),
            "gateway": round(result.core, 2),
            "figures": [
                dataclasses.asdict(figure) | {"held": figure.held} for figure in result.figures
            ],
        }
        for result in results
    ]
    return json.dumps({"results": found, "costs": costs}, ensure_ascii=False, indent=1)


def write(text: str) -> None:
    """Put the table between the marks of the page.

    Raises:
        ValueError: the page has no such marks.
    """
    write_between(PAGE, BEGIN, END, text)
