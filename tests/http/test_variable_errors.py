"""What clients read of variables that are wrong: values as they sent them, in JSON."""

from typing import Any

import httpx
import pytest

HEADERS = {"accept": "application/json"}


def messages(client: httpx.Client, query: str, variables: dict[str, Any]) -> list[str]:
    """The messages of the errors."""
    answer = client.post("", json={"query": query, "variables": variables}, headers=HEADERS).json()
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"BAD_USER_INPUT"}
    assert all("locations" in error for error in answer["errors"])
    return [error["message"] for error in answer["errors"]]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (True, "Int cannot represent non-integer value: true"),
        ("it's", 'Int cannot represent non-integer value: "it\'s"'),
        (1.5, "Int cannot represent non-integer value: 1.5"),
        ({"a": ["b", None]}, 'Int cannot represent non-integer value: {"a":["b",null]}'),
        ("京" * 300, f'Int cannot represent non-integer value: "{"京" * 199}…'),
    ],
)
def test_a_value_is_shown_as_json(client: httpx.Client, value: object, message: str) -> None:
    found = messages(client, "query($v: Int) { number(value: $v) }", {"v": value})

    assert found == [f"Variable '$v' has invalid value: {message}"]


def test_null_is_called_null(client: httpx.Client) -> None:
    found = messages(client, "query($v: Int!) { number(value: $v) }", {"v": None})

    assert found == [
        "Variable '$v' has invalid value: Expected value of non-null type 'Int!' not to be null."
    ]


def test_a_value_within_another_is_shown_by_itself(client: httpx.Client) -> None:
    value = {"size": 1, "inner": {"size": [True, None]}}

    found = messages(client, "query($v: Nested!) { nested(value: $v) }", {"v": value})

    place, _, rest = found[0].partition(": ")
    assert place == "Variable '$v' has invalid value at .inner.size"
    assert rest == "Int cannot represent non-integer value: [true,null]"


def test_an_unknown_field_is_shown_with_its_object(client: httpx.Client) -> None:
    value = {"size": 1, "inner": {"size": 2, "colour": False}}

    found = messages(client, "query($v: Nested!) { nested(value: $v) }", {"v": value})

    place, _, rest = found[0].partition(": ")
    assert place == "Variable '$v' has invalid value at .inner"
    assert rest == (
        "Expected value of type 'Nested' not to include unknown field 'colour',"
        ' found: {"size":2,"colour":false}.'
    )


def test_no_python_stands_in_the_error_of_a_literal(client: httpx.Client) -> None:
    answer = client.post("", json={"query": "{ nested(value: {size: null}) }"}, headers=HEADERS)

    [error] = answer.json()["errors"]
    assert error["message"] == "Expected value of non-null type 'Int!' not to be null."
