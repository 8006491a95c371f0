"""Spans, and the current one of the running task; none of this needs OpenTelemetry."""

from asyncio import CancelledError
from collections.abc import Mapping, Sequence
from contextvars import ContextVar, Token
from enum import IntEnum
from types import TracebackType
from typing import Final, NamedTuple, Protocol

from gateway.errors import GatewayError

#: Attributes of a span, named by the semantic conventions; those of our own begin with `gateway.`.
Attributes = dict[str, str | int | float | bool]
GivenAttributes = Mapping[str, str | int | float | bool]


class SpanKind(IntEnum):
    """As OpenTelemetry numbers them."""

    INTERNAL = 0
    SERVER = 1
    CLIENT = 2
    PRODUCER = 3
    CONSUMER = 4


_COUNTED: Final = frozenset({SpanKind.SERVER, SpanKind.CLIENT, SpanKind.CONSUMER})


class SpanReference(NamedTuple):
    """Identifies a span of this process or of another."""

    trace_id: int
    span_id: int
    #: Whether its trace is exported.
    sampled: bool
    #: What the vendors along the way have added: the header `tracestate`.
    state: str = ""


class HeldTrace:
    """The ended spans of a trace that is exported only if its root is kept."""

    __slots__ = ("ended", "kept")

    def __init__(self) -> None:
        self.kept = False
        self.ended: list[Span] = []


class Tracer(Protocol):
    """Begins traces, and takes spans that have ended."""

    def root(
        self,
        name: str,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: GivenAttributes | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        links: Sequence[SpanReference] = (),
        held: bool = False,
    ) -> "Span":
        """A span that continues the trace of these headers, or begins a trace of its own.

        `held`: its trace is exported only if it ends with `keep`, so that rounds of a background
        task which do nothing leave no trace.
        """

    def ended(self, span: "Span") -> None:
        """A span has ended."""

    def export(self, span: "Span") -> None:
        """Export a span of a trace that was held."""

    def now(self) -> int:
        """Unix nanoseconds."""

    def span_id(self) -> int:
        """A random id that is not 0."""


class Trace:
    """What the spans of one trace in this process share."""

    __slots__ = ("held", "sampled", "state", "trace_id", "tracer")

    def __init__(
        self,
        tracer: Tracer,
        trace_id: int,
        *,
        sampled: bool,
        state: str = "",
        held: HeldTrace | None = None,
    ) -> None:
        self.tracer = tracer
        self.trace_id = trace_id
        #: Whether it is exported.
        self.sampled = sampled
        #: The header `tracestate`.
        self.state = state
        #: Where it waits until it is known whether it is exported; None: it does not.
        self.held = held


class Span:
    """One piece of work, with its beginning and its end.

    It holds no text that a caller, a buyer or a platform wrote: no variable, no token, no query of
    a URL, no message of an error.
    """

    __slots__ = (
        "attributes",
        "began",
        "detached",
        "ended",
        "error",
        "kind",
        "links",
        "name",
        "parent_id",
        "remote",
        "span_id",
        "trace",
    )

    def __init__(
        self,
        trace: Trace,
        parent_id: int,
        name: str,
        kind: SpanKind,
        attributes: GivenAttributes | None,
    ) -> None:
        tracer = trace.tracer
        self.trace = trace
        self.span_id = tracer.span_id()
        #: 0: it has none.
        self.parent_id = parent_id
        #: Whether the parent is a span of another process.
        self.remote = False
        self.name = name
        self.kind = kind
        self.attributes: Attributes = {} if attributes is None else {**attributes}
        self.links: Sequence[SpanReference] = ()
        #: What `error.type` says; None: it did not fail.
        self.error: str | None = None
        #: Whether what is begun under it has traces of its own.
        self.detached = False
        #: Unix nanoseconds; 0: it has not ended.
        self.ended = 0
        self.began = tracer.now()

    def child(
        self,
        name: str,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: GivenAttributes | None = None,
    ) -> "Span":
        """A span of a part of this work; it must be ended."""
        if self.detached:
            return self.trace.tracer.root(name, kind, attributes, links=(self.reference,))
        return Span(self.trace, self.span_id, name, kind, attributes)

    def link(self, other: SpanReference) -> None:
        """Note that this work waits for the result of other work, or follows from it."""
        self.links = (*self.links, other)

    def fail(self, error: str) -> None:
        """Note that it failed; `error` is one of few words: a code, a class, a status."""
        self.error = error
        self.attributes["error.type"] = error

    def end(self) -> None:
        """It is done; a second call does nothing."""
        if self.ended:
            return
        tracer = self.trace.tracer
        self.ended = tracer.now()
        tracer.ended(self)

    def keep(self) -> None:
        """Export its trace, which is held; without it nothing of the trace is."""
        held = self.trace.held
        if held is None or held.kept:
            return
        held.kept = True
        for span in held.ended:
            self.trace.tracer.export(span)
        held.ended.clear()

    def detach(self) -> None:
        """End it; what is begun under it from now on has traces of its own, with a link to it.

        For what opens a stream, whose life is no part of the span.
        """
        self.end()
        self.detached = True

    @property
    def reference(self) -> SpanReference:
        """What identifies it."""
        trace = self.trace
        return SpanReference(trace.trace_id, self.span_id, trace.sampled, trace.state)

    @property
    def trace_id(self) -> str:
        """The id of its trace, in hexadecimal."""
        return f"{self.trace.trace_id:032x}"

    @property
    def traceparent(self) -> str:
        """The header by which another process continues the trace."""
        trace = self.trace
        return f"00-{trace.trace_id:032x}-{self.span_id:016x}-0{trace.sampled:d}"


#: The span of what the running task does; None: nothing is traced.
CURRENT: Final[ContextVar[Span | None]] = ContextVar("span", default=None)


class entered:  # noqa: N801 - reads as the statement it is
    """Context manager: makes a span the current one, and ends it; does nothing without one."""

    __slots__ = ("_bound", "_span")
    #: Set with the span.
    _bound: Token[Span | None]

    def __init__(self, span: Span | None) -> None:
        self._span = span

    def __enter__(self) -> Span | None:
        if self._span is not None:
            self._bound = CURRENT.set(self._span)
        return self._span

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        span = self._span
        if span is None:
            return
        CURRENT.reset(self._bound)
        if error is not None:
            span.fail(self._failed(error))
        span.end()

    def _failed(self, error: BaseException) -> str:
        """What `error.type` says of an error that ends the block."""
        return error_type(error)


class traced(entered):  # noqa: N801 - reads as the statement it is
    """Context manager: a span of a part of what the task does; nothing where nothing is traced."""

    __slots__ = ("_attributes", "_kind", "_name")

    def __init__(
        self,
        name: str,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: GivenAttributes | None = None,
    ) -> None:
        self._span = None
        self._name = name
        self._kind = kind
        self._attributes = attributes

    def __enter__(self) -> Span | None:
        current = CURRENT.get()
        if current is None:
            return None
        # The root of a trace that is not exported stands for all of it, but what metrics count.
        if not (current.trace.sampled or current.detached or self._kind in _COUNTED):
            return None
        span = self._span = current.child(self._name, self._kind, self._attributes)
        self._bound = CURRENT.set(span)
        return span


def error_type(error: BaseException) -> str:
    """What `error.type` says of an error: its code, or its class."""
    if isinstance(error, GatewayError):
        return error.code
    if isinstance(error, CancelledError):
        return "cancelled"
    return type(error).__qualname__
