"""Reads from platforms for the index: whole lists, and when their platform was asked."""

from collections.abc import Callable
from typing import Final

from gateway.index.writer import ReadOrder
from gateway.ports import (
    OrderQuery,
    Position,
    Provenance,
    ReadOptions,
    ReadsOrders,
    order_position,
)

#: Entries of one page.
PAGE: Final = 500
#: Seconds between a request and the end of its answer.
_LONGEST_CALL: Final = 30.0


async def read_orders(
    port: ReadsOrders, query: OrderQuery, now: Callable[[], float]
) -> list[ReadOrder]:
    """All orders that match; `now` gives unix seconds.

    Raises:
        PlatformFailure | Overloaded: the platform cannot be read now.
    """
    began = now()
    after: Position | None = None
    read: list[ReadOrder] = []
    while True:
        page = await port.page(query, after, PAGE, ReadOptions(fresh=after is None, strict=True))
        # The later pages come from the answer of the first, or one in the cache.
        asked_at = began if after is None else asked_before(page.provenance, began)
        read += [ReadOrder(order, asked_at) for order in page.items]
        if not page.more or not page.items:
            return read
        after = order_position(page.items[-1])


def asked_before(provenance: Provenance, began: float) -> float:
    """A time before the platform was asked for a page that may have come from the cache."""
    if provenance.fetched_at is None:
        return began
    return min(began, provenance.fetched_at.timestamp() - _LONGEST_CALL)
