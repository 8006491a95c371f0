"""The documents that are remembered."""

import pytest
from graphql import build_schema

from gateway.http.documents import DocumentLimits, Documents
from gateway.http.field_prices import FieldPrices
from gateway.http.refusal import OperationRefused

SCHEMA = build_schema("type Query { a: String b: String }")


def documents(remembered: int = 10, remembered_characters: int = 1_000) -> Documents:
    """Documents with room for a few."""
    return Documents(
        SCHEMA,
        DocumentLimits(tokens=100, depth=5, aliases=5),
        FieldPrices(),
        remembered=remembered,
        remembered_characters=remembered_characters,
    )


def test_a_document_is_read_once() -> None:
    known = documents()

    assert known.get("{ a }") is known.get("{ a }")


def test_an_executor_may_keep_what_it_compiles_with_the_operation() -> None:
    known = documents()
    known.get("query Q { a }").operation("Q").plans["mine"] = 1

    assert known.get("query Q { a }").operation(None).plans == {"mine": 1}


def test_the_ones_not_asked_for_are_forgotten_first() -> None:
    known = documents(remembered=2)
    first, second = known.get("{ a }"), known.get("{ b }")
    assert known.get("{ a }") is first

    known.get("{ a b }")

    assert known.get("{ a }") is first
    assert known.get("{ b }") is not second


def test_their_text_is_counted_too() -> None:
    known = documents(remembered_characters=20)
    first = known.get("{ a }")

    known.get("{ a b a b }")
    assert known.get("{ a }") is first
    known.get("{ b a b }")

    assert known.get("{ a }") is first
    known.get("{ b }     ,,,,,,,,,")
    assert known.get("{ a }") is not first


def test_a_refusal_is_remembered_and_raised_anew() -> None:
    known = documents()
    refusals = []
    for _ in range(2):
        with pytest.raises(OperationRefused) as refused:
            known.get("{ c }")
        refusals.append(refused.value)

    assert refusals[0] is not refusals[1]
    assert refusals[0].errors is refusals[1].errors


def test_what_is_too_long_to_be_read_is_not_kept() -> None:
    known = documents(remembered_characters=10_000)
    kept = known.get("{ a }")

    for n in range(20):
        with pytest.raises(OperationRefused, match="characters"):
            known.get("{ a }" + " " * (2_000 + n))

    assert known.get("{ a }") is kept


def test_definitions_that_cannot_be_executed_are_refused() -> None:
    with pytest.raises(OperationRefused, match="not executable"):
        documents().get("{ a } type Extra { a: String }")
