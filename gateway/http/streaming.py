"""Runs an operation as a series of results: a subscription's many, any other's one."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Hashable
from contextlib import aclosing
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Final, Protocol, Self, TypeVar, cast

from graphql import ExecutionResult, OperationType
from graphql.execution import Executor as CoreExecution
from graphql.execution import create_source_event_stream

from gateway.concurrency.time_slice import TimeSlice
from gateway.errors import Forbidden, GatewayError, OperationTimeout, Overloaded, RateLimited
from gateway.http.charge import Charge
from gateway.http.errors import FormattedError, format_errors, format_failure, format_refusal
from gateway.http.execution import Execution
from gateway.http.executor import execution_of
from gateway.http.operation_log import UNKNOWN, OperationFacts, OperationLog, count_calls
from gateway.http.operation_spans import operation_span
from gateway.http.parameters import Parameters
from gateway.http.request import RequestInfo
from gateway.http.request_pipeline import CallerContext, Prepared, RequestPipeline
from gateway.http.response import Payload, code_of, refusal_payload, with_cost
from gateway.http.shared_events import SharedEvent, SharedEvents, Withdrawn, selection_key
from gateway.tracing import traced

T = TypeVar("T")

#: Seconds after which the key of an idle subscription is checked again.
_RECHECK: Final = 5.0
#: Followers among whom half as many seconds are spread.
_SPREAD: Final = 101
#: Operations in progress in one process, and those of one caller among them.
_MAX_STREAMS: Final = 10_000
_MAX_STREAMS_OF_CALLER: Final = 5_000
_END: Final = object()


class EventSource(Protocol):
    """The events of a subscription.

    Cancelling `__anext__` must lose none of them. With `event_number`, which identifies the event
    that was given last to any follower, its execution is shared; with `position`, the last answer
    of a stream that fails has the cursor to resume at.
    """

    def __aiter__(self) -> Self:
        """Itself."""

    async def __anext__(self) -> Any:
        """The next event."""

    async def aclose(self) -> None:
        """Give up what the source holds."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Follower:
    """One subscription: what it selects, for whom, and since when.

    `shape` is equal for followers who are given the same of an event; None: it is executed for
    this one alone.
    """

    prepared: Prepared
    request: RequestInfo
    #: What the caller could see when it subscribed.
    asker: Hashable
    execution: CoreExecution[Any]
    entered: int
    shape: Hashable | None


class StreamObserver(Protocol):
    """Observes streams."""

    def operation(self, kind: str, code: str, seconds: float) -> None:
        """A query or a mutation was answered; kind "none": refused before that was known."""

    def following(self, more: int) -> None:
        """So many subscriptions began, or ended if it is negative."""

    def told(self, code: str) -> None:
        """A subscription got a result; `code` is its first error's, or OK."""


class Unobserved:
    """A StreamObserver that ignores everything."""

    def operation(self, kind: str, code: str, seconds: float) -> None:
        """Do nothing."""

    def following(self, more: int) -> None:
        """Do nothing."""

    def told(self, code: str) -> None:
        """Do nothing."""


class Streaming:
    """Runs operations for the transports that stream, by the same stages as plain requests.

    `stop` ends what runs.
    """

    def __init__(
        self,
        pipeline: RequestPipeline,
        execution: Execution,
        observer: StreamObserver | None = None,
        log: OperationLog | None = None,
    ) -> None:
        self._pipeline = pipeline
        self._execution = execution
        self._observer = observer or Unobserved()
        self._log = log
        self._slices = TimeSlice()
        self._events = SharedEvents()
        self._running: Counter[str] = Counter()
        self.stopping = asyncio.Event()

    def stop(self) -> None:
        """Close the streams, so that clients connect to another process: this one is ending."""
        self.stopping.set()

    async def authenticate(self, request: RequestInfo) -> None:
        """Check the key of a request; raises Unauthenticated."""
        await self._pipeline.authenticate(request)

    async def prepare(self, parameters: Parameters, request: RequestInfo) -> Prepared:
        """The stages up to the execution; raises GatewayError."""
        began, facts, calls = perf_counter(), OperationFacts(), count_calls()
        try:
            with operation_span(facts):
                return await self._prepared(parameters, request, facts)
        except GatewayError as refused:
            facts.code = code_of({"errors": format_refusal(refused, request.request_id)})
            seconds = perf_counter() - began
            self._observer.operation(UNKNOWN, facts.code, seconds)
            if self._log is not None:
                self._log.write(facts, request, seconds, calls)
            raise

    async def payloads(
        self, prepared: Prepared, request: RequestInfo, begun: asyncio.Event | None = None
    ) -> AsyncGenerator[Payload, None]:
        """The results; one without data says why there are no more.

        `begun` is set once no event that comes is missed.
        """
        caller, operation = prepared.context.caller, prepared.operation
        follows, began = operation.kind is OperationType.SUBSCRIPTION, perf_counter()
        facts = OperationFacts(
            operation.kind_name, "CLIENT_GONE", operation.name, caller, prepared.charge.points
        )
        calls = count_calls()
        self._running[caller] += 1
        self._observer.following(int(follows))
        try:
            begun = begun or asyncio.Event()
            if not follows:
                begun.set()
            async with aclosing(self._answers(prepared, request, begun)) as answers:
                async for answer in answers:
                    facts.code = code_of(answer)
                    if follows:
                        self._observer.told(facts.code)
                    yield answer
        finally:
            self._running -= Counter({caller: 1})
            self._observer.following(-int(follows))
            seconds, facts.points = perf_counter() - began, prepared.charge.points
            if not follows:
                self._observer.operation(facts.kind, facts.code, seconds)
            if self._log is not None:
                self._log.write(facts, request, seconds, calls)

    async def _prepared(
        self, parameters: Parameters, request: RequestInfo, facts: OperationFacts
    ) -> Prepared:
        if self.stopping.is_set() or self._running.total() >= _MAX_STREAMS:
            raise Overloaded("Too many streams are in progress", retry_after=1)
        context = await self._pipeline.authenticate(request)
        facts.key = context.caller
        if self._running[context.caller] >= _MAX_STREAMS_OF_CALLER:
            raise RateLimited(
                f"{_MAX_STREAMS_OF_CALLER} operations stream to this key", retry_after=1
            )
        requested = self._pipeline.find(parameters, context)
        facts.kind, facts.name = requested.operation.kind_name, requested.operation.name
        return self._pipeline.prepare(requested, context)

    async def _answers(
        self, prepared: Prepared, request: RequestInfo, begun: asyncio.Event
    ) -> AsyncGenerator[Payload, None]:
        try:
            if prepared.operation.kind is not OperationType.SUBSCRIPTION:
                yield await self._in_time(self._execution.payload(prepared, request))
                return
            # A browser's EventSource sends `no-cache`; a change is read as fresh as it must be.
            headers = {
                name: value for name, value in request.headers.items() if name != "cache-control"
            }
            series = self._series(prepared, request.with_headers(headers), begun)
            async with aclosing(series) as answers:
                async for answer in answers:
                    yield answer
        except GatewayError as refused:
            yield refusal_payload(refused, request.request_id)
        except Exception as failure:  # noqa: BLE001 - nothing internal may reach the outside
            yield {"errors": format_failure(failure, request.request_id)}

    async def _series(
        self, prepared: Prepared, request: RequestInfo, begun: asyncio.Event
    ) -> AsyncGenerator[Payload, None]:
        entered = self._events.enter()
        context = await self._pipeline.authenticate(request)
        execution = execution_of(
            self._pipeline.schema, prepared.operation, prepared.variables, context, self._slices
        )
        source = create_source_event_stream(execution)
        if isinstance(source, Awaitable):
            with traced("GraphQL subscribe"):
                source = await self._in_time(source)
        if isinstance(source, ExecutionResult):
            self._execution.answered(prepared.operation, context, source)
            refused = self._execution.shown(source, context)
            yield {"errors": format_errors(refused.errors or (), request.request_id)}
            return
        begun.set()
        selection = selection_key(prepared.operation, prepared.variables)
        follower = _Follower(
            prepared=prepared,
            request=request,
            asker=context.asker,
            execution=execution,
            entered=entered,
            shape=None if selection is None else (selection, context.visibility),
        )
        async with aclosing(cast("EventSource", aiter(source))) as events:
            async for payload in self._payloads(follower, events):
                yield payload

    async def _payloads(
        self, follower: "_Follower", events: "EventSource"
    ) -> AsyncGenerator[Payload, None]:
        """The answers to the events; one that says why there are no more has no data."""
        request, charge = follower.request, follower.prepared.charge
        paid = _PaidEvents(charge, getattr(events, "position", None))
        try:
            while (event := await self._next(follower, events)) is not _END:
                paid.reserve()
                shared = await self._executed(follower, events, event)
                cost = paid.settle(event, shared.used)
                yield with_cost(shared.payload(request.request_id), cost)
        except GatewayError as refused:
            yield _ended(refusal_payload(refused, request.request_id), paid.since)
        except Exception as failure:  # noqa: BLE001 - nothing internal may reach the outside
            yield _ended({"errors": format_failure(failure, request.request_id)}, paid.since)
        finally:
            charge.settle(0)

    async def _next(self, follower: "_Follower", events: "EventSource") -> Any:
        """The next event, or _END; meanwhile the follower's key is checked again and again."""
        # Not all at once, for followers who were last given something together.
        seconds = _RECHECK * (1 + follower.entered % _SPREAD / _SPREAD / 2)
        while True:
            try:
                async with asyncio.timeout(seconds) as recheck:
                    return await anext(events, _END)
            except TimeoutError:
                if not recheck.expired():
                    raise
                await self._granted(follower)

    async def _executed(
        self, follower: "_Follower", events: "EventSource", event: Any
    ) -> SharedEvent:
        """The result of one event, for a follower who may see it now."""
        context = await self._granted(follower)

        async def execute() -> SharedEvent:
            try:
                own = await self._granted(follower)
            except GatewayError as refused:
                raise Withdrawn(refused) from None
            once = follower.execution.build_per_event_executor(event)
            once.context_value = own
            with traced("GraphQL execute"):
                result = once.execute_operation(False)
                if not isinstance(result, ExecutionResult):
                    result = await self._in_time(cast("Awaitable[ExecutionResult]", result))
            return SharedEvent.of(operation, own, self._execution.shown(result, own))

        operation, number = follower.prepared.operation, getattr(events, "event_number", None)
        key = None if number is None or follower.shape is None else (follower.shape, number)
        with traced("GraphQL event") as span:
            shared = await self._events.get(key, follower.entered, execute)
            if span is not None and shared.span not in {None, span.reference}:
                span.link(shared.span)
        self._execution.audited(operation, context, shared.revealed, shared.errors)
        return shared

    async def _granted(self, follower: "_Follower") -> CallerContext:
        context = await self._pipeline.authenticate(follower.request)
        if context.asker != follower.asker:
            # The events were selected by what the caller could see when it subscribed.
            raise Forbidden(
                "The scopes or shops of this key were changed: subscribe again, with `since`"
            )
        return context

    async def _in_time(self, work: Awaitable[T]) -> T:
        seconds = self._pipeline.limits.seconds
        try:
            async with asyncio.timeout(seconds) as limit:
                return await work
        except TimeoutError:
            if not limit.expired():
                raise
            raise OperationTimeout(
                f"The operation was not done after {seconds:g} seconds"
            ) from None


class _PaidEvents:
    """Charges each event that one subscriber gets, however the event was found.

    The first was paid for when the subscription began.
    """

    def __init__(self, charge: Charge, since: str | None) -> None:
        self._charge = charge
        self._paid = True
        #: The cursor to resume at: of the last event that was delivered.
        self.since = since

    def reserve(self) -> None:
        """Reserve the cost of an event; raises RateLimited if the caller has too few points."""
        if not self._paid:
            self._charge.reserve()

    def settle(self, event: Any, used: int | None) -> dict[str, Any]:
        """Note that the event was delivered; returns what it cost."""
        self._paid = False
        self.since = getattr(event, "cursor", None)
        return self._charge.settle(used)


def _ended(payload: Payload, since: str | None) -> Payload:
    """The last answer to a follower: why there are no more, and the cursor to resume at."""
    errors = payload["errors"]
    if since is not None:
        extensions = {**errors[0]["extensions"], "since": since}
        errors = [{**errors[0], "extensions": extensions}, *errors[1:]]
    ended = {**payload, "errors": errors}
    # A timeout's answer has null data, but here the data are those of events.
    ended.pop("data", None)
    return ended


def errors_of(refused: Exception, request: RequestInfo) -> list[FormattedError]:
    """The errors of an operation that did not begin."""
    if isinstance(refused, GatewayError):
        return format_refusal(refused, request.request_id)
    return format_failure(refused, request.request_id)
