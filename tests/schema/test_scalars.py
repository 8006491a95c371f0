"""How scalars of the public schema are parsed: variables and literals, by both executors."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest
import strawberry
from graphql import parse
from graphql.execution.values import VariableValues, get_variable_values
from strawberry.schema.config import StrawberryConfig

from schema.scalars import SCALARS, BigInt, DateTime
from tests.executor.both import Asked, Given, asked, executors


@strawberry.input
class Values:
    date_time: DateTime | None = None
    decimal: Decimal | None = None
    big_int: BigInt | None = None


@strawberry.type
class Query:
    @strawberry.field
    def date_time(self, value: DateTime) -> str:
        assert value.tzinfo is UTC
        return str(value)

    @strawberry.field
    def decimal(self, value: Decimal) -> str:
        return repr(value)

    @strawberry.field
    def big_int(self, value: BigInt) -> str:
        return repr(value)

    @strawberry.field
    def inside(self, value: list[Values]) -> str:
        return " ".join(
            str(member)
            for each in value
            for member in (each.date_time, each.decimal, each.big_int)
            if member is not None
        )


SCHEMA = strawberry.Schema(Query, config=StrawberryConfig(scalar_map=SCALARS))
CORE = SCHEMA._schema  # noqa: SLF001 - Strawberry offers graphql-core's schema no other way

READ: dict[str, list[tuple[str, str]]] = {
    "dateTime": [
        ('"2026-01-31T08:00:00+08:00"', "2026-01-31 00:00:00+00:00"),
        ('"2026-01-31T08:00:00Z"', "2026-01-31 08:00:00+00:00"),
        ('"2026-01-31t08:00:00z"', "2026-01-31 08:00:00+00:00"),
        ('"2026-01-31t08:00:00-09:30"', "2026-01-31 17:30:00+00:00"),
        ('"2026-01-31T08:00:00-00:00"', "2026-01-31 08:00:00+00:00"),
        ('"2024-02-29T23:59:59+23:59"', "2024-02-29 00:00:59+00:00"),
        ('"2026-01-31T08:00:00.5Z"', "2026-01-31 08:00:00.500000+00:00"),
        ('"2026-01-31T08:00:00.108Z"', "2026-01-31 08:00:00.108000+00:00"),
        ('"2026-01-31T08:00:00.123456+08:00"', "2026-01-31 00:00:00.123456+00:00"),
        ('"2026-01-31T08:00:00.123456000Z"', "2026-01-31 08:00:00.123456+00:00"),
        ('"0001-01-01T00:00:00Z"', "0001-01-01 00:00:00+00:00"),
        ('"9999-12-31T23:59:59Z"', "9999-12-31 23:59:59+00:00"),
    ],
    "decimal": [
        ('"12.34"', "Decimal('12.34')"),
        ('"0.10"', "Decimal('0.10')"),
        ('"-0.5"', "Decimal('-0.5')"),
        ('"1195"', "Decimal('1195')"),
        ('"1.195e3"', "Decimal('1195')"),
        ('"0.12345678901234567890123456789012345"', f"Decimal('0.{'1234567890' * 3}12345')"),
        ("12", "Decimal('12')"),
        ("12.34", "Decimal('12.34')"),
        ("1195.0", "Decimal('1195.0')"),
        ("-0.1", "Decimal('-0.1')"),
        ("99999999999.99", "Decimal('99999999999.99')"),
    ],
    "bigInt": [
        ("0", "0"),
        ("-1195", "-1195"),
        ("1195.0", "1195"),
        ("-3.0", "-3"),
        ("1.2e3", "1200"),
        ("9223372036854775807", "9223372036854775807"),
        ("-9223372036854775808", "-9223372036854775808"),
    ],
}

_STRING = "must be a string such as"
_FORM = "must be as in RFC 3339"
_NUMBER = "must be written as JSON writes numbers"
_INTEGER = "must be an integer of at most 64 bits"
REFUSED: dict[str, list[tuple[str, str]]] = {
    "dateTime": [
        ("0", _STRING),
        ("true", _STRING),
        ('""', _FORM),
        ('"yesterday"', _FORM),
        ('"2026-01-31"', _FORM),
        ('"2026-01-31 08:00:00Z"', _FORM),
        ('"2026-01-31_08:00:00Z"', _FORM),
        ('"2026-01-31x08:00:00Z"', _FORM),
        ('"2026-01-31T08:00Z"', _FORM),
        ('"2026-01-31T08Z"', _FORM),
        ('"20260131T080000Z"', _FORM),
        ('"2026-W05-6T08:00:00Z"', _FORM),
        ('"2026-01-31T08:00:00,5Z"', _FORM),
        ('"2026-01-31T08:00:00.Z"', _FORM),
        ('"2026-01-31T08:00:00.1234567890Z"', _FORM),
        ('"2026-01-31T08:00:00+08"', _FORM),
        ('"2026-01-31T08:00:00+0800"', _FORM),
        ('"2026-01-31T08:00:00+08:00:30"', _FORM),
        ('"2026-01-31T08:00:00+24:00"', _FORM),
        ('"2026-01-31T08:00:00+08:60"', _FORM),
        ('"2026-01-31T08:00:00 UTC"', _FORM),
        ('" 2026-01-31T08:00:00Z"', _FORM),
        ('"2026-01-31T08:00:00Z\\n"', _FORM),
        ('"２０２６-01-31T08:00:00Z"', _FORM),
        ('"+2026-01-31T08:00:00Z"', _FORM),
        ('"2026-01-31T08:00:00"', "must include an offset"),
        ('"2026-01-31T08:00:00.5"', "must include an offset"),
        ('"2026-01-31T08:00:00.1234567Z"', "in microseconds at the finest"),
        ('"2026-02-30T00:00:00Z"', "a day and a time that exist"),
        ('"2026-13-01T00:00:00Z"', "a day and a time that exist"),
        ('"2026-01-31T24:00:00Z"', "a day and a time that exist"),
        ('"2026-01-31T08:60:00Z"', "a day and a time that exist"),
        ('"2026-01-31T08:00:60Z"', "a day and a time that exist"),
        ('"0000-01-01T00:00:00Z"', "a day and a time that exist"),
        ('"0001-01-01T00:00:00+10:00"', "must be in the years 1 to 9999"),
        ('"9999-12-31T23:59:59-01:00"', "must be in the years 1 to 9999"),
    ],
    "decimal": [
        ("true", "must be a number such as"),
        ("[1]", "must be a number such as"),
        ('""', _NUMBER),
        ('"1_1.95"', _NUMBER),
        ('"11,95"', _NUMBER),
        ('"1 195"', _NUMBER),
        ('" 11.95"', _NUMBER),
        ('"11.95\\n"', _NUMBER),
        ('"+11.95"', _NUMBER),
        ('"--1"', _NUMBER),
        ('".5"', _NUMBER),
        ('"5."', _NUMBER),
        ('"007"', _NUMBER),
        ('"1e"', _NUMBER),
        ('"0x10"', _NUMBER),
        ('"１２"', _NUMBER),
        ('"NaN"', _NUMBER),
        ('"sNaN"', _NUMBER),
        ('"Infinity"', _NUMBER),
        ('"¥12"', _NUMBER),
        (f'"1e{"9" * 30}"', "too large an exponent"),
    ],
    "bigInt": [
        ("true", _INTEGER),
        ('"1195"', _INTEGER),
        ("1195.5", _INTEGER),
        ("0.1", _INTEGER),
        ("1e-3", _INTEGER),
        ("9223372036854775808", _INTEGER),
        ("-9223372036854775809", _INTEGER),
        ("1e19", _INTEGER),
        ("1e300", _INTEGER),
        ("9" * 300, _INTEGER),
        ("[1]", _INTEGER),
    ],
}
TYPES = {"dateTime": "DateTime!", "decimal": "Decimal!", "bigInt": "BigInt!"}
#: A double does not hold these: what is read of the text is not what was sent.
INEXACT: list[tuple[str, str, str]] = [
    ("decimal", "0.12345678901234567", _STRING),
    ("decimal", "12345678901234567.5", _STRING),
    ("bigInt", "9007199254740993.0", _INTEGER),
    ("bigInt", "1e16", _INTEGER),
]


def _table(values: Mapping[str, list[tuple[str, str]]]) -> list[Any]:
    return [
        pytest.param(scalar, sent, shown, id=f"{scalar}-{sent[:40]}")
        for scalar, rows in values.items()
        for sent, shown in rows
    ]


async def _run(operation: Asked, variables: Given) -> tuple[list[str], dict[str, Any] | None]:
    """Messages and data, by both executors alike."""
    answers = []
    for executor in executors(CORE):
        result = executor.execute(operation, variables, None)
        if asyncio.iscoroutine(result):
            result = await result
        answers.append(([error.message for error in result.errors or ()], result.data))
    assert answers[0] == answers[1]
    return answers[0]


def _variables(operation: Asked, sent: bytes) -> VariableValues | list[Any]:
    """The variables as the edge reads them."""
    definitions = operation.node.variable_definitions or ()
    return get_variable_values(CORE, definitions, orjson.loads(sent))


@pytest.mark.parametrize(("scalar", "sent", "shown"), _table(READ))
async def test_a_value_of_the_specification_is_read(scalar: str, sent: str, shown: str) -> None:
    variable = asked(parse(f"query ($v: {TYPES[scalar]}) {{ {scalar}(value: $v) }}"))
    literal = asked(parse(f"{{ {scalar}(value: {sent}) }}"))
    values = _variables(variable, f'{{"v": {sent}}}'.encode())
    assert isinstance(values, VariableValues), values

    assert await _run(variable, Given(values)) == ([], {scalar: shown})
    assert await _run(literal, Given(VariableValues({}, {}))) == ([], {scalar: shown})


@pytest.mark.parametrize(("scalar", "sent", "refusal"), _table(REFUSED))
async def test_any_other_value_is_refused_in_words(scalar: str, sent: str, refusal: str) -> None:
    variable = asked(parse(f"query ($v: {TYPES[scalar]}) {{ {scalar}(value: $v) }}"))
    literal = asked(parse(f"{{ {scalar}(value: {sent}) }}"))
    refused = _variables(variable, f'{{"v": {sent}}}'.encode())
    assert isinstance(refused, list)
    messages, data = await _run(literal, Given(VariableValues({}, {})))

    assert refusal in refused[0].message
    assert refusal in messages[0]
    assert data is None


async def test_an_integer_of_any_length_is_refused_in_words() -> None:
    literal = asked(parse(f"{{ bigInt(value: {'9' * 5000}) }}"))

    messages, data = await _run(literal, Given(VariableValues({}, {})))

    assert _INTEGER in messages[0]
    assert data is None


@pytest.mark.parametrize(("scalar", "sent", "refusal"), INEXACT)
async def test_a_json_number_that_a_double_does_not_hold_is_refused(
    scalar: str, sent: str, refusal: str
) -> None:
    variable = asked(parse(f"query ($v: {TYPES[scalar]}) {{ {scalar}(value: $v) }}"))
    literal = asked(parse(f"{{ {scalar}(value: {sent}) }}"))

    refused = _variables(variable, f'{{"v": {sent}}}'.encode())

    assert isinstance(refused, list)
    assert refusal in refused[0].message
    # A literal is read as it is written.
    messages, data = await _run(literal, Given(VariableValues({}, {})))
    assert messages == []
    assert data is not None
    assert Decimal(data[scalar].removeprefix("Decimal('").removesuffix("')")) == Decimal(sent)


async def test_values_inside_of_others_are_read_the_same() -> None:
    sent = [{"dateTime": "2026-01-31t08:00:00z"}, {"decimal": 1195.0}, {"bigInt": 1195.0}]
    literal = asked(
        parse(
            "query ($b: BigInt!) { inside(value: ["
            '{dateTime: "2026-01-31t08:00:00z"}, {decimal: 1195.0}, {bigInt: $b}]) }'
        )
    )
    variable = asked(parse("query ($v: [Values!]!) { inside(value: $v) }"))
    shown = {"inside": "2026-01-31 08:00:00+00:00 1195.0 1195"}

    for operation, given in ((variable, {"v": sent}), (literal, {"b": 1195.0})):
        values = _variables(operation, json.dumps(given).encode())
        assert isinstance(values, VariableValues), values
        assert await _run(operation, Given(values)) == ([], shown)


def test_a_time_is_written_in_utc() -> None:
    written = CORE.type_map["DateTime"].coerce_output_value  # type: ignore[attr-defined] # a scalar

    assert written(datetime.fromisoformat("2026-01-31T08:00:00+08:00")) == "2026-01-31T00:00:00Z"
    assert written(datetime(2026, 1, 31, 8, 0, 0, 999_999, UTC)) == "2026-01-31T08:00:00Z"
