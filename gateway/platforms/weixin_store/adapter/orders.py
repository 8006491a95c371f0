"""Reads orders: by id, and as a list, newest first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from gateway.concurrency.lru_cache import LruCache
from gateway.errors import PlatformMalformed
from gateway.platform_kit.calls import each, find, together
from gateway.platform_kit.provenance import provenance
from gateway.platforms.weixin_store.adapter.order_copies import OrderCopies
from gateway.platforms.weixin_store.adapter.order_ids import Asked, ListedWindow, OrderIds
from gateway.platforms.weixin_store.adapter.order_windows import Window
from gateway.platforms.weixin_store.endpoints import GET_ORDER
from gateway.platforms.weixin_store.mapping.order import order_from_wire
from gateway.platforms.weixin_store.mapping.status import POSSIBLE, filter_codes
from gateway.platforms.weixin_store.wire.order import OrderRequest, OrderResponse
from gateway.ports import OrderQuery, Page, Position, ReadOptions, order_position
from gateway.upstream.answer import PlatformAnswer
from gateway.upstream.client import PlatformClient
from gateway.upstream.document import document
from schema.order import Order
from schema.shop import Shop

#: Orders that are read at once: the other connections are left to other calls.
_AT_ONCE: Final = 40
#: Seconds for which the index takes what an earlier page of its list has read.
_KEPT: Final = 120.0
#: How many creation times are remembered; they never change.
_MOST_TIMES: Final = 100_000
#: Windows with fewer ids are not worth halving.
_FEW: Final = 20


class Orders:
    """Implements ReadsOrders; `since` is the unix second before which no order is looked for."""

    def __init__(
        self,
        client: PlatformClient,
        shop: Shop,
        ids: OrderIds,
        copies: OrderCopies,
        since: int,
    ) -> None:
        self._client = client
        self._shop = shop
        self._ids = ids
        self._copies = copies
        self._since = since
        #: Unix seconds of creation, by platform id.
        self._times: LruCache[str, int] = LruCache(max_entries=_MOST_TIMES)

    async def get_many(self, ids: Sequence[str], reading: ReadOptions) -> Mapping[str, Order]:
        """Orders by platform id."""
        found = await each(ids, partial(self._single, reading=reading))
        return {id_: self._order(answer) for id_, answer in found.items()}

    async def page(
        self, query: OrderQuery, after: Position | None, first: int, reading: ReadOptions
    ) -> Page[Order]:
        """At most `first` orders following `after`, newest first, then by descending id.

        The platform lists ids of a time in no order: the orders of a whole window are read before
        the first of them is known.
        """
        if query.statuses is not None and not query.statuses & POSSIBLE:
            return Page(items=(), more=False, total=0)
        page = _Page(query, after, first)
        newest = self._ids.now() if query.created_to is None else _second(query.created_to)
        until = min(newest, self._ids.now(), newest if after is None else after.at + 1)
        floor = self._since
        if query.created_from is not None:
            floor = max(floor, _second(query.created_from))
        asked = Asked(filter_codes(query.statuses), query.buyer_open_id)
        walk = self._ids.walk(asked, Window(floor, until), max(2 * first, _FEW), reading)
        while not walk.over and not page.filled:
            bound = walk.until
            listed = await walk.following()
            page.answers += listed.answers
            await self._add(page, listed, range(floor, bound), reading)
        return page.page(whole=walk.over)

    async def _add(
        self, page: "_Page", listed: ListedWindow, bounds: range, reading: ReadOptions
    ) -> None:
        """Adds the orders of a window: all whose times are unknown, then by time what is needed."""
        read: dict[str, Order] = {}
        unknown = [id_ for id_ in listed.ids if self._times.get(id_) is None]
        await self._read(unknown, read, page, reading, listed.window.begin)
        places = sorted(
            (
                place
                for id_ in listed.ids
                if (at := self._times.get(id_)) is not None and at in bounds
                if page.follows(place := Position(at, id_))
            ),
            reverse=True,
        )
        page.read.update(read)
        while places:
            some, places = places[: page.missing], places[page.missing :]
            missing = [place.platform_id for place in some if place.platform_id not in read]
            await self._read(missing, read, page, reading, listed.window.begin)
            page.read.update(read)
            page.add(read[place.platform_id] for place in some if place.platform_id in read)
            if page.filled:
                return

    async def _read(
        self,
        ids: Sequence[str],
        read: dict[str, Order],
        page: "_Page",
        reading: ReadOptions,
        undated_at: int,
    ) -> None:
        copies = await self._copies.current(ids, reading, page.answers) if ids else {}
        for id_, order in copies.items():
            self._put(id_, order, read, undated_at)
        missing = [id_ for id_ in ids if id_ not in copies]
        for begin in range(0, len(missing), _AT_ONCE):
            some = missing[begin : begin + _AT_ONCE]
            answers = await together(self._readable(id_, page, reading) for id_ in some)
            for id_, answer in zip(some, answers, strict=True):
                if answer is None:
                    continue
                page.answers.append(answer)
                self._put(id_, self._order(answer), read, undated_at)

    def _put(self, id_: str, order: Order, read: dict[str, Order], undated_at: int) -> None:
        if order.created_at is None and order.listed_at is None:
            order.listed_at = undated_at
        read[id_] = order
        self._times.put(id_, order_position(order).at)

    async def _readable(
        self, order: str, page: "_Page", reading: ReadOptions
    ) -> PlatformAnswer[OrderResponse] | None:
        """One order of a list: that it cannot be read hides no other."""
        if page.continued and reading.strict and not reading.fresh:
            # The page before has read the whole window.
            request = OrderRequest(order_id=order)
            if (kept := self._client.kept(GET_ORDER, request, _KEPT)) is not None:
                return kept
        try:
            return await self._single(order, reading)
        except PlatformMalformed:
            page.unreadable += 1
            return None

    async def _single(
        self, order: str, reading: ReadOptions
    ) -> PlatformAnswer[OrderResponse] | None:
        return await find(self._client, GET_ORDER, OrderRequest(order_id=order), reading)

    def _order(self, answer: PlatformAnswer[OrderResponse]) -> Order:
        return answer.derive_as_read(self._made)

    def _made(self, value: OrderResponse, body: bytes, asked_at: float | None) -> Order:
        order = order_from_wire(value.order, self._shop, lambda: document(body)["order"])
        order.asked_at = asked_at
        return order


class _Page:
    """Builds one page."""

    def __init__(self, query: OrderQuery, after: Position | None, first: int) -> None:
        self._query = query
        self._after = after
        self._first = first
        self._found: list[Order] = []
        self.answers: list[PlatformAnswer[Any]] = []
        self.unreadable = 0
        #: All orders that were read, by their ids.
        self.read: dict[str, Order] = {}

    @property
    def filled(self) -> bool:
        """Whether the page is full and is known to have a successor."""
        return len(self._found) > self._first

    @property
    def missing(self) -> int:
        """How many orders the page needs yet, with the one that says that more follow."""
        return self._first + 1 - len(self._found)

    @property
    def continued(self) -> bool:
        """Whether it is no first page."""
        return self._after is not None

    def follows(self, place: Position) -> bool:
        """Whether an order is behind the position after which the page begins."""
        return self._after is None or place < self._after

    def add(self, orders: Iterable[Order]) -> None:
        """Adds those that are wanted, newest first."""
        self._found += [order for order in orders if self._wanted(order)]

    def page(self, *, whole: bool) -> Page[Order]:
        """The page; `whole`: the whole range was read."""
        told = provenance(*self.answers)
        items = self._found[: self._first]
        shown = {order.platform_id for order in items}
        return Page(
            items=items,
            read_besides=[order for id_, order in self.read.items() if id_ not in shown],
            more=self.filled,
            total=len(self._found) if whole and not self.filled and self._after is None else None,
            provenance=replace(told, unreadable=told.unreadable + self.unreadable),
        )

    def _wanted(self, order: Order) -> bool:
        query = self._query
        buyer = order.buyer_data
        return (query.statuses is None or order.status in query.statuses) and (
            query.buyer_open_id is None
            or (buyer is not None and buyer.open_id == query.buyer_open_id)
        )


def _second(at: datetime) -> int:
    """The first whole second that is not before a moment."""
    return -int(-at.timestamp() // 1)
