"""Records what a mutation changed on a platform, in the feed of changes."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog

from gateway.errors import GatewayError
from gateway.inbox.change_detection import ChangeDetector, ObservedOrder
from gateway.store.engine import Transaction
from gateway.store.inbox import EventBody, NewEvent
from gateway.store.object_changes import NewObjectChange
from gateway.store.store import Store
from schema.key import Key
from schema.order import Order
from schema.order_change import OrderChangeCause

_CAUSE: Final = OrderChangeCause.MUTATION.value

_log = structlog.stdlib.get_logger(__name__)


class OrderChangeRecorder:
    """For orders that the platform keeps; `notify` wakes subscribers."""

    def __init__(self, store: Store, notify: Callable[[], Awaitable[None]]) -> None:
        self._store = store
        self._change_detector = ChangeDetector(store)
        self._notify = notify

    async def record(self, order: Order, read_at: float) -> None:
        """Records an order that was read by a request sent at `read_at`, in unix seconds.

        The mutation itself is done: if the ledger cannot be written, the reconciler finds the
        change. An order that was read later meanwhile is read again, like an order of an event:
        that read may have told nobody of the change.
        """
        shop = order.shop.key_name
        observed = ObservedOrder(shop, order, read_at)

        async def write(transaction: Transaction) -> None:
            changes = await self._change_detector.changes(transaction, observed, _CAUSE)
            if changes is None:
                await self._receive(transaction, order.key)
            await self._store.order_changes.append(transaction, changes or ())

        await self._written(shop, write)

    async def look_again(self, key: Key) -> None:
        """Has an order read that may have been changed, and cannot be read now."""
        await self._written(key.shop, lambda transaction: self._receive(transaction, key))

    async def _receive(self, transaction: Transaction, key: Key) -> None:
        """Stores an event of ours in the inbox, which reads the order until that succeeds."""
        event = NewEvent(
            shop=key.shop,
            kind=_CAUSE,
            identity=(_CAUSE, key.platform_id, repr(transaction.now)),
            trusted=True,
            event_at=None,
            body=EventBody(key.platform_id),
        )
        await self._store.inbox.receive(transaction, event)

    async def _written(self, shop: str, write: Callable[[Transaction], Awaitable[None]]) -> None:
        try:
            async with self._store.transaction() as transaction:
                await write(transaction)
        except GatewayError as failure:
            _log.warning(
                "orders.change.record_failed",
                message="A status change was not recorded; the reconciler will find it.",
                shop=shop,
                failure=type(failure).__name__,
            )
            return
        await self._notify()


class ProductChangeRecorder:
    """For products that the platform keeps."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def record(self, changes: Mapping[Key, str | None]) -> None:
        """Records products with their new ProductStatus; None: deleted.

        The mutation itself is done, whether or not the ledger can be written.
        """
        new = [
            NewObjectChange(
                kind="Product",
                shop=key.shop,
                platform_id=key.platform_id,
                status=status,
                cause=_CAUSE if status is not None else OrderChangeCause.DELETED.value,
            )
            for key, status in changes.items()
        ]
        if not new:
            return
        try:
            async with self._store.transaction() as transaction:
                await self._store.object_changes.append(transaction, new)
        except GatewayError as failure:
            _log.warning(
                "products.change.record_failed",
                message="Changes of products were not recorded in the feed.",
                shops=sorted({key.shop for key in changes}),
                failure=type(failure).__name__,
            )
