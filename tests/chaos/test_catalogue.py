"""The catalogue is whole, and every test that it or docs/guarantees.md names exists."""

import ast
import re
from functools import cache

import pytest

from tests.chaos.catalogue import ROWS
from tests.chaos.report import BEGIN, END, PAGE
from tests.house.tree import ROOT

#: How many rows each letter of the catalogue has.
LETTERS = {"A": 13, "B": 6, "C": 5, "D": 5, "E": 5, "F": 8}
NAMED = re.compile(r"tests/[\w/]+\.py(?:::\w+)?")


@cache
def functions(path: str) -> frozenset[str]:
    """The test functions of a file; none where there is no such file."""
    file = ROOT / path
    if not file.exists():
        return frozenset()
    tree = ast.parse(file.read_text())
    known = (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(node.name for node in known)


def missing(named: list[str]) -> list[str]:
    """Which of these tests do not exist."""
    found = [(name, *name.partition("::")[::2]) for name in named]
    return [
        name
        for name, path, function in found
        if not functions(path) or (function and function not in functions(path))
    ]


def test_every_row_of_the_catalogue_is_there() -> None:
    wanted = [f"{letter}{n}" for letter, count in LETTERS.items() for n in range(1, count + 1)]

    assert [row.name for row in ROWS] == wanted


def test_what_is_not_played_has_tests_and_a_reason() -> None:
    assert [row.name for row in ROWS if row.play is None and not (row.tests and row.because)] == []


def test_every_test_that_a_row_names_exists() -> None:
    assert missing([test for row in ROWS for test in row.tests]) == []


def test_the_tests_of_the_rows_are_run_by_make_test() -> None:
    files = {test.partition("::")[0] for row in ROWS for test in row.tests}

    assert [file for file in sorted(files) if "mark.long" in (ROOT / file).read_text()] == []


def test_every_test_that_the_page_names_exists() -> None:
    assert missing(NAMED.findall(PAGE.read_text())) == []


def test_every_guarantee_names_its_test() -> None:
    text = PAGE.read_text().partition(BEGIN)[0]
    sentences = re.findall(r"^- .*(?:\n  .*)*", text, re.MULTILINE)

    assert len(sentences) > 20
    assert [one for one in sentences if not NAMED.search(one) and "row " not in one] == []


def test_the_page_has_a_place_for_the_figures() -> None:
    assert PAGE.read_text().count(BEGIN) == PAGE.read_text().count(END) == 1


@pytest.mark.parametrize("named", ["tests/chaos/none.py", f"{__name__}::test_none"])
def test_a_test_that_does_not_exist_is_found(named: str) -> None:
    assert missing([named.replace(".", "/", 2)]) == [named.replace(".", "/", 2)]
