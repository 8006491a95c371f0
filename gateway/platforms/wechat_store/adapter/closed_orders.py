"""Reports orders that the gateway closed as CLOSED: the platform's code for it is undocumented."""

from copy import copy

from gateway.concurrency.coalesced_read import CoalescedRead
from gateway.errors import StoreUnavailable
from gateway.platforms.wechat_store.endpoints import CLOSE_ORDER
from gateway.store.store import Store
from gateway.upstream.client import PlatformClient
from schema.order import Order
from schema.order_status import OrderStatus


class ClosedOrders:
    """A shop's closed orders, from the ledger; both methods raise StoreUnavailable.

    What was read from the ledger is valid until an order of the shop changes, here or on another
    replica: the tags that invalidate cached orders invalidate it as well.
    """

    def __init__(self, store: Store, shop: str, client: PlatformClient, *, cached: bool) -> None:
        self._store = store
        self._shop = shop
        self._client = client
        self._cached = cached
        self._tags = client.tags(*CLOSE_ORDER.invalidates)
        self._reads = CoalescedRead(lambda: store.order_overlays.closed(shop))
        self._known: tuple[tuple[bytes, ...], frozenset[str]] | None = None

    async def ids(self, *, fresh: bool) -> frozenset[str]:
        """Their platform ids; call after reading the platform, which updates the tags."""
        tags = self._tags()
        if self._known is not None and self._known[0] == tags and self._cached and not fresh:
            return self._known[1]
        try:
            self._known = (tags, await self._reads.run())
        except StoreUnavailable:
            # Serving the platform's answers matters more than the few orders closed meanwhile.
            if self._known is None:
                raise
        return self._known[1]

    async def add(self, order: str) -> None:
        """Records an order that the platform has closed."""
        async with self._store.transaction() as transaction:
            await self._store.order_overlays.close(transaction, self._shop, order)
        # Orders read since the call to the platform have the platform's own status.
        await self._client.invalidate(*CLOSE_ORDER.invalidates)


def shown(order: Order, closed: frozenset[str]) -> Order:
    """The order as callers see it; `platform_status` is left as read."""
    if order.platform_id not in closed:
        return order
    seen = copy(order)
    seen.status = OrderStatus.CLOSED
    seen.after_sale_status = None
    return seen
