"""The index's orders: what the platforms told of them, found, sorted and paged."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import Row, select

from gateway.errors import LedgerUnreadable
from gateway.store.crypto import Vault
from gateway.store.engine import Database, Transaction
from gateway.store.index_pages import IndexPage, IndexPlace
from gateway.store.index_tables import index_orders
from gateway.store.indexed_order_rows import (
    SECOND,
    OrderEntry,
    OrderLineEntry,
    OrderName,
    OrderRows,
    number_from,
    sealed_as,
)
from gateway.store.listing import Listing, Selection, chosen
from gateway.store.order_questions import FEW, OrderConditions, OrderQuestion, OrderSort, Sought
from gateway.store.order_statistics import OrderStatistics

__all__ = ["IndexedOrder", "IndexedOrders", "OrderEntry", "OrderLineEntry"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedOrder:
    """An order of the index.

    `document` and `personal` are as in `OrderEntry`; `personal` is the failure if it cannot be
    decrypted, and None if it was erased.
    """

    shop: str
    platform_id: str
    part: str
    document: str | None
    personal: bytes | LedgerUnreadable | None
    #: The shop and the platform id of the order that it was copied from.
    original: tuple[str, str] | None
    seen_at: float
    #: Where it stands in the list that was asked for.
    place: IndexPlace


_o: Final = index_orders.c
#: The columns of `IndexedOrder`: words and what is hashed are not read.
_SHOWN: Final = (
    _o.number,
    _o.shop,
    _o.platform_id,
    _o.part,
    _o.created_at,
    _o.updated_at,
    _o.paid_at,
    _o.total,
    _o.original_shop,
    _o.original_id,
    _o.seen_at,
    _o.document,
    _o.personal,
)
#: Rows of the full text that are looked at together, at first and at the most.
_FIRST_HITS: Final = 100
_MOST_HITS: Final = 1_600


class _Place(NamedTuple):
    """Where an order stands in a list, and its number."""

    value: int
    platform_id: str
    number: int


class IndexedOrders:
    """Reads and writes the indexed orders; every method raises StoreUnavailable."""

    def __init__(self, database: Database, vault: Vault, *, few: int = FEW) -> None:
        """Of more than `few` orders that an index finds, pages are read in their order."""
        self._database = database
        self._vault = vault
        self._rows = OrderRows(database, vault)
        self._conditions = OrderConditions(database, vault, few=few)
        self._statistics = OrderStatistics(database, vault, few=few)
        self._listings = {
            (sort, ascending): Listing(
                database,
                index_orders,
                (_o[sort.value], _o.platform_id),
                (("shop", "buyer"), ("shop", "status"), ("shop",))
                if sort is OrderSort.CREATED_AT
                else (("shop",),),
                ascending=ascending,
            )
            for sort in OrderSort
            for ascending in (True, False)
        }

    async def put(
        self,
        transaction: Transaction,
        entries: Sequence[OrderEntry],
        new: Collection[OrderName] = (),
    ) -> set[OrderName]:
        """Indexes the orders, unless what is indexed was seen later.

        What is told again unchanged is not written again, so that what was erased of it stays so.
        Of those in `new` it is expected that the index lacks them; it is right if one does not.
        Returns which of the orders the index had before.
        """
        return await self._rows.put(transaction, entries, new)

    async def remove(self, transaction: Transaction, shop: str, ids: Collection[str]) -> None:
        """Removes orders that no longer exist, in every part of the shop."""
        await self._rows.remove(transaction, shop, ids)

    async def mark_copies(self, transaction: Transaction, shop: str, ids: Collection[str]) -> None:
        """Takes over from `mirrors` which of these orders are copies, and of which orders."""
        await self._rows.mark_copies(transaction, shop, ids)

    async def page(
        self,
        shop: str,
        question: OrderQuestion,
        after: IndexPlace | None,
        first: int,
        *,
        backwards: bool = False,
    ) -> IndexPage[IndexedOrder]:
        """At most `first` orders of the shop that follow `after`, in the question's order.

        `backwards`: those that come before it, the nearest ones; None: the last of the list.
        """
        ascending = question.reverse != backwards
        sought = await self._conditions.sought(question, [shop])
        few = await self._conditions.few(question, sought, [shop])
        if few is not None:
            found = await self._of_numbers(shop, question, sought, few)
            found.sort(reverse=not ascending)
            places = _following(found, after, ascending=ascending)[: first + 1]
        elif (
            self._database.is_sqlite
            and question.sort is OrderSort.CREATED_AT
            and sought is not None
            and sought.by_words_only
        ):
            places = await self._by_words(
                shop, question, sought, after, first + 1, ascending=ascending
            )
        else:
            return await self._walked(shop, question, sought, after, first, backwards=backwards)
        items = await self._items(question, places[:first])
        return IndexPage(items[::-1] if backwards else items, more=len(places) > first)

    async def count(self, shops: Collection[str], question: OrderQuestion) -> int:
        """How many orders of these shops the question matches."""
        return await self._statistics.count(shops, question)

    async def _walked(
        self,
        shop: str,
        question: OrderQuestion,
        sought: Sought | None,
        after: IndexPlace | None,
        first: int,
        *,
        backwards: bool,
    ) -> IndexPage[IndexedOrder]:
        """A page by the index of its order: of many orders it is soon full."""
        ranges = dict(question.ranges)
        start, end = ranges.pop(question.sort.value, (None, None))
        buyers = self._conditions.buyers(question, [shop])
        selection = Selection(
            chosen(shop=[shop], status=question.statuses, buyer=buyers),
            start=start,
            end=end,
            filters=tuple(self._conditions.filters(question, sought, ranges=ranges)),
        )
        listing = self._listings[question.sort, question.reverse != backwards]
        rows = await listing.page(selection, after=after, limit=first + 1)
        items = [self._indexed(question.sort, row) for row in rows[:first]]
        return IndexPage(items[::-1] if backwards else items, more=len(rows) > first)

    async def _of_numbers(
        self,
        shop: str,
        question: OrderQuestion,
        sought: Sought | None,
        numbers: Sequence[int],
    ) -> list[_Place]:
        """Which of these orders the question matches; in no order."""
        if not numbers:
            return []
        found = select(_o[question.sort.value], _o.platform_id, _o.number).where(
            _o.number.in_(numbers), *self._conditions.whole(question, sought, [shop])
        )
        rows: Sequence[Any] = await self._database.fetch(found)
        return [_Place(*row) for row in rows]

    async def _by_words(
        self,
        shop: str,
        question: OrderQuestion,
        sought: Sought,
        after: IndexPlace | None,
        limit: int,
        *,
        ascending: bool,
    ) -> list[_Place]:
        """Orders by creation, as FTS5 gives them: in the order of their numbers.

        Those of one second are sorted by their ids: they are taken whole.
        """
        start, end = question.ranges.get("created_at", (None, None))
        low = number_from(0 if start is None else start)
        high = number_from(2**42 if end is None else end) + SECOND
        if after is not None:
            place = number_from(int(after.value))
            low, high = (max(low, place), high) if ascending else (low, min(high, place + SECOND))
        found: list[_Place] = []
        hits = max(limit, _FIRST_HITS)
        while len(found) < limit and low < high:
            numbers = await self._hits(shop, question, sought, (low, high), hits, ascending)
            more = len(numbers) == hits
            if more:
                # The last second may go on: it is read again, or whole where there is no other.
                second = numbers[-1] // SECOND * SECOND
                ended = [one for one in numbers if one // SECOND != numbers[-1] // SECOND]
                if ended:
                    numbers = ended
                    low, high = (second, high) if ascending else (low, second + SECOND)
                else:
                    of_second = (second, second + SECOND)
                    numbers = await self._hits(shop, question, sought, of_second, SECOND, ascending)
                    low, high = (second + SECOND, high) if ascending else (low, second)
            places = await self._of_numbers(shop, question, sought, numbers)
            places.sort(reverse=not ascending)
            found += _following(places, after, ascending=ascending)
            if not more:
                break
            hits = min(2 * hits, _MOST_HITS)
        return found[:limit]

    async def _hits(
        self,
        shop: str,
        question: OrderQuestion,
        sought: Sought,
        numbers: tuple[int, int],
        limit: int,
        ascending: bool,  # noqa: FBT001 - as above
    ) -> list[int]:
        """The first numbers from one on to before another that the words are found by."""
        number = self._conditions.full_text.fts5.c.rowid
        found = self._conditions.numbers(question, sought, [shop])
        found = found.where(number >= numbers[0], number < numbers[1]).limit(limit)
        rows = await self._database.fetch(found.order_by(number if ascending else number.desc()))
        return [int(row[0]) for row in rows]

    async def _items(self, question: OrderQuestion, places: Sequence[_Place]) -> list[IndexedOrder]:
        numbers = [place.number for place in places]
        if not numbers:
            return []
        rows = await self._database.fetch(select(*_SHOWN).where(_o.number.in_(numbers)))
        found = {row.number: row for row in rows}
        return [self._indexed(question.sort, found[one]) for one in numbers if one in found]

    def _indexed(self, sort: OrderSort, row: Row[Any]) -> IndexedOrder:
        return IndexedOrder(
            shop=row.shop,
            platform_id=row.platform_id,
            part=row.part,
            document=row.document,
            personal=self._unsealed(row),
            original=None if row.original_shop is None else (row.original_shop, row.original_id),
            seen_at=row.seen_at,
            place=IndexPlace(getattr(row, sort.value), row.platform_id),
        )

    def _unsealed(self, row: Row[Any]) -> bytes | LedgerUnreadable | None:
        if row.personal is None:
            return None
        try:
            return self._vault.unseal(
                row.personal,
                shop=row.shop,
                row=sealed_as(row.platform_id, row.part),
                column="index_orders.personal",
            )
        except LedgerUnreadable as failure:
            return failure


def _following(
    places: Sequence[_Place], after: IndexPlace | None, *, ascending: bool
) -> list[_Place]:
    """Those of sorted places that follow one."""
    if after is None:
        return list(places)
    if ascending:
        return [one for one in places if one[:2] > tuple(after)]
    return [one for one in places if one[:2] < tuple(after)]
