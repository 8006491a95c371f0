"""What `make scale` shows: its page has a place for the table, and misses are not hidden."""

import json
import re
from pathlib import Path

import pytest

from bench.scale.catalogue import ROWS
from bench.scale.figures import Figure, Result, Row
from bench.scale.ledger_rows import Size
from bench.scale.report import BEGIN, END, PAGE, as_json, lines, table, write
from bench.scale.run import chosen
from bench.scale.stage import Stage


async def nothing(_: Stage) -> list[Figure]:
    """Measure nothing."""
    return []


ROW = Row(name="paging", title="a page at depth", measure=nothing, because="It is far away.")
FAST = Figure(what="median", value=12.34, unit="ms", today="520 ms", most=100)
SLOW = Figure(what="median", value=1_234, unit="ms", today="520 ms", most=100)
RATE = Figure(what="orders", value=1_500.4, unit="/s", least=1_000)
SIZE = Size(orders=1_000, waiting=10)
TWICE = Figure(what="sent twice", value=0, most=0, exact=True)


def test_the_page_has_a_place_for_the_table() -> None:
    text = PAGE.read_text()

    assert [text.count(mark) for mark in (BEGIN, END)] == [1, 1]


def test_rows_are_named_and_chosen_by_name() -> None:
    names = [row.name for row in ROWS]

    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch(r"[a-z][a-z-]*", name)] == []
    assert [row.name for row in chosen("paging, drain", short=True)] == ["paging", "drain"]
    assert [row.name for row in chosen("", short=False)] == names
    with pytest.raises(SystemExit, match="there is no row none; there are start, "):
        chosen("none", short=False)


def test_the_table_has_a_column_for_each_database() -> None:
    results = [
        Result(row=ROW, database="sqlite", figures=[FAST, RATE, TWICE]),
        Result(row=ROW, database="postgres", figures=[SLOW, RATE, TWICE], share=0.5, core=0.9),
    ]

    assert table(results, {"disk, GiB": {"sqlite": "4.4"}}, "Today.") == (
        "Today.\n"
        "\n"
        "| | | before | target | SQLite | PostgreSQL |\n"
        "|---|---|---|---|---:|---:|\n"
        "| a page at depth | median | 520 ms | ≤ 100 ms | 12.3 ms | **1,234 ms, missed** |\n"
        "|  | orders |  | ≥ 1,000/s | 1,500/s | 1,500/s |\n"
        "|  | sent twice |  | none | 0 | 0 |\n"
        "\n"
        "5 of 6 targets were met.\n"
        "\n"
        "- a page at depth, PostgreSQL: median: 1,234 ms (≤ 100 ms). It is far away. The gateway"
        " took 90% of a core meanwhile, all programs 50% of the processors.\n"
        "\n"
        "| what it costs | SQLite | PostgreSQL |\n"
        "|---|---:|---:|\n"
        "| disk, GiB | 4.4 | – |"
    )


def test_a_row_that_failed_stands_beside_the_others() -> None:
    results = [
        Result(row=ROW, database="sqlite", figures=[TWICE]),
        Result(row=ROW, database="postgres", failed="RuntimeError: a | b"),
    ]

    shown = table(results, {}, "Today.")

    assert "| a page at depth | | | | – | **failed: RuntimeError: a / b** |\n" in shown
    assert "|  | sent twice |  | none | 0 | – |\n" in shown
    assert "1 of 1 targets were met." in shown
    assert "- a page at depth, PostgreSQL: the row failed: RuntimeError: a / b." in shown


def test_a_result_is_shown_in_lines_and_as_json() -> None:
    result = Result(row=ROW, database="sqlite", figures=[SLOW, TWICE], seconds=3.4, share=0.25)

    assert lines(result) == (
        "paging: a page at depth (3 s)\n"
        "      1,234 ms  median (target ≤ 100 ms) MISSED\n"
        "             0  sent twice (target none) held"
    )
    (found,) = json.loads(as_json([result], {}, SIZE))["results"]
    assert found["processors"] == 0.25
    assert [(one["value"], one["held"]) for one in found["figures"]] == [(1_234, False), (0, True)]


def test_what_is_measured_again_takes_its_place_beside_what_was_measured_before(
    tmp_path: Path,
) -> None:
    page, kept = tmp_path / "scale.md", tmp_path / "scale.json"
    page.write_text(f"# Scale\n\n{BEGIN}\n\nnothing\n\n{END}\n")
    start, paging = (next(row for row in ROWS if row.name == name) for name in ("start", "paging"))

    def put(row: Row, figure: Figure, date: str, size: Size = SIZE) -> str:
        result = Result(row=row, database="sqlite", figures=[figure], date=date)
        write([result], {"disk": {"sqlite": "1"}}, size, "two cores", page, kept)
        return page.read_text()

    put(paging, SLOW, "2026-01-01")
    put(start, RATE, "2026-01-02")
    both = put(paging, FAST, "2026-01-03")
    other = put(start, RATE, "2026-01-04", Size(orders=2_000, waiting=10))

    assert "2026-01-02 to 2026-01-03, two cores" in both
    assert both.index(start.title) < both.index(paging.title)
    assert (both.count("12.3 ms"), both.count("1,234 ms"), both.count("1,500/s")) == (1, 0, 1)
    # Rows of another size are not comparable.
    assert paging.title not in other
