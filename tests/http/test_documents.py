"""The documents that are remembered."""

import gc
from contextlib import suppress
from sys import getsizeof

import pytest
from graphql import SourceLocation, build_schema

from gateway.errors import RateLimited
from gateway.http.documents import DocumentLimits, Documents
from gateway.http.field_prices import FieldPrices
from gateway.http.refusal import OperationRefused

SCHEMA = build_schema("type Query { a: String b(x: String): String }")


def documents(max_bytes: int = 1_000_000) -> Documents:
    """Documents with room for a few."""
    return Documents(
        SCHEMA,
        DocumentLimits(tokens=100, depth=5, aliases=5),
        FieldPrices(),
        max_bytes=max_bytes,
    )


def free(_points: int) -> None:
    """Take no points."""


def test_a_document_is_read_once() -> None:
    known = documents()

    assert known.get("{ a }", free) is known.get("{ a }", free)


def test_an_executor_may_keep_what_it_compiles_with_the_operation() -> None:
    known = documents()
    known.get("query Q { a }", free).operation("Q").plans["mine"] = 1

    assert known.get("query Q { a }", free).operation(None).plans == {"mine": 1}


def test_the_ones_not_asked_for_are_forgotten_first() -> None:
    known = documents(max_bytes=6_500)
    first, second = known.get("{ a }", free), known.get("{ b }", free)
    assert known.get("{ a }", free) is first

    known.get("{ a b }", free)

    assert known.get("{ a }", free) is first
    assert known.get("{ b }", free) is not second


def test_text_document_and_plans_are_counted_in_bytes() -> None:
    known = documents()
    assert known.bytes == 0

    operation = known.get("{ a }", free).operation(None)
    document = known.bytes
    known.get("{ a }" + " " * 40, free)
    with_spaces = known.bytes - document
    operation.grow(5_000)

    assert document == 1_000 + getsizeof("{ a }") + 3 * 450
    assert with_spaces == document + 40
    assert known.bytes == 2 * document + 40 + 5_000


def test_plans_that_take_too_much_evict_their_document() -> None:
    known = documents(max_bytes=10_000)
    document = known.get("{ a }", free)

    document.operation(None).grow(10_000)

    assert known.bytes == 0
    assert known.get("{ a }", free) is not document
    # It is no longer there, but may still be running.
    document.operation(None).grow(10_000)


def test_a_refusal_is_kept_as_text() -> None:
    known = documents()
    text = "{ " + " ".join(f"c{n}" for n in range(40)) + "}"

    with pytest.raises(OperationRefused) as refused:
        known.get(text, free)

    assert len(refused.value.errors) == 21
    for error in refused.value.errors:
        assert (error.nodes, error.source, error.__traceback__) == (None, None, None)
    assert refused.value.errors[0].locations == [SourceLocation(1, 3)]
    assert known.bytes < 25 * (1_000 + 200)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "query Q($v: String) { a b(x: $v) ...F } fragment F on Query { a }", id="valid"
        ),
        pytest.param("{ c a(x: 1) }", id="unknown"),
        pytest.param('{ b(x: 1) b(x: {y: "z"}) }', id="wrong values"),
        pytest.param("{ a: b a }", id="a conflict"),
        pytest.param("{ a ", id="unended"),
        pytest.param("{ " + "a " * 200 + "}", id="too many tokens"),
        pytest.param("{ " + "a " * 20 + "}", id="too many repeats"),
        pytest.param(
            "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", id="a cycle"
        ),
    ],
)
def test_nothing_is_left_to_the_garbage_collector(text: str) -> None:
    known = documents()
    for ready in ("{ a }", text):
        gc.collect()
        gc.freeze()
        gc.disable()
        try:
            with suppress(OperationRefused):
                known.get(ready, free)
            left = gc.collect()
        finally:
            gc.enable()

    # Printing a wrong value leaves two small buffers.
    assert left <= 4


def test_a_document_is_paid_for_before_it_is_parsed() -> None:
    known = documents()
    paid: list[int] = []
    texts = [
        "{ a }",
        "{ a }",
        "{ c }",
        "{ c }",
        "{",
        "{ " + "a " * 58 + "}",
        "{ " + "a " * 98 + "}",
    ]

    for text in texts:
        with suppress(OperationRefused):
            known.get(text, paid.append)

    assert paid == [1, 1, 1, 7, 11]


def test_who_cannot_pay_gets_nothing_parsed() -> None:
    known = documents()

    def pay(points: int) -> None:
        raise RateLimited(f"{points} points", retry_after=1)

    with pytest.raises(RateLimited, match="1 points"):
        known.get("{", pay)
    assert known.bytes == 0


def test_a_refusal_is_remembered_and_raised_anew() -> None:
    known = documents()
    refusals = []
    for _ in range(2):
        with pytest.raises(OperationRefused) as refused:
            known.get("{ c }", free)
        refusals.append(refused.value)

    assert refusals[0] is not refusals[1]
    assert refusals[0].errors is refusals[1].errors


def test_what_is_too_long_to_be_read_is_not_kept() -> None:
    known = documents()
    kept = known.get("{ a }", free)

    for n in range(20):
        with pytest.raises(OperationRefused, match="characters"):
            known.get("{ a }" + " " * (2_000 + n), free)

    assert known.get("{ a }", free) is kept


def test_definitions_that_cannot_be_executed_are_refused() -> None:
    with pytest.raises(OperationRefused, match="not executable"):
        documents().get("{ a } type Extra { a: String }", free)
