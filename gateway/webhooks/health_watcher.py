"""Health watcher of webhooks: tells endpoints when a shop's platform begins or ceases to answer."""

from collections.abc import Sequence
from typing import Final

from gateway.ports import Adapter
from gateway.store.engine import ReaderPool, Transaction, reading_from
from gateway.store.store import Store
from gateway.webhooks.bodies import Topic, shop_health_changed
from gateway.webhooks.recorder import deliveries_of
from gateway.webhooks.rights import EndpointRights
from schema.platform import Availability

#: Seconds between two looks, which make no call and read nothing.
POLL: Final = 1.0
#: A counter that is locked while the health of shops is told.
_LOCK: Final = "webhooks/health"


class HealthWatcher:
    """Tells what this process sees change, unless another process has told the same.

    The last availability that was told of each shop is in the store: of several processes that
    lose a platform, the first one tells it.
    """

    def __init__(self, store: Store, adapters: Sequence[Adapter], rights: EndpointRights) -> None:
        self._store = store
        self._adapters = adapters
        self._rights = rights
        self._known = self._health()

    async def once(self) -> int:
        """Tells what changed since the last round; how many shops.

        Raises:
            StoreUnavailable: it cannot be told now, and is tried again in the next round.
        """
        told = 0
        for shop, now in self._health().items():
            before = self._known[shop]
            if now is not before:
                told += await self._changed(shop, now, before)
                self._known[shop] = now
        return told

    async def _changed(self, shop: str, now: Availability, before: Availability) -> bool:
        with reading_from(ReaderPool.SUBSCRIPTIONS):
            endpoints = await self._store.webhook_endpoints.enabled()
        if not any(one.wants(Topic.SHOP_HEALTH_CHANGED, shop) for one in endpoints):
            return False
        async with self._store.transaction(bulk=True) as transaction:
            return await self._tell(transaction, shop, now, before)

    async def _tell(
        self, transaction: Transaction, shop: str, now: Availability, before: Availability
    ) -> bool:
        store = self._store
        await store.counters.lock(transaction, _LOCK)
        endpoints = [
            one
            for one in await store.webhook_endpoints.lock_enabled(transaction)
            if one.wants(Topic.SHOP_HEALTH_CHANGED, shop)
        ]
        last = await store.told_health.get(transaction, shop)
        # What was told while none of these asked says nothing: changes since were not told.
        begun = min((one.begun_at for one in endpoints), default=transaction.now)
        known = before.name if last is None or last.at < begun else last.value
        # A first call that succeeds is no news.
        if known == now.name or (known, now) == (Availability.UNKNOWN.name, Availability.UP):
            return False
        message = shop_health_changed(shop, now.name, known, transaction.now)
        deliveries = list(deliveries_of(message, endpoints, self._rights))
        await store.webhook_deliveries.record(transaction, deliveries)
        await store.told_health.note(transaction, shop, now.name)
        return bool(deliveries)

    def _health(self) -> dict[str, Availability]:
        return {one.shop.key_name: one.health().availability for one in self._adapters}
