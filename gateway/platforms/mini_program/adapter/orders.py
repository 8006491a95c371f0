"""A Mini Program's orders: those of its shopping list, and those of its partner stores."""

from collections.abc import Mapping, Sequence

from gateway.ledger.orders import LedgerOrders
from gateway.platforms.mini_program.adapter.announced import AnnouncedOrders, Found, Stretch
from gateway.ports import OrderQuery, Page, Position, Provenance, ReadOptions, order_position
from schema.connection import SourceState
from schema.order import Order

#: From the freshest to the oldest.
_AGES = (SourceState.LIVE, SourceState.CACHED, SourceState.STALE)


class MiniProgramOrders:
    """Implements `ReadsOrders`."""

    def __init__(self, ledger: LedgerOrders, announced: AnnouncedOrders) -> None:
        self._ledger = ledger
        self._announced = announced

    async def get_many(self, ids: Sequence[str], reading: ReadOptions) -> Mapping[str, Order]:
        """Orders of the shopping list; partner orders have a port of their own."""
        return await self._ledger.get_many(ids, reading)

    async def page(
        self, query: OrderQuery, after: Position | None, first: int, reading: ReadOptions
    ) -> Page[Order]:
        """At most `first` orders of both kinds behind `after`, newest first.

        A partner order that cannot be read hides no other: it is left out, and the page says
        that it is STALE, with the failure. It is there again when the page is read again.
        """
        ledger = await self._ledger.page(query, after, first, reading)
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
    """As old as the oldest part; STALE where an order could not be read at all."""
    parts = [ledger, *(read.provenance for read in found.reads)]
    errors = [*found.failures, *(part.error for part in parts if part.error is not None)]
    return Provenance(
        state=(
            SourceState.STALE if errors else max((part.state for part in parts), key=_AGES.index)
        ),
        fetched_at=min(part.fetched_at for part in parts if part.fetched_at is not None),
        error=errors[0] if errors else None,
    )
