"""Errors of variables, with values as JSON instead of Python's notation."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson
from graphql import GraphQLError
from graphql.pyutils import inspect

from gateway.http.refusal import without_nodes

#: Characters of a value that a message repeats.
_MAX_VALUE: Final = 200
_PATH: Final = re.compile(r"Variable '\$(\w+)' has invalid value(?: at ((?:\.\w+|\[\d+\])+))?: ")
_KEY: Final = re.compile(r"\.(\w+)|\[(\d+)\]")


def with_json_values(
    errors: Iterable[GraphQLError], variables: Mapping[str, Any]
) -> list[GraphQLError]:
    """The errors of graphql-core's coercion, each with the value at its path as JSON.

    Args:
        errors: as `get_variable_values` gives them.
        variables: as they were sent.
    """
    return [_with_json_value(error, variables) for error in errors]


def parted(message: str) -> tuple[list[str], str]:
    """The path in a variable's value that an error names, and the rest of its message."""
    place = _PATH.match(message)
    if place is None:
        return [], message
    path = [name or index for name, index in _KEY.findall(place[2] or "")]
    return path, message[place.end() :]


def with_null(message: str) -> str:
    """A message of graphql-core, with null in place of None."""
    return message.replace("not to be None.", "not to be null.")


def _with_json_value(error: GraphQLError, variables: Mapping[str, Any]) -> GraphQLError:
    message = with_null(error.message)
    place = _PATH.match(message)
    if place is not None:
        value: Any = variables.get(place[1])
        for name, index in _KEY.findall(place[2] or ""):
            value = value[name] if name else value[int(index)]
        head, rest = message[: place.end()], message[place.end() :]
        message = head + rest.replace(inspect(value), _json(value), 1)
    shown = without_nodes(error)
    shown.message = message
    return shown


def _json(value: Any) -> str:
    text = orjson.dumps(value, default=_described).decode()
    return text if len(text) <= _MAX_VALUE else f"{text[:_MAX_VALUE]}…"


def _described(value: object) -> str:
    """A file of a multipart request, which JSON cannot represent."""
    return f"<{type(value).__name__}>"
