"""The answer of an operation as GraphQL has it: errors, data, extensions."""

from collections.abc import Mapping
from typing import Any, Final

from graphql import ExecutionResult

from gateway.http.errors import show_errors

OK: Final = "OK"

Payload = Mapping[str, Any]


def payload_of(result: ExecutionResult, request_id: str) -> Payload:
    """What is told of an execution; its errors bear the id of the request."""
    payload: dict[str, Any] = {"data": result.data}
    if result.errors:
        payload = {"errors": show_errors(result.errors, request_id), "data": result.data}
    if result.extensions:
        payload["extensions"] = result.extensions
    return payload


def code_of(payload: Payload) -> str:
    """The code of the first error, or OK."""
    errors = payload.get("errors")
    return str(errors[0]["extensions"]["code"]) if errors else OK
