"""Words that have no place in the project's files."""

import re
from pathlib import Path

import pytest

from tests.house.tree import files, text

#: This file has to spell what it looks for.
HERE = Path("tests/house/test_words.py")
#: Built from npm, with its licences, and compared by `make assets-check`.
BUILT = Path("gateway/static")

ANYWHERE = {
    "a package registry's host": (
        r"pypi\.org|pythonhosted\.org|npmjs\.(org|com)|npmmirror|debian\.org"
    ),
    "a path of one machine": r"(?<![\w.~$/])/(work|root|home|Users)/\w",
    "a merge conflict": r"^(<{7}|>{7}) ",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
}
IN_CODE = {
    "unfinished work": r"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedError",
    "an unnamed exception to the type checker": r"type: ignore(?!\[)",
    "an unnamed exception to the linter": r"# noqa(?!:)",
    "an exception to coverage": r"pragma: no cover",
    "an assertion of nothing": r"assert True\b",
    "history instead of a reason": r"#.*\b(used to be|previously|legacy code)\b",
}
LEFT_OUT = r"pytest\.skip\(|pytest\.importorskip|mark\.(skip|xfail)"
#: The one gate for what Python packages cannot bring.
GATE = Path("tests/conftest.py")


def found(pattern: str, paths: list[Path]) -> list[str]:
    """Answer where a pattern stands, as path:line."""
    expression = re.compile(pattern)
    return [
        f"{path}:{number}: {line.strip()[:80]}"
        for path in paths
        if path != HERE
        for number, line in enumerate((text(path) or "").splitlines(), start=1)
        if expression.search(line)
    ]


@pytest.mark.parametrize("what", ANYWHERE)
def test_no_file_holds(what: str) -> None:
    paths = [path for path in files() if not path.is_relative_to(BUILT)]

    assert found(ANYWHERE[what], paths) == []


@pytest.mark.parametrize("what", IN_CODE)
def test_no_code_holds(what: str) -> None:
    assert found(IN_CODE[what], files("*.py")) == []


def test_no_test_is_left_out_but_at_the_gate() -> None:
    assert found(LEFT_OUT, [path for path in files("tests/*.py") if path != GATE]) == []
