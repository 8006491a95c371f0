"""Shared events: a subscription's event is executed once for all followers who see the same."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable, Iterator, Mapping, Sequence
from typing import Any, Final, Self

import msgspec
import orjson
from graphql import (
    ExecutionResult,
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    Node,
    VariableNode,
)

from gateway.concurrency.broadcast import Broadcast
from gateway.concurrency.lru_cache import LruCache
from gateway.errors import GatewayError
from gateway.http.answer_audit import Revealed, revealed_by
from gateway.http.documents import Operation
from gateway.http.errors import FormattedError, format_errors, format_failure
from gateway.http.executor import Variables
from gateway.http.request_pipeline import CallerContext
from gateway.http.response import Payload
from gateway.store.engine import ReaderPool, reading_from
from gateway.tracing import CURRENT, SpanReference

#: Executions in progress; more wait. One whose platform hangs must not hold up the others.
_AT_ONCE: Final = 32
#: Seconds that a result is kept for followers who are slow to ask for it.
_KEPT_FOR: Final = 30.0
#: Bytes of all results that are kept, and of what one takes besides its data.
_MAX_BYTES: Final = 32_000_000
_BYTES_EACH: Final = 1_000
#: Key of an operation's variables among the data stored with it.
_VARIABLES: Final = "gateway.shared_events"


class SharedEvent(msgspec.Struct, frozen=True):
    """The result of one execution, without what differs from follower to follower.

    `data` is JSON, and `formatted` are the errors without the id of a request. `used` is what the
    result took, in thousandths of a point; None if unknown.
    """

    data: bytes
    errors: Sequence[GraphQLError]
    formatted: Sequence[FormattedError]
    extensions: Mapping[str, Any] | None
    revealed: Revealed
    used: int | None
    #: The span of the follower for whom it was executed; None: that one was not traced.
    span: SpanReference | None = None

    @classmethod
    def of(cls, operation: Operation, context: CallerContext, result: ExecutionResult) -> Self:
        """The result of an execution in this context."""
        span = CURRENT.get()
        return cls(
            data=orjson.dumps(result.data),
            errors=result.errors or (),
            formatted=format_errors(result.errors or (), ""),
            extensions=result.extensions,
            revealed=revealed_by(context.revealed),
            used=operation.usage.used(result.data),
            span=None if span is None else span.reference,
        )

    def payload(self, request_id: str) -> Payload:
        """The response for the follower of this request."""
        payload: dict[str, Any] = {"data": orjson.Fragment(self.data)}
        if self.formatted:
            payload["errors"] = [
                {**error, "extensions": {**error["extensions"], "requestId": request_id}}
                for error in self.formatted
            ]
        if self.extensions:
            payload["extensions"] = self.extensions
        return payload


class Withdrawn(Exception):
    """The follower for whom an execution was to begin may not see the event any more."""

    def __init__(self, refused: GatewayError) -> None:
        super().__init__()
        self.refused = refused


#: Executes an event for one follower; raises Withdrawn.
Start = Callable[[], Coroutine[Any, Any, SharedEvent]]


class _Execution:
    """One execution; `began` is its place in the order of beginnings, 0 while it waits for one."""

    __slots__ = ("began", "done", "outcome", "task", "waiting")

    def __init__(self) -> None:
        self.began = 0
        self.outcome: SharedEvent | Exception | None = None
        self.done = Broadcast()
        self.waiting = 0
        self.task: asyncio.Task[None] | None = None


class SharedEvents:
    """The executions of events in progress, and the results of those that have just ended.

    A follower is given no result of an execution that began before it subscribed: it would not
    have changes that the follower knew of by then.
    """

    def __init__(self, *, at_once: int = _AT_ONCE) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._order = 0
        self._executions: dict[Hashable, _Execution] = {}
        self._results: LruCache[Hashable, tuple[int, SharedEvent]] = LruCache(max_weight=_MAX_BYTES)

    def enter(self) -> int:
        """The place of a new follower in the order of beginnings."""
        self._order += 1
        return self._order

    async def get(self, key: Hashable | None, entered: int, start: Start) -> SharedEvent:
        """The result of an event for a follower who entered then.

        `key` is equal for the same event, told to followers who would get the same; None: to
        nobody else.

        Raises:
            GatewayError: the execution failed for all who wait for it, or the follower withdrew.
        """
        if key is None:
            try:
                return await start()
            except Withdrawn as withdrawn:
                raise withdrawn.refused from None
        while True:
            kept = self._results.get(key)
            if kept is not None and kept[0] > entered:
                return kept[1]
            execution, own = self._executions.get(key), False
            if execution is None:
                execution, own = self._begin(key, start), True
            outcome = await self._outcome(key, execution)
            if execution.began <= entered:
                continue
            if isinstance(outcome, SharedEvent):
                return outcome
            if not isinstance(outcome, Withdrawn):
                raise outcome.with_traceback(None)
            if own:
                raise outcome.refused

    def _begin(self, key: Hashable, start: Start) -> _Execution:
        execution = self._executions[key] = _Execution()
        execution.task = asyncio.create_task(self._run(key, execution, start))
        return execution

    async def _run(self, key: Hashable, execution: _Execution, start: Start) -> None:
        try:
            async with self._places:
                execution.began = self.enter()
                with reading_from(ReaderPool.SUBSCRIPTIONS):
                    execution.outcome = event = await start()
            self._keep(key, execution.began, event)
        except (GatewayError, Withdrawn) as failure:
            execution.outcome = failure
        except Exception as failure:  # noqa: BLE001 - reported once, not by each follower
            format_failure(failure, "")
            execution.outcome = GatewayError("Internal error")
        finally:
            self._forget(key, execution)
            execution.done.wake()

    async def _outcome(self, key: Hashable, execution: _Execution) -> SharedEvent | Exception:
        execution.waiting += 1
        try:
            while execution.outcome is None:
                await execution.done.wait()
            return execution.outcome
        finally:
            execution.waiting -= 1
            if not execution.waiting and execution.outcome is None and execution.task is not None:
                # Nobody may join an execution that is being cancelled.
                self._forget(key, execution)
                execution.task.cancel()

    def _forget(self, key: Hashable, execution: _Execution) -> None:
        if self._executions.get(key) is execution:
            del self._executions[key]

    def _keep(self, key: Hashable, began: int, event: SharedEvent) -> None:
        self._results.put(key, (began, event), weight=_BYTES_EACH + len(event.data))
        # What it shows may be personal data: none stays for want of followers who ask.
        asyncio.get_running_loop().call_later(_KEPT_FOR, self._results.discard, key)


def selection_key(operation: Operation, variables: Variables) -> Hashable | None:
    """Equal for subscriptions that select the same of an event, whichever events they choose.

    None: a variable cannot be compared.
    """
    names = operation.plans.get(_VARIABLES)
    if names is None:
        names = operation.plans[_VARIABLES] = frozenset(_variables_below_root(operation))
    sent = {name: value for name, value in variables.sent.items() if name in names}
    try:
        return operation, orjson.dumps(sent, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return None


def _variables_below_root(operation: Operation) -> Iterator[str]:
    """The variables that the result depends on: all but those in the root field's arguments."""
    seen: set[str] = set()

    def below(node: Node, *, root: bool) -> Iterator[str]:
        if isinstance(node, VariableNode):
            yield node.name.value
        elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
            seen.add(node.name.value)
            yield from below(operation.fragments[node.name.value].selection_set, root=root)
        at_field = isinstance(node, FieldNode)
        for name in node.keys:
            if root and at_field and name == "arguments":
                continue
            inner = getattr(node, name, None)
            for one in inner if isinstance(inner, tuple | list) else (inner,):
                if isinstance(one, Node):
                    yield from below(one, root=root and not at_field)

    yield from below(operation.node.selection_set, root=True)
    for directive in operation.node.directives or ():
        yield from below(directive, root=False)
