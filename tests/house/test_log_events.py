"""Log events have a dotted key that an alert can name, used in one place, and a sentence."""

import ast
import re
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.house.tree import ROOT

#: Rooms whose events have keys.
ROOMS = ("ledger", "outbox", "ports", "services", "store")
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
KEY = re.compile(r"[a-z_]+(\.[a-z_]+){2,}")


def events(room: str) -> Iterator[tuple[str, ast.Call]]:
    for path in sorted((ROOT / "gateway" / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in LEVELS
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "_log"
            ):
                yield f"{path.name}:{node.lineno}", node


def key_of(call: ast.Call) -> str:
    (first,) = call.args
    assert isinstance(first, ast.Constant)
    assert isinstance(first.value, str)
    return first.value


@pytest.mark.parametrize("room", ROOMS)
def test_an_event_has_a_key_and_a_sentence(room: str) -> None:
    for where, call in events(room):
        assert KEY.fullmatch(key_of(call)), where
        assert "message" in {word.arg for word in call.keywords}, where


def test_a_key_is_used_in_one_place() -> None:
    keys = Counter(key_of(call) for room in ROOMS for _, call in events(room))

    assert len(keys) >= 9
    assert [key for key, times in keys.items() if times > 1] == []
