"""With introspection off no error names a type, field, argument or value that was not asked for."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from graphql import (
    GraphQLError,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
)
from graphql.execution.values import get_variable_values

from gateway.http.concealed_schema import conceal_value_error
from gateway.http.parsing import parse_document
from gateway.http.validation import Validator
from resolvers.schema import executable
from tests.http.small_gateway import SmallGateway, served
from tests.http.test_protocol import RESPONSE, errors_of

SCHEMA = executable()
VALIDATOR = Validator(SCHEMA, introspection=False)
KEY = "gw_small"
WORD = re.compile(r"[A-Za-z_]\w+")
#: What the messages themselves say.
ENGLISH = set(
    WORD.findall(
        "Cannot query field here. An argument that requires is missing. must not have a selection."
        " A required field is missing. This is not valid here. Unknown field. Unknown argument on"
        " The value is not valid here. must not be null. A value must be provided. Unknown type."
        " This fragment cannot be spread here. Fragment cannot be spread here. conflict: use"
        " different aliases to fetch both. Fields Variable of type cannot be used here."
        " Too many errors: validation was stopped. has invalid value at There can be only one"
        " argument named. cannot condition on non composite type"
    )
)
#: Values of the wrong type, whatever the type is.
WRONG = ("{nope: 1}", "NOPE", "null", '["x", 1.5]')


def assert_concealed(text: str, errors: list[GraphQLError]) -> None:
    """Assert that each word of a message is in the document, or in no schema."""
    known = set(WORD.findall(text)) | ENGLISH
    for error in errors:
        assert set(WORD.findall(error.message)) <= known, (text, error.message)


def check(text: str) -> int:
    """How many errors a document has; none of them names more than it does."""
    errors = VALIDATOR.errors(parse_document(text, max_tokens=5_000))
    assert_concealed(text, errors)
    return len(errors)


def places() -> Iterator[tuple[str, str, GraphQLField]]:
    """Every field of an object or an interface."""
    for kind in SCHEMA.type_map.values():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            if kind.name.startswith("__"):
                continue
            for name, field in kind.fields.items():
                yield kind.name, name, field


def wrong_fields(name: str, field: GraphQLField) -> Iterator[str]:
    """A field, used wrongly in every way."""
    leaf = is_leaf_type(get_named_type(field.type))
    inside = "" if leaf else " { __typename }"
    yield f"{name} {{ nope }}"
    yield f"{name}(nope: 1){inside}"
    if not leaf:
        yield name
        yield f"{name} {{ ... on Nope {{ id }} ... on Shop {{ key }} ... on Money {{ fen }} }}"
        yield f"{name} {{ id id: nope }} {name} {{ nope: id }}"
    if field.args:
        yield name + inside
    for argument in field.args:
        for value in WRONG:
            yield f"{name}({argument}: {value}){inside}"


def test_no_field_of_the_schema_is_told() -> None:
    found = 0
    for kind, name, field in places():
        for part in wrong_fields(name, field):
            found += check(f"{{ ...F }} fragment F on {kind} {{ {part} }}")

    assert found > 2_000


def values_of(kind: GraphQLInputObjectType) -> Iterator[dict[str, Any]]:
    """Input objects that are wrong in one place each."""
    yield {}
    yield {"nope": 1}
    for name in kind.fields:
        for value in ({"nope": 1}, "NOPE", None, [["x"]], 1.5, [None]):
            yield {name: value}


def test_no_input_of_the_schema_is_told() -> None:
    found = 0
    for kind in SCHEMA.type_map.values():
        if not isinstance(kind, GraphQLInputObjectType):
            continue
        text = f"query ($v: {kind.name}!) {{ __typename }}"
        (operation,) = parse_document(text, max_tokens=100).definitions
        for value in values_of(kind):
            values: Any = get_variable_values(
                SCHEMA,
                operation.variable_definitions,  # type: ignore[attr-defined]
                {"v": value},
                hide_suggestions=True,
            )
            errors = values if isinstance(values, list) else []
            assert_concealed(f"{text} {value}", [conceal_value_error(each) for each in errors])
            found += len(errors)

    assert found > 200


@pytest.fixture(scope="module")
def closed() -> Iterator[httpx.Client]:
    """Answer a client of a gateway without introspection."""
    headers = {"accept": RESPONSE, "authorization": f"Bearer {KEY}"}
    with (
        served(SmallGateway(introspection=False, key=KEY).app) as url,
        httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False) as client,
    ):
        yield client


@pytest.mark.parametrize(
    ("query", "variables", "message"),
    [
        ("{ shops { nope } }", {}, "Cannot query field 'nope' here."),
        ("{ shops }", {}, "'shops' must have a selection."),
        ("{ nested }", {}, "An argument that 'nested' requires is missing."),
        ("{ hello(nam: 1) }", {}, "Unknown argument 'nam' on 'hello'."),
        ("{ hello(name: 1) }", {}, "The value is not valid here."),
        (
            "query ($v: Nested!) { nested(value: $v) }",
            {"v": {}},
            "Variable '$v' has invalid value: A required field is missing.",
        ),
        (
            "query ($v: Nested!) { nested(value: $v) }",
            {"v": {"size": 1, "inner": {"nope": 1, "size": 1}}},
            "Variable '$v' has invalid value at .inner: Unknown field 'nope'.",
        ),
        (
            "query ($v: Nested!) { nested(value: $v) }",
            {"v": {"size": "x"}},
            "Variable '$v' has invalid value at .size: The value is not valid here.",
        ),
        (
            "query ($v: Nested!) { nested(value: $v) }",
            {},
            "Variable '$v' has invalid value: A value must be provided.",
        ),
    ],
)
def test_messages_say_what_is_wrong_all_the_same(
    closed: httpx.Client, query: str, variables: dict[str, Any], message: str
) -> None:
    response = closed.post("", json={"query": query, "variables": variables})

    assert response.status_code == 400
    assert errors_of(response)[0]["message"] == message


def test_an_argument_that_fails_later_tells_no_type_either(closed: httpx.Client) -> None:
    query = "query ($size: Int = 1) { nested(value: {size: $size}) }"

    response = closed.post("", json={"query": query, "variables": {"size": None}})

    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["message"] == "The value must not be null."
