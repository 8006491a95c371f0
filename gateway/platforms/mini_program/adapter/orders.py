"""Reads orders of the ledger, and partner-store orders announced by events."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from gateway.errors import (
    Overloaded,
    PlatformFailure,
    PlatformMalformed,
    PlatformRejected,
    PlatformUnavailable,
)
from gateway.ledger.orders import LedgerOrders
from gateway.ledger.paging import first_second, last_second
from gateway.platforms.mini_program.adapter.partner_orders import PartnerOrders, ReadPartnerOrder
from gateway.platforms.mini_program.endpoints import GET_PARTNER_ORDER
from gateway.ports import OrderQuery, Page, Position, Provenance, ReadOptions, order_position
from gateway.store import partner_orders as store
from schema.connection import SourceState
from schema.order import Order

#: Orders read concurrently.
_ABREAST: Final = 10

#: These failures concern one order only; any other failure affects the rest too.
_OF_ONE_ORDER: Final = (PlatformRejected, PlatformMalformed)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A range of the list: after `after`, not past `floor`, at most `first` + 1 entries."""

    after: Position | None
    floor: Position | None
    first: int


@dataclass(slots=True)
class Found:
    """Partner orders, newest first, and the failures of those left out."""

    reads: list[ReadPartnerOrder] = field(default_factory=list)
    failures: list[PlatformFailure] = field(default_factory=list)


class AnnouncedOrders:
    """Reads the orders of one shop that events have announced."""

    def __init__(
        self, shop: str, announcements: store.PartnerOrders, orders: PartnerOrders
    ) -> None:
        self._shop = shop
        self._announcements = announcements
        self._orders = orders

    async def read(self, query: OrderQuery, stretch: Stretch, reading: ReadOptions) -> Found:
        """The orders of the stretch that match the query.

        Status and buyer are known only after an order is read, so a query that filters by them
        reads as many orders as it needs. An order that cannot be read is left out and its failure
        kept. Stops after a round in which nothing could be read, unless the orders themselves
        were the cause.
        """
        found = Found()
        after = None if stretch.after is None else store.PartnerOrderPosition(*stretch.after)
        narrowed = query.statuses is not None or query.buyer_open_id is not None
        while (missing := stretch.first + 1 - len(found.reads)) > 0:
            limit = _ABREAST if narrowed else min(missing, _ABREAST)
            announced = await self._page(query, stretch.floor, after, limit)
            if not await self._round(announced, query, reading, found) or len(announced) < limit:
                break
            last = announced[-1]
            after = store.PartnerOrderPosition(last.event_at, last.order_id, last.app_id)
        return found

    async def _page(
        self,
        query: OrderQuery,
        floor: Position | None,
        after: store.PartnerOrderPosition | None,
        limit: int,
    ) -> Sequence[store.PartnerOrder]:
        begin = first_second(query.created_from)
        if floor is not None:
            begin = floor.at if begin is None else max(begin, floor.at)
        announced = await self._announcements.page(
            self._shop,
            announced_from=begin,
            announced_to=last_second(query.created_to),
            after=after,
            limit=limit,
        )
        if floor is None:
            return announced
        return [one for one in announced if (one.event_at, one.order_id) > floor]

    async def _round(
        self,
        announced: Sequence[store.PartnerOrder],
        query: OrderQuery,
        reading: ReadOptions,
        found: Found,
    ) -> bool:
        """Read these orders; False if reading more is pointless."""
        answers = await asyncio.gather(*(self._try(one, reading) for one in announced))
        found.reads += [
            answer
            for answer in answers
            if isinstance(answer, ReadPartnerOrder) and _matches(answer.order, query)
        ]
        failures = [answer for answer in answers if isinstance(answer, PlatformFailure)]
        found.failures += failures
        down = any(not isinstance(failure, _OF_ONE_ORDER) for failure in failures)
        return not (down and len(failures) == len(answers))

    async def _try(
        self, announced: store.PartnerOrder, reading: ReadOptions
    ) -> ReadPartnerOrder | PlatformFailure:
        try:
            return await self._orders.read(announced, reading)
        except PlatformFailure as failure:
            return failure
        except Overloaded as busy:
            return PlatformUnavailable(
                busy.message,
                endpoint=GET_PARTNER_ORDER.name,
                shop=self._shop,
                retry_after=busy.retry_after,
                sent=False,
            )


def _matches(order: Order, query: OrderQuery) -> bool:
    if query.statuses is not None and order.status not in query.statuses:
        return False
    if query.buyer_open_id is None:
        return True
    return order.buyer_data is not None and order.buyer_data.open_id == query.buyer_open_id


#: From freshest to oldest.
_AGES = (SourceState.LIVE, SourceState.CACHED, SourceState.STALE)


class MiniProgramOrders:
    """Implements `ReadsOrders`."""

    def __init__(self, ledger: LedgerOrders, announced: AnnouncedOrders) -> None:
        self._ledger = ledger
        self._announced = announced

    async def get_many(self, ids: Sequence[str], reading: ReadOptions) -> Mapping[str, Order]:
        """Orders of the shopping list; partner orders have their own port."""
        return await self._ledger.get_many(ids, reading)

    async def page(
        self, query: OrderQuery, after: Position | None, first: int, reading: ReadOptions
    ) -> Page[Order]:
        """At most `first` orders of both kinds after `after`, newest first.

        A partner order that cannot be read is left out, and the page is STALE with the failure.
        Reading the page again retries it.
        """
        ledger = await self._ledger.page(query, after, first, reading)
        if query.copies:
            return ledger
        floor = order_position(ledger.items[-1]) if ledger.more else None
        found = await self._announced.read(query, Stretch(after, floor, first), reading)
        orders = [*ledger.items, *(read.order for read in found.reads)]
        orders.sort(key=order_position, reverse=True)
        more = ledger.more or len(orders) > first
        begun = after is not None
        return Page(
            items=orders[:first],
            more=more,
            total=None if more or begun or found.failures else len(orders),
            provenance=_provenance(ledger.provenance, found),
        )


def _provenance(ledger: Provenance, found: Found) -> Provenance:
    """The freshness of the oldest part; STALE if an order could not be read at all."""
    parts = [ledger, *(read.provenance for read in found.reads)]
    errors = [*found.failures, *(part.error for part in parts if part.error is not None)]
    return Provenance(
        state=(
            SourceState.STALE if errors else max((part.state for part in parts), key=_AGES.index)
        ),
        fetched_at=min(part.fetched_at for part in parts if part.fetched_at is not None),
        error=errors[0] if errors else None,
    )
