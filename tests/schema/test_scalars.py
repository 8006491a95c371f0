"""How scalars of the public schema are parsed."""

from datetime import UTC, datetime
from typing import cast

import pytest
from graphql import GraphQLScalarType

from resolvers.schema import executable


@pytest.fixture(scope="module")
def date_time() -> GraphQLScalarType:
    return cast(GraphQLScalarType, executable().type_map["DateTime"])


def test_a_time_with_an_offset_becomes_utc(date_time: GraphQLScalarType) -> None:
    read = date_time.parse_value("2026-01-31T08:00:00+08:00")

    assert read == datetime(2026, 1, 31, tzinfo=UTC)
    assert read.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        (0, "must be a string such as"),
        ("yesterday", "must be in ISO 8601"),
        ("2026-02-30T00:00:00Z", "must be in ISO 8601"),
        ("2026-01-31T08:00:00", "must include an offset"),
        ("2026-01-31", "must include an offset"),
        ("0001-01-01T00:00:00+10:00", "must be in the years 1 to 9999"),
        ("9999-12-31T23:59:59-01:00", "must be in the years 1 to 9999"),
    ],
)
def test_any_other_time_is_refused_in_words(
    date_time: GraphQLScalarType, text: object, refusal: str
) -> None:
    with pytest.raises(ValueError, match=refusal):
        date_time.parse_value(text)
