"""Notes how an order stands after a mutation, for those who follow its changes."""

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
    """Of orders that the platform keeps; `notify` wakes those who follow changes."""

    def __init__(self, store: Store, notify: Callable[[], Awaitable[None]]) -> None:
        self._store = store
        self._notify = notify

    async def note(self, order: Order, read_at: float) -> None:
        """Note an order as it was read, the question being put at `read_at` in unix seconds.

        The platform did what was asked: where the ledger cannot be written, the next sweep finds
        the change.
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
            _log.warning("a change is left to the sweep", shop=shop, failure=type(failure).__name__)
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
