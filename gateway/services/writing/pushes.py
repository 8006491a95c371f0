"""Operator mutations on failed pushes and dead letters: retry, discard."""

from contextlib import suppress
from dataclasses import dataclass, field

import msgspec

from gateway.errors import GatewayError, StoreUnavailable
from gateway.mutation_progress import begin_step
from gateway.outbox.dead_letters import NoSuchPush, NotRetryable, discard_push, retry_push
from gateway.outbox.dispatcher import Dispatcher
from gateway.ports.writing.problems import InputRefused
from gateway.services.directory import Directory
from gateway.services.pushes import PushService
from gateway.services.viewer import Viewer
from gateway.services.writing.order_results import push_errors
from gateway.services.writing.targets import target_key
from gateway.store.mutation_receipts import left_before, write_receipt
from gateway.store.store import Store
from schema.errors import ErrorCode, UserError
from schema.key import Key
from schema.push import Push


@dataclass(frozen=True, slots=True, kw_only=True)
class PushResult:
    """The push as it is now; None if there is none."""

    push: Push | None = None
    errors: list[UserError] = field(default_factory=list)


class PushReceipt(msgspec.Struct, frozen=True):
    """Receipt of a push that was already retried or discarded."""


class PushWriting:
    """Retries and discards pushes."""

    def __init__(
        self, directory: Directory, store: Store, dispatcher: Dispatcher, pushes: PushService
    ) -> None:
        self._directory = directory
        self._store = store
        self._dispatcher = dispatcher
        self._pushes = pushes

    async def retry(self, id_: str, viewer: Viewer) -> PushResult:
        """Retries a push at once, such as a dead letter.

        Raises:
            StoreUnavailable: nothing was done.
        """
        try:
            key, number = await self._found(id_, viewer)
            if left_before(PushReceipt) is not None:
                return await self._as_it_is(key, viewer)
            async with self._store.transaction() as transaction:
                push = await retry_push(self._store, transaction, number)
                await write_receipt(transaction, PushReceipt(), [key])
                claimed = await self._dispatcher.claim(transaction, [push.line])
        except GatewayError as refusal:
            return _refused(refusal)
        begin_step()
        # The push is kept; the dispatch loop goes on once the store is back.
        with suppress(StoreUnavailable):
            await self._dispatcher.deliver(claimed)
        return await self._as_it_is(key, viewer)

    async def discard(self, id_: str, viewer: Viewer) -> PushResult:
        """Discards a push: it is never sent.

        Raises:
            StoreUnavailable: nothing was done.
        """
        try:
            key, number = await self._found(id_, viewer)
            if left_before(PushReceipt) is not None:
                return await self._as_it_is(key, viewer)
            async with self._store.transaction() as transaction:
                await discard_push(self._store, transaction, number)
                await write_receipt(transaction, PushReceipt(), [key])
        except GatewayError as refusal:
            return _refused(refusal)
        begin_step()
        return await self._as_it_is(key, viewer)

    async def _found(self, id_: str, viewer: Viewer) -> tuple[Key, int]:
        """The key and the row number of a push that the viewer sees."""
        key = target_key(id_, "Push", "id")
        number = self._pushes.number_of(key)
        if number is None or await self._pushes.get_many([key], viewer) == [None]:
            raise NoSuchPush
        return key, number

    async def _as_it_is(self, key: Key, viewer: Viewer) -> PushResult:
        (push,) = await self._pushes.get_many([key], viewer)
        return PushResult(push=push, errors=push_errors(push))


def _refused(refusal: GatewayError) -> PushResult:
    if isinstance(refusal, InputRefused):
        return PushResult(errors=list(refusal.errors))
    codes = {NoSuchPush: ErrorCode.NOT_FOUND, NotRetryable: ErrorCode.CONFLICT}
    code = codes.get(type(refusal))
    if code is None:
        raise refusal
    return PushResult(errors=[UserError(code=code, message=refusal.message, field=["id"])])
