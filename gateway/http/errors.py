"""Formats errors for clients: the code, what is safe to show, and nothing else."""

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

import structlog
from graphql import GraphQLError

from gateway.errors import (
    CostLimitExceeded,
    GatewayError,
    InputTooLarge,
    PlatformCredentials,
    PlatformFailure,
    RateLimited,
)
from gateway.http.refusal import OperationRefused
from gateway.http.variable_errors import with_null

INTERNAL: Final = "INTERNAL"
_INTERNAL_MESSAGE: Final = "Internal error"
#: A message may quote what the caller sent, up to this length.
_MAX_MESSAGE: Final = 1_000

_log = structlog.stdlib.get_logger(__name__)

FormattedError = dict[str, Any]


def format_refusal(refused: GatewayError, request_id: str) -> list[FormattedError]:
    """The errors of a request that was refused before its execution."""
    if isinstance(refused, OperationRefused):
        code = refused.refusal_code
        return [
            _formatted(error, {"code": code, **(error.extensions or {})}, request_id)
            for error in refused.errors
        ]
    return [_formatted(GraphQLError(refused.message), _extensions(refused), request_id)]


def format_message(code: str, message: str, request_id: str) -> FormattedError:
    """An error with only a code and a message."""
    return _formatted(GraphQLError(message), {"code": code}, request_id)


def format_failure(failure: Exception, request_id: str) -> list[FormattedError]:
    """The error of a failure of the gateway itself; the log has the rest."""
    _report(failure)
    return [_internal(GraphQLError(_INTERNAL_MESSAGE), request_id)]


def format_errors(errors: Iterable[GraphQLError], request_id: str) -> list[FormattedError]:
    """The errors of fields that failed during the execution."""
    return [_format_field_error(error, request_id) for error in errors]


def _format_field_error(error: GraphQLError, request_id: str) -> FormattedError:
    cause = _cause(error)
    if isinstance(cause, GatewayError) and cause.code != INTERNAL:
        return _formatted(error, _extensions(cause), request_id, message=_said(cause))
    if isinstance(cause, GraphQLError) and cause.nodes:
        # graphql-core points at the argument that it could not read; anything else is our bug.
        return _formatted(error, {"code": "BAD_USER_INPUT"}, request_id, message=cause.message)
    _report(cause, path=error.path)
    return _internal(error, request_id)


def _said(cause: GatewayError) -> str:
    if isinstance(cause, PlatformCredentials):
        # The platform's own message, in `platformError`, does not help the caller act.
        return (
            f"The platform refuses the credentials of the shop `{cause.shop}` ({cause.message}):"
            " the operator of the gateway has to correct them; `gateway doctor` says how."
        )
    return cause.message


def _cause(error: GraphQLError) -> Exception:
    cause: Exception = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _extensions(error: GatewayError) -> FormattedError:
    extensions: FormattedError = {"code": error.code}
    if isinstance(error, PlatformFailure):
        extensions["shop"] = error.shop
        extensions["platformError"] = {
            "endpoint": error.endpoint,
            "code": error.platform_code,
            "message": error.message,
            "httpStatus": error.http_status,
            "requestId": error.request_id,
        }
    if isinstance(error, InputTooLarge):
        extensions |= error.details
    if isinstance(error, CostLimitExceeded | RateLimited) and error.cost is not None:
        extensions["cost"] = error.cost
    seconds = retry_after(error)
    if seconds is not None:
        extensions["retryAfter"] = seconds
    return extensions


def retry_after(error: GatewayError) -> int | None:
    """Whole seconds until a retry makes sense; None if unknown."""
    return None if error.retry_after is None else max(1, math.ceil(error.retry_after))


def _formatted(
    error: GraphQLError, extensions: Mapping[str, Any], request_id: str, message: str | None = None
) -> FormattedError:
    text = with_null(error.message if message is None else message)
    shown: FormattedError = {
        "message": text if len(text) <= _MAX_MESSAGE else f"{text[:_MAX_MESSAGE]}…"
    }
    if error.locations:
        shown["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
    if error.path is not None:
        shown["path"] = error.path
    shown["extensions"] = {**extensions, "requestId": request_id}
    return shown


def _internal(error: GraphQLError, request_id: str) -> FormattedError:
    return _formatted(error, {"code": INTERNAL}, request_id, message=_INTERNAL_MESSAGE)


def _report(failure: Exception, **facts: Any) -> None:
    _log.error("http.operation.failed", message="Internal error", exc_info=failure, **facts)
