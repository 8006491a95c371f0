"""Log events have a dotted key that an alert can name, used in one place, and a sentence."""

import ast
import re
from collections import Counter
from collections.abc import Iterator

from tests.house.tree import ROOT, files

LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
KEY = re.compile(r"[a-z_]+(\.[a-z_]+){2,}")


def trees() -> Iterator[tuple[str, ast.Module]]:
    for path in files("gateway/*.py", "schema/*.py", "resolvers/*.py"):
        yield str(path), ast.parse((ROOT / path).read_text())


def events() -> Iterator[tuple[str, ast.Call]]:
    for path, tree in trees():
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in LEVELS
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "_log"
            ):
                yield f"{path}:{node.lineno}", node


def key_of(call: ast.Call) -> str:
    (first,) = call.args
    assert isinstance(first, ast.Constant)
    assert isinstance(first.value, str)
    return first.value


def test_an_event_has_a_key_and_a_sentence() -> None:
    for where, call in events():
        assert KEY.fullmatch(key_of(call)), where
        assert "message" in {word.arg for word in call.keywords}, where


def test_a_key_is_used_in_one_place() -> None:
    keys = Counter(key_of(call) for _, call in events())

    assert len(keys) >= 30
    assert [key for key, times in keys.items() if times > 1] == []


def test_a_logger_is_called_log_so_that_its_events_are_found() -> None:
    named = []
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and ast.unparse(node.value).endswith(
                "get_logger(__name__)"
            ):
                named += [(path, ast.unparse(target)) for target in node.targets]

    assert [(path, name) for path, name in named if name != "_log"] == []
    assert len(named) >= 15


def test_every_event_that_the_operations_page_names_is_logged() -> None:
    page = (ROOT / "docs/operations.md").read_text()
    named = set(re.findall(r"^\| `([a-z_.]+)` \| (?:info|warning|error) \|", page, re.MULTILINE))

    assert len(named) >= 20
    assert named - {key_of(call) for _, call in events()} == set()
