"""Change detection: compares each read of an order with the previous one."""

from dataclasses import dataclass

from gateway.store.engine import Transaction
from gateway.store.order_changes import NewOrderChange
from gateway.store.order_overlays import Look
from gateway.store.store import Store
from schema.order import Order


@dataclass(frozen=True, slots=True)
class ObservedOrder:
    """An order as read; `read_at` is when the request was sent, in unix seconds."""

    shop: str
    order: Order
    read_at: float
    partner_app_id: str | None = None

    @property
    def place(self) -> str:
        """The order's key in the ledger."""
        if self.partner_app_id is None:
            return self.order.platform_id
        return f"{self.partner_app_id}/{self.order.platform_id}"


class ChangeDetector:
    """Turns reads into changes: one for each new status.

    An event or a mutation also announces a status that was only recorded silently.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def changes(
        self, transaction: Transaction, observed: ObservedOrder, cause: str, look: Look = Look.NEWS
    ) -> list[NewOrderChange] | None:
        """Record the order; returns the changes, None if a later read is recorded.

        They must be appended in the same transaction: nothing finds them a second time.
        """
        order = observed.order
        sight = await self._store.order_overlays.see(
            transaction, observed.shop, observed.place, order.status.value, observed.read_at, look
        )
        if not sight.newer:
            return None
        if not sight.changed:
            return []
        buyer, created_at = order.buyer_data, order.created_at
        return [
            NewOrderChange(
                shop=observed.shop,
                platform_id=order.platform_id,
                partner_app_id=observed.partner_app_id,
                status=order.status.value,
                previous_status=sight.status,
                cause=cause,
                open_id=None if buyer is None else buyer.open_id,
                created_at=None if created_at is None else int(created_at.timestamp()),
            )
        ]
