"""Reads orders: by id, and as a list, newest first."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

from gateway.errors import PlatformAnswerTooLarge
from gateway.ledger.order_times import KnownOrderTimes
from gateway.platform_kit.calls import each, find
from gateway.platform_kit.provenance import provenance
from gateway.platforms.wechat_store.adapter.closed_orders import ClosedOrders, shown
from gateway.platforms.wechat_store.adapter.order_list import Row
from gateway.platforms.wechat_store.adapter.order_windows import OrderWindows, Span, Stretch
from gateway.platforms.wechat_store.adapter.raw import raw_member
from gateway.platforms.wechat_store.adapter.seen_orders import SeenOrders
from gateway.platforms.wechat_store.endpoints import GET_ORDER
from gateway.platforms.wechat_store.mapping.order import (
    order_from_wire,
)
from gateway.platforms.wechat_store.mapping.status import ORDER_STATUS, order_status_from_wire
from gateway.platforms.wechat_store.wire.order import OrderRequest, OrderResponse, OrdersRequest
from gateway.ports import OrderQuery, Page, Position, ReadOptions
from gateway.stale_reads import StaleReads
from gateway.upstream.client import PlatformClient
from schema.order import Order
from schema.order_status import OrderStatus
from schema.shop import Shop

#: From this many orders on, one call for their window is cheaper than one call each.
BULK_FROM: Final = 3

_CODE: Final = {status: code for code, status in ORDER_STATUS.items()}
#: The statuses that orders of this platform can have.
_POSSIBLE: Final = frozenset({*_CODE, OrderStatus.CLOSED, OrderStatus.UNKNOWN})
#: The statuses that only the ledger knows.
_REMEMBERED: Final = frozenset({OrderStatus.CLOSED})


class Orders:
    """Implements ReadsOrders; `lifetime` is how many seconds the client caches an answer."""

    def __init__(
        self,
        client: PlatformClient,
        shop: Shop,
        windows: OrderWindows,
        closed: ClosedOrders,
        times: KnownOrderTimes,
        lifetime: float,
    ) -> None:
        self._client = client
        self._shop = shop
        self._windows = windows
        self._closed = closed
        self._times = times
        self._lifetime = lifetime
        self._seen = SeenOrders()

    async def get_many(self, ids: Sequence[str], reading: ReadOptions) -> Mapping[str, Order]:
        """Orders by platform id.

        Orders seen in a list are read by that list's request if that is cheaper: its answer is
        still cached, or it holds several of them.
        """
        found: dict[str, Order] = {}
        for request, group in self._questions(ids, reading).items():
            found |= await self._from_window(request, group, reading)
        missing = [order for order in dict.fromkeys(ids) if order not in found]
        found |= await each(missing, partial(self._single, reading=reading))
        if not found:
            return found
        closed = await self._closed.ids(fresh=reading.fresh)
        timed = await self._times.added([shown(order, closed) for order in found.values()])
        return dict(zip(found, timed, strict=True))

    async def page(
        self, query: OrderQuery, after: Position | None, first: int, reading: ReadOptions
    ) -> Page[Order]:
        """At most `first` orders following `after`, newest first, then by descending id."""
        if query.statuses is not None:
            query = replace(query, statuses=await self._possible(query.statuses))
            if not query.statuses:
                return Page(items=(), more=False, total=0)
        search = _Search(query, after, first)
        async with aclosing(self._windows.read(search.span, reading)) as stretches:
            async for stretch in stretches:
                search.add(stretch, await self._closed.ids(fresh=reading.fresh))
                if search.filled:
                    break
        for stretch, ids in search.placed():
            at = stretch.answer.fetched_at.timestamp()
            self._seen.note(ids, stretch.request, at)
        page = search.page()
        return replace(page, items=await self._times.added(page.items))

    async def _possible(self, statuses: frozenset[OrderStatus]) -> frozenset[OrderStatus]:
        """The given statuses that an order of this shop can have."""
        possible = statuses & _POSSIBLE
        if possible & _REMEMBERED and not await self._closed.ids(fresh=True):
            return possible - _REMEMBERED
        return possible

    def _questions(
        self, ids: Sequence[str], reading: ReadOptions
    ) -> Mapping[OrdersRequest, Sequence[str]]:
        """The orders to look for, by the request for their window."""
        groups: defaultdict[OrdersRequest, list[str]] = defaultdict(list)
        kept: set[OrdersRequest] = set()
        now = self._client.clock.wall()
        for order in dict.fromkeys(ids):
            if observed := self._seen.of(order):
                groups[observed.request].append(order)
                if not reading.fresh and now - observed.at < self._lifetime:
                    kept.add(observed.request)
        return {
            request: group
            for request, group in groups.items()
            if request in kept or len(group) >= BULK_FROM
        }

    async def _from_window(
        self, request: OrdersRequest, ids: Sequence[str], reading: ReadOptions
    ) -> dict[str, Order]:
        try:
            with StaleReads() as stale:
                orders = await self._windows.again(request, reading)
        except PlatformAnswerTooLarge:
            return {}
        stale.note_as((id_, id_) for id_ in ids)
        return {id_: order for id_ in ids if (order := orders.get(id_)) is not None}

    async def _single(self, order: str, reading: ReadOptions) -> Order | None:
        answer = await find(self._client, GET_ORDER, OrderRequest(order_id=order), reading)
        return None if answer is None else answer.derive_as_read(self._order)

    def _order(self, value: OrderResponse, body: bytes, asked_at: float | None) -> Order:
        order = order_from_wire(value.order, self._shop, partial(raw_member, body, "order"))
        order.asked_at = asked_at
        return order


class _Search:
    """Builds one page: the matching rows, stretch by stretch."""

    def __init__(self, query: OrderQuery, after: Position | None, first: int) -> None:
        self._query = query
        self._after = after
        self._first = first
        self._oldest = _seconds(query.created_from)
        self._newest = _seconds(query.created_to)
        self._found: list[tuple[Stretch, Row]] = []
        self._stretches: list[Stretch] = []
        self._closed: frozenset[str] = frozenset()
        self._matching = 0
        #: Undated orders may be in two windows: which side of a bound they are on is unknown.
        self._undated: set[str] = set()

    @property
    def span(self) -> Span:
        return Span(
            status=_only_code(self._query.statuses),
            oldest=self._oldest,
            newest=self._newest,
            after=self._after,
        )

    @property
    def filled(self) -> bool:
        """Whether the page is full and is known to have a successor."""
        return len(self._found) > self._first

    def add(self, stretch: Stretch, closed: frozenset[str]) -> None:
        self._stretches.append(stretch)
        self._closed = closed
        for row in stretch.orders.rows(stretch.window.begin):
            if stretch.window.holds(row.position.at) and self._wanted(row) and self._is_new(row):
                self._matching += 1
                if self._after is None or row.position < self._after:
                    self._found.append((stretch, row))

    def placed(self) -> Sequence[tuple[Stretch, Sequence[str]]]:
        """The ids of the page, by the stretch that they came from."""
        groups: defaultdict[int, list[str]] = defaultdict(list)
        for stretch, row in self._found[: self._first]:
            groups[id(stretch)].append(row.position.platform_id)
        return [(stretch, groups[id(stretch)]) for stretch in self._stretches]

    def page(self) -> Page[Order]:
        whole = self._after is None and (not self._stretches or self._stretches[-1].last)
        return Page(
            items=[
                shown(stretch.orders.order(row), self._closed)
                for stretch, row in self._found[: self._first]
            ],
            more=self.filled,
            total=self._matching if whole else None,
            provenance=provenance(*(stretch.answer for stretch in self._stretches)),
        )

    def _is_new(self, row: Row) -> bool:
        if row.dated:
            return True
        known = row.position.platform_id in self._undated
        self._undated.add(row.position.platform_id)
        return not known

    def _wanted(self, row: Row) -> bool:
        query = self._query
        return (
            (query.statuses is None or self._status(row) in query.statuses)
            # Only the platform knows the time of an undated order: the request was for whole days.
            and (not row.dated or self._in_range(row.position.at))
            and (query.buyer_open_id is None or row.raw.buyer_openid == query.buyer_open_id)
        )

    def _in_range(self, at: int) -> bool:
        return (self._oldest is None or at >= self._oldest) and (
            self._newest is None or at < self._newest
        )

    def _status(self, row: Row) -> OrderStatus:
        if row.position.platform_id in self._closed:
            return OrderStatus.CLOSED
        return order_status_from_wire(row.raw)


def _only_code(statuses: frozenset[OrderStatus] | None) -> int | None:
    """The platform's code if it covers all wanted statuses; a request takes only one."""
    return _CODE.get(next(iter(statuses))) if statuses and len(statuses) == 1 else None


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()
