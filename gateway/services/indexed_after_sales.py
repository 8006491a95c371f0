"""After-sales from the index: lists by any filter and order, and how many there are."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from gateway.errors import LedgerUnreadable
from gateway.ledger.paging import first_second, last_second, names
from gateway.ports import (
    Adapter,
    IndexesAfterSales,
    IndexesOrders,
    KeptDocument,
    ReadOptions,
    after_sale_ids,
    after_sale_place,
)
from gateway.services.cursor import PageArguments, Place, mark_of
from gateway.services.directory import Directory
from gateway.services.fan_out import FanOut, ListRequest
from gateway.services.index_reach import reaches_over
from gateway.services.indexed_lists import (
    IndexedList,
    IndexedRows,
    IndexSlice,
    slice_of,
    with_nodes,
)
from gateway.services.merge import Merged, SortOrder
from gateway.services.orders import shops_of_originals
from gateway.services.viewer import Viewer
from gateway.store.index_pages import IndexPage
from gateway.store.index_progress import IndexReach
from gateway.store.indexed_after_sales import (
    AfterSalePlace,
    AfterSaleQuestion,
    AfterSaleSort,
    IndexedAfterSale,
)
from gateway.store.order_questions import OrderQuestion
from gateway.store.store import Store
from schema.after_sale import AfterSale, AfterSaleFilter, AfterSaleSortKey
from schema.key import Key

#: The index's name for after-sales.
_AFTER_SALES: Final = "after_sales"
#: The fields of a filter that only the index can answer, as clients write them.
_INDEXED: Final[Mapping[str, str]] = {
    "updated_from": "updatedFrom",
    "updated_to": "updatedTo",
    "open": "open",
    "answer_before": "answerBefore",
}
#: The platform ids of an order and of its after-sale.
RowKey = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterSaleListing:
    """What a list of after-sales is asked: its filter and its order."""

    chosen: AfterSaleFilter = field(default_factory=AfterSaleFilter)
    sort_key: AfterSaleSortKey | None = None
    reverse: bool = False

    @property
    def default_order(self) -> bool:
        """Whether it is sorted as platforms sort it: newest first."""
        return self.sort_key in {None, AfterSaleSortKey.CREATED_AT} and not self.reverse

    @property
    def mark(self) -> int:
        """What its cursors are marked with."""
        if self.default_order:
            return mark_of(self.chosen)
        return mark_of(self.chosen, self.sort_key or AfterSaleSortKey.CREATED_AT, self.reverse)

    def indexed_arguments(self, page: PageArguments) -> list[str]:
        """The arguments that only the index can answer, as clients write them."""
        filters = [
            public for name, public in _INDEXED.items() if getattr(self.chosen, name) is not None
        ]
        given = {
            "sortKey": self.sort_key is not None,
            "reverse": self.reverse,
            "last": page.backwards,
        }
        return [*filters, *(name for name, asked in given.items() if asked)]

    def question(self, beside: Collection[str]) -> AfterSaleQuestion:
        """What the index is asked; without after-sales of copies of the orders of these shops."""
        chosen = self.chosen
        return AfterSaleQuestion(
            statuses=names(chosen.statuses),
            kinds=names(chosen.kinds),
            open=chosen.open,
            created_from=first_second(chosen.created_from),
            created_to=last_second(chosen.created_to),
            updated_from=first_second(chosen.updated_from),
            updated_to=last_second(chosen.updated_to),
            answer_before=last_second(chosen.answer_before),
            sort=AfterSaleSort[(self.sort_key or AfterSaleSortKey.CREATED_AT).name],
            reverse=self.reverse,
            not_of=beside,
        )


class IndexedAfterSaleService:
    """Answers lists and counts of after-sales from the index."""

    def __init__(
        self,
        directory: Directory,
        fan_out: FanOut,
        store: Store,
        now: Callable[[], float],
        *,
        on: bool,
    ) -> None:
        """`now` returns unix seconds; where the index is not `on`, only `enabled` may be read."""
        self.enabled = on
        self._directory = directory
        self._rows = IndexedRows(fan_out, store, now)
        self._store = store

    async def page(
        self, listing: AfterSaleListing, asked: PageArguments, viewer: Viewer, reading: ReadOptions
    ) -> Merged[AfterSale]:
        """A page of the merged list.

        Raises:
            BadUserInput: an unknown shop, or a cursor of another list.
            StoreUnavailable: the index cannot be read.
        """
        request = ListRequest.marked(
            listing.chosen,
            asked,
            listing.mark,
            timed=True,
            default_order=listing.default_order,
        )
        shops, question = self._asked(listing, viewer)

        async def read(shop: str, place: Place, count: int) -> IndexPage[IndexedAfterSale]:
            return await self._store.indexed_after_sales.page(
                shop, question, _index_place(place), count, backwards=asked.backwards
            )

        listed = IndexedList(
            ability="after-sales",
            progress=_AFTER_SALES,
            has=lambda adapter: adapter.after_sales is not None,
            read=read,
            order=_order_of(listing),
        )
        rows = await self._rows.page(listed, request, shops, viewer, reading)
        unreadable: Counter[str] = Counter()
        nodes = await self._after_sales(rows.nodes, viewer, reading, unreadable)
        return with_nodes(rows, nodes, unreadable)

    async def count(self, listing: AfterSaleListing, viewer: Viewer) -> int | None:
        """How many after-sales there are; None while the index does not reach over the range.

        Raises:
            BadUserInput: an unknown shop.
            StoreUnavailable: the index cannot be read.
        """
        shops, question = self._asked(listing, viewer)
        if not reaches_over(await self.reaches(shops), shops, question.created_from):
            return None
        return sum([await self._store.indexed_after_sales.count(shop, question) for shop in shops])

    async def slice(
        self, shop: str, question: AfterSaleQuestion, after: Place, limit: int, viewer: Viewer
    ) -> IndexSlice[AfterSale]:
        """At most `limit` after-sales of the shop that follow a place; None: the first.

        Reads no platform. Raises StoreUnavailable.
        """
        place = _index_place(after)
        rows = await self._store.indexed_after_sales.page(shop, question, place, limit)
        unreadable: Counter[str] = Counter()
        nodes = await self._after_sales(rows.items, viewer, ReadOptions(), unreadable)
        return slice_of(rows, nodes, unreadable, _place)

    async def of_orders(
        self, adapter: Adapter, keys: Sequence[Key]
    ) -> Mapping[Key, Sequence[AfterSale]]:
        """The after-sales of those of a shop's orders that the index has; reads no platform.

        Those of orders that the ledger has are not in it. Raises StoreUnavailable.
        """
        shop, port = adapter.shop.key_name, adapter.index_orders
        if adapter.index_after_sales is not None:
            return await self._own_of_orders(shop, keys, adapter.index_after_sales)
        if port is None:
            return {}
        wanted, found = set(keys), dict[Key, Sequence[AfterSale]]()
        ids = list(dict.fromkeys(key.platform_id for key in keys))
        for kept in await self._documents(shop, ids):
            # Written by another version: it is read again.
            with suppress(ValueError):
                order, implied = _implied(kept, port)
                if order in wanted:
                    found[order] = [] if implied is None else [implied]
        return found

    async def _own_of_orders(
        self, shop: str, keys: Sequence[Key], port: IndexesAfterSales
    ) -> Mapping[Key, Sequence[AfterSale]]:
        ids = list(dict.fromkeys(key.platform_id for key in keys))
        rows = await self._store.indexed_after_sales.of_orders(shop, ids)
        by_order = dict[Key, list[AfterSale]]({key: [] for key in keys})
        # Those of another version are left out, until they are read again.
        for one in _kept(rows, port, Counter()).values():
            by_order[one.order_key].append(one)
        return by_order

    async def count_of(self, shop: str, question: AfterSaleQuestion) -> int:
        """How many after-sales of the shop there are; raises StoreUnavailable."""
        return await self._store.indexed_after_sales.count(shop, question)

    async def reaches(self, shops: Collection[str]) -> Mapping[str, IndexReach]:
        """How far the index of each shop's after-sales reaches; absent: it was not begun."""
        return await self._store.index_progress.of_shops(_AFTER_SALES, shops)

    async def _after_sales(
        self,
        rows: Sequence[IndexedAfterSale],
        viewer: Viewer,
        reading: ReadOptions,
        unreadable: Counter[str],
    ) -> list[AfterSale | None]:
        """The after-sales of rows, None: it is gone, or cannot be read; reads no platform."""
        by_shop: defaultdict[str, list[IndexedAfterSale]] = defaultdict(list)
        for row in rows:
            by_shop[row.shop].append(row)
        found: dict[str, Mapping[RowKey, AfterSale]] = {}
        for shop, mine in by_shop.items():
            adapter = self._directory.get(shop, viewer)
            found[shop] = await self._of_shop(adapter, mine, reading, unreadable)
        return [found[row.shop].get(_key(row)) for row in rows]

    async def _of_shop(
        self,
        adapter: Adapter,
        rows: Sequence[IndexedAfterSale],
        reading: ReadOptions,
        unreadable: Counter[str],
    ) -> Mapping[RowKey, AfterSale]:
        shop, port = adapter.shop.key_name, adapter.index_orders
        if (own := adapter.index_after_sales) is not None:
            return _kept(rows, own, unreadable)
        found: dict[RowKey, AfterSale] = {}
        ids = list(dict.fromkeys(row.place.order_platform_id for row in rows))
        in_ledger = set(ids)
        if port is not None:
            for kept in await self._documents(shop, ids):
                in_ledger.discard(kept.platform_id)
                try:
                    _, after_sale = _implied(kept, port)
                except ValueError:
                    # Of another version, until it is read again.
                    unreadable[shop] += 1
                    continue
                if after_sale is not None:
                    found[after_sale.key.platform_id, after_sale.key.part] = after_sale
        if in_ledger and adapter.after_sales is not None:
            known = await adapter.after_sales.of_orders(sorted(in_ledger), reading)
            found |= {
                (one.key.platform_id, one.key.part): one for some in known.values() for one in some
            }
        return found

    async def _documents(self, shop: str, ids: Sequence[str]) -> list[KeptDocument]:
        """Those of a shop's orders whose documents the index has, without what is personal."""
        question = OrderQuestion(shops=[shop], platform_ids=ids)
        # An id may be one of a partner store's orders, too.
        rows = await self._store.indexed_orders.page(shop, question, None, 2 * len(ids))
        return [
            KeptDocument(row.platform_id, row.document, row.part)
            for row in rows.items
            if row.document is not None
        ]

    def _asked(
        self, listing: AfterSaleListing, viewer: Viewer
    ) -> tuple[Collection[str], AfterSaleQuestion]:
        """The shops that are asked, and have after-sales; and what of each."""
        chosen = listing.chosen
        selected = self._directory.select(viewer, chosen.shops, chosen.platforms)
        shops = [one.shop.key_name for one in selected if one.after_sales is not None]
        return shops, listing.question(shops_of_originals(selected))


def _kept(
    rows: Sequence[IndexedAfterSale], port: IndexesAfterSales, unreadable: Counter[str]
) -> Mapping[RowKey, AfterSale]:
    """The after-sales that a platform keeps, from their own documents."""
    found: dict[RowKey, AfterSale] = {}
    for row in rows:
        if row.document is None:
            continue
        personal = None if isinstance(row.personal, LedgerUnreadable) else row.personal
        kept = KeptDocument(row.place.platform_id, row.document, personal=personal)
        try:
            after_sale = port.after_sale(kept)
        except ValueError:
            # Of another version, until it is read again.
            unreadable[row.shop] += 1
            continue
        found[after_sale.key.platform_id, after_sale.key.part] = after_sale
    return found


def _implied(kept: KeptDocument, port: IndexesOrders) -> tuple[Key, AfterSale | None]:
    """An order, and the after-sale that its status implies; it shows nothing personal."""
    order = port.order(kept)
    return order.key, port.after_sale(order)


def _key(row: IndexedAfterSale) -> RowKey:
    return (row.place.order_platform_id, row.place.platform_id)


def _order_of(listing: AfterSaleListing) -> SortOrder[IndexedAfterSale]:
    """Times fall along the list, deadlines rise."""
    falling = listing.sort_key is not AfterSaleSortKey.ANSWER_BEFORE
    sign = -1 if falling else 1
    return SortOrder(
        lambda row: sign * row.place.value,
        _place,
        reverse=listing.reverse,
        falling=falling,
    )


def _place(row: IndexedAfterSale) -> Place:
    return (row.place.value, after_sale_place(*_key(row)))


def _index_place(place: Place) -> AfterSalePlace | None:
    match place:
        case (int(value), str(name)):
            return AfterSalePlace(value, *after_sale_ids(name))
        case _:
            return None
