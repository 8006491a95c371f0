"""Records the status change of an order after a mutation, for subscribers."""

from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from gateway.errors import GatewayError
from gateway.store.order_changes import NewOrderChange
from gateway.store.store import Store
from schema.order import Order
from schema.order_change import OrderChangeCause

_CAUSE: Final = OrderChangeCause.MUTATION.value

_log = structlog.stdlib.get_logger(__name__)


class OrderChangeRecorder:
    """For orders that the platform keeps; `notify` wakes subscribers."""

    def __init__(self, store: Store, notify: Callable[[], Awaitable[None]]) -> None:
        self._store = store
        self._notify = notify

    async def record(self, order: Order, read_at: float) -> None:
        """Records an order that was read by a request sent at `read_at`, in unix seconds.

        The mutation itself is done: if the ledger cannot be written, the reconciler finds the
        change.
        """
        shop, name = order.shop.key_name, order.platform_id
        try:
            async with self._store.transaction() as transaction:
                sight = await self._store.order_overlays.see(
                    transaction, shop, name, order.status.value, read_at
                )
                if sight.newer and sight.status != order.status.value:
                    change = _change(order, sight.status)
                    await self._store.order_changes.append(transaction, [change])
        except GatewayError as failure:
            _log.warning(
                "orders.change.record_failed",
                message="A status change was not recorded; the reconciler will find it.",
                shop=shop,
                failure=type(failure).__name__,
            )
            return
        await self._notify()


def _change(order: Order, before: str | None) -> NewOrderChange:
    buyer, created_at = order.buyer_data, order.created_at
    return NewOrderChange(
        shop=order.shop.key_name,
        platform_id=order.platform_id,
        status=order.status.value,
        previous_status=before,
        cause=_CAUSE,
        open_id=None if buyer is None else buyer.open_id,
        created_at=None if created_at is None else int(created_at.timestamp()),
    )
