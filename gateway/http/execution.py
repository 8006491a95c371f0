"""Execution stage: runs a mutation to its end and once per key; equal queries share one run."""

from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import Any

import msgspec
import orjson
from graphql import ExecutionResult, GraphQLError, OperationType

from gateway.concurrency.single_flight import SingleFlight
from gateway.errors import GatewayError
from gateway.http.answer_audit import AnswerAudit, Revealed, revealed_by
from gateway.http.background_mutations import BackgroundMutations
from gateway.http.concealed_schema import conceal_argument_error
from gateway.http.documents import Operation
from gateway.http.executor import Executor
from gateway.http.idempotency import IdempotentMutations
from gateway.http.load_shedding import LoadShedder
from gateway.http.request import RequestInfo
from gateway.http.request_pipeline import CallerContext, Prepared
from gateway.http.response import (
    EncodedResult,
    Payload,
    encode,
    encode_with_cost,
    payload_of,
    with_cost,
    with_stale_reads,
)
from gateway.store.engine import ReaderPool, reading_from
from gateway.tracing import traced

#: A stamp that changes with every write; None: writes are not counted.
Writes = Callable[[], Hashable | None]


class _Shared(msgspec.Struct, frozen=True):
    """The result that all callers of one execution share; `body` is None if fields failed.

    `used` is what it took, in thousandths of a point; None if unknown.
    """

    result: ExecutionResult
    body: bytes | None
    revealed: Revealed
    used: int | None


class Execution:
    """Executes prepared operations.

    A mutation runs to its end even if its client disconnects, and once per idempotency key. A
    query joins an equal one in progress: the same operation with the same variables, of the same
    caller, with no write between the beginnings of the two. So no answer has data that was read
    before a change that its caller could know of. A query that asks for fresh reads is executed
    separately.

    Args:
        executor: what runs the resolvers.
        writes: without it no query joins another.
        idempotency: without it `Idempotency-Key` is ignored.
        audit: without it no answer is noted in the audit log.
        introspection: without it errors of arguments name nothing of the schema.
        shedder: admits queries; default: one of the usual sizes.
    """

    def __init__(
        self,
        executor: Executor,
        *,
        writes: Writes = lambda: None,
        idempotency: IdempotentMutations | None = None,
        audit: AnswerAudit | None = None,
        introspection: bool = True,
        shedder: LoadShedder | None = None,
    ) -> None:
        self._executor = executor
        self._writes = writes
        self._idempotency = idempotency
        self._audit = audit
        self._introspection = introspection
        self._shedder = shedder or LoadShedder()
        self._flights: SingleFlight[_Shared] = SingleFlight()
        self.mutations = BackgroundMutations()

    async def encoded(self, prepared: Prepared, request: RequestInfo) -> EncodedResult:
        """The result of an operation that is answered once, as JSON; settles its charge."""
        try:
            # How long the response of a GET may be cached is recorded by the request that reads.
            if prepared.operation.kind is OperationType.QUERY and request.method == "POST":
                return await self._shared(prepared, request)
            payload = await self._payload(prepared, request)
        except GatewayError as refused:
            prepared.charge.refuse(refused)
            raise
        return encode(payload, _settled(prepared, payload))

    async def payload(self, prepared: Prepared, request: RequestInfo) -> Payload:
        """The result of a query or a mutation, shared with no other request; settles its charge."""
        try:
            payload = await self._payload(prepared, request)
        except GatewayError as refused:
            prepared.charge.refuse(refused)
            raise
        return with_cost(payload, _settled(prepared, payload))

    async def _payload(self, prepared: Prepared, request: RequestInfo) -> Payload:
        async def work() -> Payload:
            result = await self._result(prepared)
            self.answered(prepared.operation, prepared.context, result)
            return payload_of(result, request.request_id)

        if prepared.operation.kind is not OperationType.MUTATION:
            return await work()
        with reading_from(ReaderPool.MUTATIONS):
            if self._idempotency is None:
                return await self.mutations.run(work())
            return await self.mutations.run(self._idempotency.run(prepared, request, work))

    def answered(
        self, operation: Operation, context: CallerContext, result: ExecutionResult
    ) -> None:
        """Notes a result that nobody shares in the audit log."""
        self.audited(operation, context, revealed_by(context.revealed), result.errors)

    def audited(
        self,
        operation: Operation,
        context: CallerContext,
        revealed: Revealed,
        errors: Sequence[GraphQLError] | None,
    ) -> None:
        """Notes in the audit log what an answer revealed to this caller, or refused it."""
        if self._audit is not None and (revealed.records or errors):
            self._audit.answered(operation, context.origin, revealed, errors)

    async def _shared(self, prepared: Prepared, request: RequestInfo) -> EncodedResult:
        key = self._key(prepared)
        execute = partial(self._execute, prepared)
        shared = await (execute() if key is None else self._flights.run(key, execute))
        self.audited(prepared.operation, prepared.context, shared.revealed, shared.result.errors)
        cost = prepared.charge.settle(shared.used)
        if shared.body is not None:
            return encode_with_cost(shared.body, cost)
        return encode(payload_of(shared.result, request.request_id), cost)

    async def _execute(self, prepared: Prepared) -> _Shared:
        result = await self._result(prepared)
        plain = not result.errors and not result.extensions
        body = orjson.dumps({"data": result.data}) if plain else None
        used = prepared.operation.usage.used(result.data)
        return _Shared(result, body, revealed_by(prepared.context.revealed), used)

    async def _result(self, prepared: Prepared) -> ExecutionResult:
        if prepared.operation.kind is not OperationType.QUERY:
            with self._shedder.mutation():
                return await self._executed(prepared)
        if not self._shedder.enter():
            await self._shedder.wait(prepared.charge.points)
        try:
            return await self._executed(prepared)
        finally:
            self._shedder.leave()

    async def _executed(self, prepared: Prepared) -> ExecutionResult:
        with traced("GraphQL execute"):
            result = await self._executor.execute(
                prepared.operation, prepared.variables, prepared.context
            )
        return self.shown(result, prepared.context)

    def shown(self, result: ExecutionResult, context: CallerContext) -> ExecutionResult:
        """The result as the client may see it."""
        if result.errors and not self._introspection:
            result.errors = [conceal_argument_error(error) for error in result.errors]
        return with_stale_reads(result, context)

    def _key(self, prepared: Prepared) -> Hashable | None:
        """Equal for executions that give the same result; None: not shareable."""
        viewer = prepared.context.asker
        written: Any = self._writes() if viewer is not None else None
        if written is None:
            return None
        try:
            variables = orjson.dumps(prepared.variables.sent, option=orjson.OPT_SORT_KEYS)
        except TypeError:
            # One of them is a file.
            return None
        return prepared.operation, variables, viewer, written


def _settled(prepared: Prepared, payload: Payload) -> dict[str, Any]:
    return prepared.charge.settle(prepared.operation.usage.used(payload.get("data")))
