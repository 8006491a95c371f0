"""No test fails because a machine is slow: none compares time that passed with an upper bound."""

import ast
from collections.abc import Callable, Iterator

import pytest

from tests.house.tree import ROOT, files

#: Functions that read a clock, by their last name; time of the processor is none of them.
CLOCKS = {"monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "time"}
#: What measured time is called here.
ELAPSED = {"elapsed", "took"}
#: What takes `timeout=` to wait for another, by its last name; what is tried itself may be short.
WAITS = {"AsyncClient", "Client", "communicate", "get", "post", "request", "result", "run", "wait"}
#: Seconds; a timeout of as many ends what hangs, a shorter one what is slow.
GENEROUS = 30


def last_name(function: ast.expr) -> str:
    """What is called: `timeout` of `asyncio.timeout`."""
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def reads_clock(node: ast.expr, measured: set[str]) -> bool:
    """Whether an expression asks a clock, or names what was measured by one."""
    for each in ast.walk(node):
        if isinstance(each, ast.Call) and last_name(each.func) in CLOCKS:
            return True
        if isinstance(each, ast.Name) and each.id in measured | ELAPSED:
            return True
        if isinstance(each, ast.Attribute) and each.attr in ELAPSED:
            return True
    return False


def measured_in(function: ast.AST) -> set[str]:
    """The names that are given a difference of times, as in `x = monotonic() - began`."""
    return {
        target.id
        for each in ast.walk(function)
        if isinstance(each, ast.Assign) and isinstance(each.value, ast.BinOp)
        if isinstance(each.value.op, ast.Sub) and reads_clock(each.value, set())
        for target in each.targets
        if isinstance(target, ast.Name)
    }


def upper_bounds(tree: ast.AST) -> Iterator[int]:
    """The lines on which a clock's time stands on the smaller side of a comparison."""
    measured = measured_in(tree)
    for each in ast.walk(tree):
        if not isinstance(each, ast.Compare):
            continue
        sides = [each.left, *each.comparators]
        for operator, left, right in zip(each.ops, sides, sides[1:], strict=False):
            smaller = left if isinstance(operator, ast.Lt | ast.LtE) else right
            ordered = isinstance(operator, ast.Lt | ast.LtE | ast.Gt | ast.GtE)
            if ordered and reads_clock(smaller, measured):
                yield each.lineno


def short_timeouts(tree: ast.Module) -> Iterator[int]:
    """The lines that give up before long, but for what is expected to: `with pytest.raises`."""
    expected = {
        id(inner)
        for each in ast.walk(tree)
        if isinstance(each, ast.With | ast.AsyncWith)
        if any("pytest.raises" in ast.unparse(item) for item in each.items)
        for inner in ast.walk(each)
    }
    for each in ast.walk(tree):
        if isinstance(each, ast.Call) and id(each) not in expected:
            waits = last_name(each.func) in WAITS
            given = [word.value for word in each.keywords if waits and word.arg == "timeout"]
            if last_name(each.func) in {"timeout", "wait_for"}:
                given += each.args[-1:]
            seconds = [one.value for one in given if isinstance(one, ast.Constant)]
            if any(isinstance(one, int | float) and one < GENEROUS for one in seconds):
                yield each.lineno


@pytest.mark.parametrize("find", [upper_bounds, short_timeouts])
def test_no_test_is_bound_by_a_clock(find: Callable[[ast.Module], Iterator[int]]) -> None:
    found = [
        f"{path}:{line}"
        for path in files("tests/*.py")
        for line in find(ast.parse((ROOT / path).read_text()))
    ]

    assert found == []


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("began = monotonic()\nassert monotonic() - began < 5", [2]),
        ("took = time.time() - began\nassert 0.2 < took < 5", [2]),
        ("left = loop.time() - began\nassert 5 > left", [2]),
        ("assert measured.elapsed <= 2", [1]),
        ("assert time.monotonic() - began >= 5", []),
        ("assert 0.2 <= measured.elapsed", []),
        ("assert len(answers) < 5", []),
    ],
)
def test_an_upper_bound_is_found(text: str, lines: list[int]) -> None:
    assert list(upper_bounds(ast.parse(text))) == lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("async with asyncio.timeout(5): pass", [1]),
        ("await asyncio.wait_for(answer, 5)", [1]),
        ("httpx.Client(timeout=0.5)", [1]),
        ("httpx.Client(timeout=60)", []),
        ("asyncio.timeout(limit)", []),
        ("Readiness(checks, timeout=0.05)", []),
        ("with pytest.raises(TimeoutError):\n    await asyncio.wait_for(answer, 0.2)", []),
    ],
)
def test_a_short_timeout_is_found(text: str, lines: list[int]) -> None:
    assert list(short_timeouts(ast.parse(text))) == lines
