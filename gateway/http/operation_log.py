"""Operation log: one line an operation, sampled; those that failed or were slow always."""

import logging
from collections.abc import Callable
from typing import Final

import msgspec
import structlog

from gateway.http.request import RequestInfo
from gateway.http.response import OK
from gateway.logs import installed_lines, installed_redactor
from gateway.tracing import CURRENT
from gateway.upstream.observer import CALLS, CallCount

#: The kind of a request before its operation is known.
UNKNOWN: Final = "none"
_EVENT: Final = "http.operation.answered"
_MESSAGE: Final = "An operation was answered."
_SECOND: Final = 1_000.0
#: Characters of an operation's name that spans have.
_LONGEST_NAME: Final = 100

_log = structlog.stdlib.get_logger(__name__)
_logger: Final = logging.getLogger(__name__)


class OperationFacts(msgspec.Struct):
    """What is known of an operation as it passes the stages."""

    #: Query, mutation, subscription, or UNKNOWN.
    kind: str = UNKNOWN
    #: That of the first error, or OK.
    code: str = OK
    #: The operation's name in its document.
    name: str | None = None
    #: The name of the caller's key.
    key: str | None = None
    points: int = 0


def count_calls() -> CallCount:
    """The count of the platform calls that the running task makes from now on."""
    count = CallCount()
    CALLS.set(count)
    return count


def redacted_name(name: str) -> str:
    """The name of an operation without secrets: a client may have put one there."""
    lines = installed_lines()
    redact = installed_redactor().redact if lines is None else lines.redact_known
    return redact(name[:_LONGEST_NAME])


class OperationLog:
    """Writes the lines.

    Args:
        sample: the share of operations that went well and fast which have a line, 0 to 1.
        slow: seconds from which an operation is slow.
        chance: gives a random number from 0 to below 1.
    """

    def __init__(self, sample: float, slow: float, chance: Callable[[], float]) -> None:
        self._sample = sample
        self._slow = slow
        self._chance = chance

    def write(
        self, facts: OperationFacts, request: RequestInfo, seconds: float, calls: CallCount
    ) -> None:
        """Writes the line of an operation that was answered, if it is to have one."""
        if not _logger.isEnabledFor(logging.INFO) or not self._wanted(facts, seconds):
            return
        fields = {
            "kind": facts.kind,
            "operation": facts.name,
            "key": facts.key,
            "code": facts.code,
            "milliseconds": round(seconds * _SECOND, 1),
            "points": facts.points,
            "platform_calls": calls.calls,
        }
        lines = installed_lines()
        if lines is None:
            _log.info(
                "http.operation.answered",
                message=_MESSAGE,
                request_id=request.request_id,
                **fields,
            )
            return
        if facts.name is not None:
            fields["operation"] = lines.redact_known(facts.name)
        span = CURRENT.get()
        if span is not None:
            fields["trace_id"] = span.trace_id
        request_id = request.request_id
        if "x-request-id" in request.headers:
            request_id = lines.redact(request_id)
        lines.write(__name__, _EVENT, _MESSAGE, request_id=request_id, **fields)

    def _wanted(self, facts: OperationFacts, seconds: float) -> bool:
        if facts.code != OK:
            return True
        if facts.kind == UNKNOWN:
            # A page, not an operation.
            return False
        # A subscription is no slower for lasting.
        if seconds >= self._slow and facts.kind != "subscription":
            return True
        return self._sample >= 1.0 or self._chance() < self._sample
