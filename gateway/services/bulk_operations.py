"""Bulk operations of a viewer: looks them up, lists and cancels them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import msgspec

from gateway.auth.keys_file import KeyRecord
from gateway.errors import BadUserInput
from gateway.mutation_progress import begin_step
from gateway.ports.writing.problems import InputRefused
from gateway.services.cursor import NO_CURSOR
from gateway.services.viewer import Viewer
from gateway.services.writing.targets import target_key
from gateway.store.bulk_operations import ENDED, BulkCaller, StoredBulkOperation
from gateway.store.engine import Transaction
from gateway.store.mutation_receipts import left_before, write_receipt
from gateway.store.row_numbers import BULK_OPERATIONS
from gateway.store.store import Store
from schema.bulk_operation import (
    BulkKind,
    BulkOperation,
    BulkOperationConnection,
    BulkState,
)
from schema.connection import Cursors
from schema.errors import ErrorCode, UserError
from schema.key import Key
from schema.scope import Scope

#: In ids of operations that concern several shops: no shop has this key.
_SEVERAL_SHOPS: Final = "*"


class _Receipt(msgspec.Struct, frozen=True):
    """The operation that a mutation began or cancelled."""

    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkResult:
    """The result of a mutation; `operation` is None where nothing was done."""

    operation: BulkOperation | None = None
    errors: Sequence[UserError] = ()


class BulkOperationService:
    """Shows a viewer the operations of its API key.

    A viewer of all shops with ops:read sees those of every key.
    """

    def __init__(
        self, store: Store, records: Callable[[], Sequence[KeyRecord]], public_url: str
    ) -> None:
        """`records` are the API keys that are not revoked."""
        self._store = store
        self._records = records
        self._public_url = public_url.rstrip("/")

    async def get_many(self, keys: Sequence[Key], viewer: Viewer) -> list[BulkOperation | None]:
        """Operations in the order of their keys."""
        numbers = [self.number_of(key) for key in keys]
        found = await self._store.bulk_operations.get_many(
            [number for number in numbers if number is not None]
        )
        stored = [None if number is None else found.get(number) for number in numbers]
        return [
            self.shown(one)
            if one is not None and _sees(viewer, one) and key.shop == _shop_of(one)
            else None
            for key, one in zip(keys, stored, strict=True)
        ]

    async def page(self, after: str | None, first: int, viewer: Viewer) -> BulkOperationConnection:
        """The operations, newest first.

        Raises:
            BadUserInput: a malformed cursor.
            StoreUnavailable: they cannot be read.
        """
        place = None
        if after is not None:
            place = self._store.row_numbers.reveal(BULK_OPERATIONS, after)
            if place is None:
                raise BadUserInput(NO_CURSOR)
        caller = None if _sees_all(viewer) else viewer.key_id
        found = await self._store.bulk_operations.page(caller, after=place, limit=first + 1)
        nodes = [self.shown(stored) for stored in found[:first]]
        whole = after is None and len(found) <= first
        return BulkOperationConnection(
            nodes=nodes,
            total_count=len(nodes) if whole else None,
            cursors=Cursors(
                at=lambda index: nodes[index].key.platform_id,
                has_next_page=len(found) > first,
                has_previous_page=after is not None,
            ),
        )

    async def cancel(self, id_: str, viewer: Viewer) -> BulkResult:
        """Cancels an operation that has not ended.

        A running one ends after the lines that are being processed.
        """
        if (left := left_before(_Receipt)) is not None:
            return BulkResult(operation=await self._of_number(left.id))
        try:
            key = target_key(id_, "BulkOperation", "id")
            (found,) = await self.get_many([key], viewer)
            number = self.number_of(key)
            if found is None or number is None:
                message = "There is no such bulk operation for this API key."
                raise InputRefused.of(ErrorCode.NOT_FOUND, message, "id")
            async with self._store.transaction() as transaction:
                if not await self._store.bulk_operations.cancel(transaction, number):
                    message = "The bulk operation has ended already."
                    raise InputRefused.of(ErrorCode.CONFLICT, message, "id")
                await self.write_receipt(transaction, number, key)
        except InputRefused as refused:
            return BulkResult(errors=refused.errors)
        begin_step()
        return BulkResult(operation=await self._of_number(number))

    async def begun_before(self) -> BulkResult | None:
        """What an earlier, interrupted run of this mutation began; None: nothing."""
        left = left_before(_Receipt)
        return None if left is None else await self.result_of(left.id)

    async def result_of(self, number: int) -> BulkResult:
        """The result of a mutation that began the operation of this number."""
        return BulkResult(operation=await self._of_number(number))

    async def write_receipt(self, transaction: Transaction, number: int, key: Key) -> None:
        """Writes, in the transaction of the mutation, that it began or cancelled the operation."""
        await write_receipt(transaction, _Receipt(number), [key])

    def caller_of(self, viewer: Viewer) -> BulkCaller:
        """The viewer as an operation remembers it."""
        return BulkCaller(
            name=viewer.name,
            key_id=viewer.key_id,
            by_key=any(viewer.key_id in {one.id, one.replaces} for one in self._records()),
            scopes=frozenset(map(str, viewer.scopes)),
            shops=viewer.bound_to,
        )

    def key_of(self, number: int, shop: str | None) -> Key:
        """The key of the operation of this number; `shop` None: it concerns several."""
        concealed = self._store.row_numbers.conceal(BULK_OPERATIONS, number)
        return Key("BulkOperation", shop or _SEVERAL_SHOPS, concealed)

    def number_of(self, key: Key) -> int | None:
        """The number of an operation; None if there can be no such operation."""
        return self._store.row_numbers.reveal(BULK_OPERATIONS, key.platform_id)

    async def _of_number(self, number: int) -> BulkOperation | None:
        found = (await self._store.bulk_operations.get_many([number])).get(number)
        return None if found is None else self.shown(found)

    def shown(self, stored: StoredBulkOperation) -> BulkOperation:
        """A stored operation as the API shows it."""
        key = self.key_of(stored.id, stored.shop)
        readable = stored.state in ENDED and stored.keeps_result
        return BulkOperation(
            key=key,
            kind=BulkKind[stored.kind],
            state=BulkState[stored.state],
            created_at=_moment(stored.created_at),
            finished_at=None if stored.finished_at is None else _moment(stored.finished_at),
            done=stored.done,
            failed=stored.failed,
            total=stored.total,
            result_url=f"{self._public_url}/bulk/{key.encode()}" if readable else None,
            result_bytes=stored.result_bytes if readable else None,
            error=stored.error,
        )


def _sees_all(viewer: Viewer) -> bool:
    return viewer.bound_to is None and Scope.OPS_READ in viewer.scopes


def _sees(viewer: Viewer, stored: StoredBulkOperation) -> bool:
    return stored.caller.key_id == viewer.key_id or _sees_all(viewer)


def _shop_of(stored: StoredBulkOperation) -> str:
    return stored.shop or _SEVERAL_SHOPS


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
