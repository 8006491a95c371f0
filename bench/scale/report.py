"""Shows results as lines, as the table of docs/scale.md, and as JSON."""

import dataclasses
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from bench.marked_page import write_between
from bench.scale.catalogue import ROWS
from bench.scale.databases import DATABASES
from bench.scale.figures import Figure, Result, Row
from bench.scale.ledger_rows import Size

#: What a million orders and a thousand followers cost, in words, by name and database.
Costs = Mapping[str, Mapping[str, str]]
#: The results of the page.
KEPT: Final = Path(__file__).parents[2] / "docs" / "scale.json"
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


def table(results: Sequence[Result], costs: Costs, about: str) -> str:
    """All results beside their targets; `costs` by name and database; `about` the run."""
    databases = [one for one in DATABASES if any(result.database == one for result in results)]
    names = " | ".join(_NAMES[one] for one in databases)
    if dates := sorted({result.date for result in results if result.date}):
        about = f"{' to '.join(dict.fromkeys((dates[0], dates[-1])))}, {about}"
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


def as_json(results: Sequence[Result], costs: Costs, size: Size) -> str:
    """All results at a size, for programs."""
    found = [
        {
            "row": result.row.name,
            "database": result.database,
            "date": result.date,
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
    told = {"size": dataclasses.asdict(size), "results": found, "costs": costs}
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def write(
    results: Sequence[Result],
    costs: Costs,
    size: Size,
    about: str,
    page: Path = PAGE,
    kept: Path = KEPT,
) -> None:
    """Put results into the page, and beside it for the next run; those of other rows stay.

    Rows are measured one by one, or on one database: the page has the last of each, as long as
    they were measured at the same size.

    Raises:
        ValueError: the page has no marks between which the table stands.
    """
    known, spent = _kept(size, kept)
    by_row = {(one.row.name, one.database): one for one in [*known, *results]}
    whole = [
        by_row[row.name, one] for row in ROWS for one in DATABASES if (row.name, one) in by_row
    ]
    for name, by in costs.items():
        spent[name] = {**spent.get(name, {}), **by}
    kept.write_text(as_json(whole, spent, size), encoding="utf-8")
    write_between(page, BEGIN, END, table(whole, spent, about))


def _kept(size: Size, kept: Path) -> tuple[list[Result], dict[str, Mapping[str, str]]]:
    """What earlier runs at this size found."""
    if not kept.exists():
        return [], {}
    told = json.loads(kept.read_text(encoding="utf-8"))
    if told["size"] != dataclasses.asdict(size):
        return [], {}
    rows = {row.name: row for row in ROWS}
    return [_read(rows[one["row"]], one) for one in told["results"] if one["row"] in rows], told[
        "costs"
    ]


def _read(row: Row, told: Mapping[str, Any]) -> Result:
    figures = [
        Figure(**{name: value for name, value in one.items() if name != "held"})
        for one in told["figures"]
    ]
    return Result(
        row=row,
        database=told["database"],
        date=told["date"],
        figures=figures,
        failed=told["failed"] or "",
        seconds=told["seconds"],
        share=told["processors"],
        core=told["gateway"],
    )
