"""Runs an operation as a series of answers: a subscription's many, any other's one."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Hashable
from contextlib import aclosing
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Final, TypeVar, cast

from graphql import ExecutionResult, GraphQLSchema, OperationType
from graphql.execution import Executor as CoreExecution
from graphql.execution import create_source_event_stream

from gateway.errors import Forbidden, GatewayError, OperationTimeout, Overloaded, RateLimited
from gateway.http.background_mutations import BackgroundMutations
from gateway.http.errors import Shown, show_errors, show_failure, show_refusal
from gateway.http.executor import Executor, execution_of
from gateway.http.idempotency import Repeats
from gateway.http.parameters import Parameters
from gateway.http.payload import Payload, code_of, payload_of
from gateway.http.request import RequestInfo
from gateway.http.request_pipeline import CallerContext, Prepared, RequestPipeline
from gateway.http.stream_observer import StreamObserver, Unobserved

T = TypeVar("T")


#: Seconds after which it is made sure that the key of an idle subscription still works.
_RECHECK: Final = 5.0
#: Operations under way in one process, and those of one caller among them.
_MOST_STREAMS: Final = 10_000
_MOST_OF_ONE: Final = 5_000
_END: Final = object()
#: What is not known yet where an operation is refused.
_NONE: Final = "none"


@dataclass(frozen=True, slots=True)
class StreamParts:
    """What runs operations, shared with the endpoint of plain requests."""

    schema: GraphQLSchema
    preparation: RequestPipeline
    executor: Executor
    mutations: BackgroundMutations
    #: For one answer.
    seconds: float
    repeats: Repeats | None = None


class Streaming:
    """Runs operations for the transports that stream; `stop` ends what runs."""

    def __init__(self, parts: StreamParts) -> None:
        self._parts = parts
        self._running: Counter[str] = Counter()
        self._observer: StreamObserver = Unobserved()
        self.stopping = asyncio.Event()

    def observe(self, observer: StreamObserver) -> None:
        """From now on tell this one of what streams."""
        self._observer = observer

    def stop(self) -> None:
        """The process is about to end: let the clients go to another one."""
        self.stopping.set()

    async def greet(self, request: RequestInfo) -> None:
        """Make sure who asks; raises Unauthenticated."""
        await self._parts.preparation.context(request)

    async def prepare(self, asked: Parameters, request: RequestInfo) -> Prepared:
        """What is asked, once it is sure who asks, and paid for; raises GatewayError."""
        began = perf_counter()
        try:
            return await self._prepared(asked, request)
        except GatewayError as refused:
            code = code_of({"errors": show_refusal(refused, request.request_id)})
            self._observer.operation(_NONE, code, perf_counter() - began)
            raise

    async def payloads(
        self, prepared: Prepared, request: RequestInfo
    ) -> AsyncGenerator[Payload, None]:
        """The answers; one that has no data says why there are no more."""
        caller, kind = prepared.context.caller, prepared.operation.kind
        follows, code, began = kind is OperationType.SUBSCRIPTION, "CLIENT_GONE", perf_counter()
        self._running[caller] += 1
        self._observer.following(int(follows))
        try:
            async with aclosing(self._answers(prepared, request)) as answers:
                async for answer in answers:
                    code = code_of(answer)
                    if follows:
                        self._observer.told(code)
                    yield answer
        finally:
            self._running -= Counter({caller: 1})
            self._observer.following(-int(follows))
            if not follows:
                self._observer.operation(kind.value, code, perf_counter() - began)

    async def _prepared(self, asked: Parameters, request: RequestInfo) -> Prepared:
        if self.stopping.is_set() or self._running.total() >= _MOST_STREAMS:
            raise Overloaded("The gateway has too much to do just now", retry_after=1)
        preparation = self._parts.preparation
        context = await preparation.context(request)
        if self._running[context.caller] >= _MOST_OF_ONE:
            raise RateLimited(f"{_MOST_OF_ONE} operations stream to this key", retry_after=1)
        return preparation.prepared(preparation.operation(asked), asked.variables, context)

    async def _answers(
        self, prepared: Prepared, request: RequestInfo
    ) -> AsyncGenerator[Payload, None]:
        try:
            if prepared.operation.kind is not OperationType.SUBSCRIPTION:
                yield await self._single(prepared, request)
                return
            # A browser's EventSource asks with `no-cache`; a change is read as fresh as it must be.
            headers = {
                name: value for name, value in request.headers.items() if name != "cache-control"
            }
            follower = request.with_headers(headers)
            async with aclosing(self._series(prepared, follower)) as answers:
                async for answer in answers:
                    yield answer
        except GatewayError as refused:
            yield {"errors": show_refusal(refused, request.request_id)}
        except Exception as failure:  # noqa: BLE001 - nothing internal may reach the outside
            yield {"errors": show_failure(failure, request.request_id)}

    async def _single(self, prepared: Prepared, request: RequestInfo) -> Payload:
        parts = self._parts

        async def work() -> Payload:
            operation, variables = prepared.operation, prepared.variables
            result = await parts.executor.execute(operation, variables, prepared.context)
            return payload_of(result, request.request_id)

        if prepared.operation.kind is not OperationType.MUTATION:
            return await self._in_time(work())
        mutation = work() if parts.repeats is None else parts.repeats.run(prepared, request, work)
        return await self._in_time(parts.mutations.run(mutation))

    async def _series(
        self, prepared: Prepared, request: RequestInfo
    ) -> AsyncGenerator[Payload, None]:
        context = await self._parts.preparation.context(request)
        asker = context.asker
        execution = execution_of(
            self._parts.schema, prepared.operation, prepared.variables, context
        )
        source = create_source_event_stream(execution)
        if isinstance(source, Awaitable):
            source = await self._in_time(source)
        if isinstance(source, ExecutionResult):
            yield {"errors": show_errors(source.errors or (), request.request_id)}
            return
        async with aclosing(cast("Any", aiter(source))) as events:
            async for event in self._watched(events, request, asker):
                yield await self._answer(execution, event, request, asker)

    async def _answer(
        self, execution: CoreExecution[Any], event: Any, request: RequestInfo, asker: Hashable
    ) -> Payload:
        """One event, for a caller who is allowed to see it now, with loaders of its own."""
        once = execution.build_per_event_executor(event)
        once.context_value = await self._granted(request, asker)
        result = once.execute_operation(False)
        if not isinstance(result, ExecutionResult):
            result = await self._in_time(cast("Awaitable[ExecutionResult]", result))
        return payload_of(result, request.request_id)

    async def _watched(
        self, events: AsyncIterator[Any], request: RequestInfo, asker: Hashable
    ) -> AsyncGenerator[Any, None]:
        """The events, as long as the caller is known, and may see what it might at first."""
        while True:
            coming = asyncio.ensure_future(anext(events, _END))
            try:
                while not (await asyncio.wait({coming}, timeout=_RECHECK))[0]:
                    await self._granted(request, asker)
            except BaseException:
                coming.cancel()
                await asyncio.wait({coming})
                raise
            event = coming.result()
            if event is _END:
                return
            yield event

    async def _granted(self, request: RequestInfo, asker: Hashable) -> CallerContext:
        context = await self._parts.preparation.context(request)
        if context.asker != asker:
            # The events were chosen by what the caller might see when it came.
            raise Forbidden("What this key may see or do was changed: begin anew, with `since`")
        return context

    async def _in_time(self, work: Awaitable[T]) -> T:
        seconds = self._parts.seconds
        try:
            async with asyncio.timeout(seconds) as limit:
                return await work
        except TimeoutError:
            if not limit.expired():
                raise
            raise OperationTimeout(
                f"The operation was not done after {seconds:g} seconds"
            ) from None


def errors_of(refused: Exception, request: RequestInfo) -> list[Shown]:
    """What is said of an operation that did not begin."""
    if isinstance(refused, GatewayError):
        return show_refusal(refused, request.request_id)
    return show_failure(refused, request.request_id)
