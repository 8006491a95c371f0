"""Copies of orders in the index that are as the platform has them: it lists what changed since."""

from collections.abc import Sequence
from typing import Any, Final

from gateway.concurrency.clock import DAY
from gateway.errors import StoreUnavailable
from gateway.platforms.weixin_store.adapter.index import IndexedOrders
from gateway.platforms.weixin_store.adapter.order_ids import OrderIds
from gateway.ports import ReadOptions
from gateway.ports.index import KeptDocument
from gateway.store.indexed_orders import IndexedOrder
from gateway.store.order_questions import OrderQuestion
from gateway.store.store import Store
from gateway.upstream.answer import PlatformAnswer
from schema.order import Order

#: Seconds by which the platform's clock may differ from ours.
_CLOCK_SKEW: Final = 60
#: Copies that were not compared for longer are read again.
_OLDEST: Final = 28 * DAY
#: How many changes are remembered; then the log begins again.
_MOST_CHANGES: Final = 20_000
#: Copies of one query.
_AT_ONCE: Final = 500
_KIND: Final = "orders"


class OrderCopies:
    """Copies of one shop; `lifetime` is how many seconds an answer about changes holds."""

    def __init__(
        self, store: Store, shop: str, index: IndexedOrders, ids: OrderIds, lifetime: float
    ) -> None:
        self._store = store
        self._shop = shop
        self._index = index
        self._ids = ids
        self._lifetime = lifetime
        #: All changes between these unix seconds are known.
        self._since = self._until = 0
        #: Until when the last known change of an order may have been made, by its id.
        self._changed: dict[str, int] = {}

    async def current(
        self, ids: Sequence[str], reading: ReadOptions, answers: list[PlatformAnswer[Any]]
    ) -> dict[str, Order]:
        """The copies of these orders that need not be read again; none, if the store fails.

        The platform's answers that say so are added to `answers`.

        Raises:
            PlatformFailure | Overloaded: the platform does not list what changed.
        """
        try:
            kept = await self._kept(ids)
            compared = await self._compared() if kept else 0
        except StoreUnavailable:
            return {}
        now = self._ids.now()
        dated = {
            one.platform_id: at
            for one in kept
            if (at := max(int(one.seen_at), compared)) > now - _OLDEST
        }
        if not dated:
            return {}
        await self._bring_up(min(dated.values()) - _CLOCK_SKEW, reading, answers)
        current = {}
        for one in kept:
            compared_at = dated.get(one.platform_id, 0)
            if compared_at and compared_at >= self._changed.get(one.platform_id, 0):
                order = self._order(one)
                if order is not None:
                    current[one.platform_id] = order
        return current

    async def _kept(self, ids: Sequence[str]) -> list[IndexedOrder]:
        """What the index has of them, unless personal data of it was erased."""
        kept: list[IndexedOrder] = []
        for begin in range(0, len(ids), _AT_ONCE):
            some = ids[begin : begin + _AT_ONCE]
            question = OrderQuestion(shops=[self._shop], platform_ids=some)
            page = await self._store.indexed_orders.page(self._shop, question, None, len(some))
            kept += [one for one in page.items if isinstance(one.personal, bytes)]
        return kept

    async def _compared(self) -> int:
        """When the whole index was last compared with the platform; 0: never."""
        reach = (await self._store.index_progress.of_shops(_KIND, [self._shop])).get(self._shop)
        if reach is None or not reach.done or reach.in_step_at is None:
            return 0
        return int(reach.in_step_at)

    async def _bring_up(
        self, oldest: int, reading: ReadOptions, answers: list[PlatformAnswer[Any]]
    ) -> None:
        """Makes the log of changes reach from `oldest` to now."""
        now = self._ids.now()
        if not self._until or len(self._changed) > _MOST_CHANGES:
            self._changed.clear()
            self._since = self._until = now
            spans = [(oldest, now)]
        else:
            spans = [(oldest, self._since)] if oldest < self._since else []
            if reading.fresh or now - self._until > self._lifetime:
                spans.append((self._until - _CLOCK_SKEW, now))
        for begin, end in spans:
            found = await self._ids.changed_between(begin, end, reading)
            answers += found.answers
            for id_ in found.ids:
                self._changed[id_] = max(self._changed.get(id_, 0), end)
            self._since, self._until = min(self._since, begin), max(self._until, end)

    def _order(self, kept: IndexedOrder) -> Order | None:
        """The order; None if another version of the gateway wrote it."""
        personal = kept.personal if isinstance(kept.personal, bytes) else None
        if kept.document is None:
            return None
        document = KeptDocument(kept.platform_id, kept.document, kept.part, personal)
        try:
            return self._index.order(document)
        except ValueError:
            return None
