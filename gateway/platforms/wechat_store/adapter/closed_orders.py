"""Shows orders as CLOSED that the gateway closed: no source names the platform's code for it."""

from copy import copy

from gateway.concurrency.coalesced_read import CoalescedRead
from gateway.errors import StoreUnavailable
from gateway.platforms.wechat_store.endpoints import CLOSE_ORDER
from gateway.store.store import Store
from gateway.upstream.client import PlatformClient
from schema.order import Order
from schema.order_status import OrderStatus


class ClosedOrders:
    """The closed orders of one shop, from the ledger; both methods raise StoreUnavailable.

    What was read from the ledger holds as long as no order of the shop was changed, here or on
    another replica: the tags that invalidate cached orders invalidate it as well.
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
        """Their platform ids; ask once the platform has been read, which brings the tags along."""
        tags = self._tags()
        if self._known is not None and self._known[0] == tags and self._cached and not fresh:
            return self._known[1]
        try:
            self._known = (tags, await self._reads.run())
        except StoreUnavailable:
            # The platform's own answers are worth more than the few that were closed meanwhile.
            if self._known is None:
                raise
        return self._known[1]

    async def add(self, order: str) -> None:
        """Remembers an order that the platform has closed."""
        async with self._store.transaction() as transaction:
            await self._store.order_overlays.close(transaction, self._shop, order)
        # What was read since the platform was told shows it in the platform's own way.
        await self._client.invalidate(*CLOSE_ORDER.invalidates)


def shown(order: Order, closed: frozenset[str]) -> Order:
    """The order as it is to be seen; `platform_status` stays as it was read."""
    if order.platform_id not in closed:
        return order
    seen = copy(order)
    seen.status = OrderStatus.CLOSED
    seen.after_sale_status = None
    return seen
