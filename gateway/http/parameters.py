"""The parameters of a GraphQL request, from a JSON body or from a query string."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
import orjson

from gateway.http.refusal import HttpRefusal

_MAX_QUERY_FIELDS: Final = 20
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class Parameters(msgspec.Struct, frozen=True):
    """A well-formed request: a document, the operation in it, its variables."""

    #: None: the extensions have its hash.
    query: str | None
    operation_name: str | None
    variables: dict[str, Any]
    extensions: dict[str, Any]


def from_body(body: bytes) -> Parameters:
    """Read a POST body.

    Raises:
        HttpRefusal: 400, not a JSON object, or a parameter of the wrong type.
    """
    if not body:
        raise HttpRefusal(400, "The body is empty: send a JSON object with a query")
    return parameters_of(_object(read_json(body, "The body"), "The body"))


def from_query_string(query_string: bytes) -> Parameters:
    """Read the query string of a GET; `variables` and `extensions` are JSON there.

    Raises:
        HttpRefusal: 400, as for a body.
    """
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MAX_QUERY_FIELDS,
        )
    except ValueError:
        raise HttpRefusal(400, "The query string is malformed") from None
    fields: dict[str, Any] = dict(pairs)
    for name in ("variables", "extensions"):
        text = fields.pop(name, "")
        if text:
            fields[name] = read_json(text.encode(), f"`{name}`")
    return parameters_of(fields)


def read_json(text: bytes, what: str) -> Any:
    """The value of a client's JSON text; a leading byte order mark is ignored.

    RFC 8259 leaves both to a parser: the mark (section 8.1), and an escaped half of a surrogate
    pair (section 8.2), which no answer in UTF-8 could hold.

    Raises:
        HttpRefusal: 400, with what is wrong with `what`, and where.
    """
    try:
        return orjson.loads(text.removeprefix(_BYTE_ORDER_MARK))
    except orjson.JSONDecodeError as error:
        raise HttpRefusal(400, f"{what} {_flaw(text, error)}") from None


def _flaw(text: bytes, error: orjson.JSONDecodeError) -> str:
    place = f"at line {error.lineno}, column {error.colno}"
    if not _is_utf8(text):
        return "is not in UTF-8"
    if "surrogate" in error.msg:
        return (
            f"has half of a surrogate pair in the string {place}:"
            r" send both halves, such as \ud83d\ude00"
        )
    if "depth" in error.msg:
        return "is nested too deeply"
    if "infinity" in error.msg:
        return f"has a number that is too large {place}"
    return f"is not JSON {place}"


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _object(value: Any, what: str) -> Mapping[str, Any]:
    if isinstance(value, list):
        raise HttpRefusal(400, "Send one operation per request: batches are not supported")
    if not isinstance(value, dict):
        raise HttpRefusal(400, f"{what} must be a JSON object")
    return value


def parameters_of(fields: Mapping[str, Any]) -> Parameters:
    """Read the fields of a request from either place; raises HttpRefusal."""
    query = fields.get("query")
    extensions = _optional_object(fields, "extensions")
    by_hash = query is None and "persistedQuery" in extensions
    if not by_hash and (not isinstance(query, str) or not query):
        raise HttpRefusal(400, "`query` is missing: send the GraphQL document as a string")
    operation_name = fields.get("operationName")
    if operation_name is not None and not isinstance(operation_name, str):
        raise HttpRefusal(400, "`operationName` must be a string")
    return Parameters(
        query=query,
        operation_name=operation_name or None,
        variables=_optional_object(fields, "variables"),
        extensions=extensions,
    )


def _optional_object(fields: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = fields.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise HttpRefusal(400, f"`{name}` must be a JSON object")
    return value
