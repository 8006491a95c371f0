"""Spans of GraphQL operations: their type and name, and never a document or a variable."""

from types import TracebackType
from typing import Final

from gateway.http.operation_log import UNKNOWN, OperationFacts, redacted_name
from gateway.http.refusal import OperationRefused
from gateway.http.response import OK
from gateway.tracing import SpanKind, traced
from gateway.tracing.span import error_type

#: What it is called before its type is known, or if it never is.
_NAME: Final = "GraphQL Operation"


class operation_span(traced):  # noqa: N801 - reads as the statement it is
    """Context manager: the span of an operation, named by the facts as they are at its end."""

    __slots__ = ("_facts",)

    def __init__(self, facts: OperationFacts) -> None:
        super().__init__(_NAME, SpanKind.SERVER)
        self._facts = facts

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        span, facts = self._span, self._facts
        if span is not None:
            if facts.kind != UNKNOWN:
                span.name = span.attributes["graphql.operation.type"] = facts.kind
            if facts.name is not None:
                span.attributes["graphql.operation.name"] = redacted_name(facts.name)
            if error is None and facts.code != OK:
                span.fail(facts.code)
        super().__exit__(kind, error, traceback)

    def _failed(self, error: BaseException) -> str:
        return error.refusal_code if isinstance(error, OperationRefused) else error_type(error)
