"""The index's after-sales: what the platforms reported, found by deadline and time of change."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from operator import itemgetter
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Row, bindparam, delete, literal_column, select

from gateway.errors import LedgerUnreadable
from gateway.store.after_sales import of_no_copy
from gateway.store.crypto import Vault
from gateway.store.engine import Database, Transaction
from gateway.store.index_pages import UNREPORTED, IndexPage
from gateway.store.index_tables import IS_OPEN, index_after_sales
from gateway.store.listing import Listing, Selection, chosen

_COLUMNS: Final = index_after_sales.c
_OPEN_ID: Final = "index_after_sales.open_id"
_PERSONAL: Final = "index_after_sales.personal"
#: As the partial index has it.
_OPEN: Final[ColumnElement[Any]] = literal_column(IS_OPEN.text)
_OUTDATED: Final = delete(index_after_sales).where(
    _COLUMNS.shop == bindparam("in_shop"),
    _COLUMNS.order_platform_id == bindparam("of_order"),
    _COLUMNS.part == bindparam("of_part"),
    _COLUMNS.seen_at <= bindparam("at"),
)
_REMOVE: Final = delete(index_after_sales).where(
    _COLUMNS.shop == bindparam("in_shop"),
    _COLUMNS.order_platform_id.in_(bindparam("ids", expanding=True)),
)


_OF_ORDERS: Final = (
    select(index_after_sales)
    .where(
        _COLUMNS.shop == bindparam("in_shop"),
        _COLUMNS.order_platform_id.in_(bindparam("ids", expanding=True)),
        _COLUMNS.part == "",
    )
    .order_by(_COLUMNS.created_at.desc(), _COLUMNS.platform_id.desc())
)
_STATUS: Final = select(_COLUMNS.status).where(
    _COLUMNS.shop == bindparam("in_shop"),
    _COLUMNS.order_platform_id == bindparam("of_order"),
    _COLUMNS.part == "",
    _COLUMNS.platform_id == bindparam("own"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterSaleIndexEntry:
    """An after-sale to index; times in unix seconds, `refund` in fen.

    `order_platform_id` and `platform_id` are its key; `part` is the partner store's app id
    if the order has one, else empty. `status` is an AfterSaleStatus, `kind` an AfterSaleKind;
    `open` says that it is not settled. None: the platform does not report it. `document` is the
    platform's own without what is personal, and `personal` that, which the store seals as it does
    the buyer's `open_id`; both None if the ledger has the after-sale. `seen_at` is when the
    platform was asked.
    """

    shop: str
    order_platform_id: str
    part: str = ""
    platform_id: str
    created_at: int
    updated_at: int | None
    answer_before: int | None
    status: str
    kind: str
    open: bool
    refund: int | None
    open_id: str | None
    document: str | None
    personal: bytes | None
    seen_at: float


class SeenOrder(NamedTuple):
    """An order, and when it was seen, in unix seconds."""

    shop: str
    platform_id: str
    part: str
    at: float


class AfterSaleSort(Enum):
    """What a list of after-sales is sorted by: times newest first, deadlines soonest first."""

    CREATED_AT = auto()
    #: An after-sale whose update is not reported counts as updated when created.
    UPDATED_AT = auto()
    #: Those without a deadline come last.
    ANSWER_BEFORE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterSaleQuestion:
    """Which after-sales of a shop, and their order; None means any. Both ends are in a range."""

    statuses: Collection[str] | None = None
    kinds: Collection[str] | None = None
    open: bool | None = None
    created_from: int | None = None
    created_to: int | None = None
    updated_from: int | None = None
    updated_to: int | None = None
    #: The last second of the deadlines that are meant.
    answer_before: int | None = None
    #: Those of copies of these shops' orders are left out.
    not_of: Collection[str] = ()
    sort: AfterSaleSort = AfterSaleSort.CREATED_AT
    reverse: bool = False


class AfterSalePlace(NamedTuple):
    """A position in one shop's list: what it is sorted by, then the after-sale's key."""

    value: int
    order_platform_id: str
    platform_id: str


@dataclass(frozen=True, slots=True)
class IndexedAfterSale:
    """An after-sale as the index has it; `place` is its position in the list that was read.

    `document` is the platform's own without what is personal, and `personal` that, or why it cannot
    be decrypted; both None if the ledger has the after-sale. `seen_at` is when the platform was
    asked, in unix seconds.
    """

    shop: str
    place: AfterSalePlace
    part: str
    document: str | None
    personal: bytes | LedgerUnreadable | None
    seen_at: float


#: What each list is sorted by, and whether the greatest value comes first.
_SORTED: Final = {
    AfterSaleSort.CREATED_AT: (_COLUMNS.created_at, True),
    AfterSaleSort.UPDATED_AT: (_COLUMNS.updated_at, True),
    AfterSaleSort.ANSWER_BEFORE: (_COLUMNS.answer_before, False),
}


class IndexedAfterSales:
    """Reads and writes the indexed after-sales; every method raises StoreUnavailable."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._listings = {
            (sort, ascending): _listing(database, sort, ascending=ascending)
            for sort in AfterSaleSort
            for ascending in (True, False)
        }
        insert = database.insert(index_after_sales)
        key = list(index_after_sales.primary_key.columns)
        self._put = insert.on_conflict_do_update(
            index_elements=key,
            set_={
                column.name: insert.excluded[column.name]
                for column in index_after_sales.columns
                if column not in key
            },
            where=insert.excluded.seen_at >= _COLUMNS.seen_at,
        )

    async def put(self, transaction: Transaction, entries: Iterable[AfterSaleIndexEntry]) -> None:
        """Indexes the after-sales, unless what is indexed was seen later."""
        rows = [self._row(entry, transaction.now) for entry in entries]
        # Ordered like locks: transactions that write the same after-sales cannot deadlock.
        rows.sort(key=itemgetter("shop", "order_platform_id", "part", "platform_id", "seen_at"))
        if rows:
            await transaction.execute_later(self._put, rows)

    async def remove_seen_before(
        self, transaction: Transaction, orders: Iterable[SeenOrder]
    ) -> None:
        """Removes after-sales of these orders that were seen then, or before."""
        rows = [
            {"in_shop": one.shop, "of_order": one.platform_id, "of_part": one.part, "at": one.at}
            for one in orders
        ]
        if rows:
            await transaction.execute_later(_OUTDATED, rows)

    async def remove_of_orders(
        self, transaction: Transaction, shop: str, order_ids: Collection[str]
    ) -> None:
        """Removes the after-sales of orders that no longer exist."""
        if order_ids:
            values = {"in_shop": shop, "ids": list(order_ids)}
            await transaction.connection.execute(_REMOVE, values)

    async def page(
        self,
        shop: str,
        question: AfterSaleQuestion,
        after: AfterSalePlace | None,
        first: int,
        *,
        backwards: bool = False,
    ) -> IndexPage[IndexedAfterSale]:
        """At most `first` after-sales that follow `after`, in the question's order.

        `backwards`: those that come before it, the nearest ones; None: the last of the list.
        """
        column, descending = _SORTED[question.sort]
        ascending = (question.reverse == descending) != backwards
        listing = self._listings[question.sort, ascending]
        rows = await listing.page(_selection(shop, question), after=after, limit=first + 1)
        items = [self._indexed(row, column.name) for row in rows[:first]]
        return IndexPage(items[::-1] if backwards else items, more=len(rows) > first)

    async def of_orders(self, shop: str, order_ids: Collection[str]) -> list[IndexedAfterSale]:
        """The after-sales of orders of the shop itself, newest first."""
        if not order_ids:
            return []
        rows = await self._database.fetch(_OF_ORDERS, {"in_shop": shop, "ids": list(order_ids)})
        return [self._indexed(row, _COLUMNS.created_at.name) for row in rows]

    async def status(
        self, transaction: Transaction, shop: str, order_id: str, after_sale_id: str
    ) -> str | None:
        """The AfterSaleStatus that an after-sale of the shop itself has here; None: it has none."""
        values = {"in_shop": shop, "of_order": order_id, "own": after_sale_id}
        rows = await self._database.fetch(_STATUS, values, transaction)
        return str(rows[0].status) if rows else None

    async def count(self, shop: str, question: AfterSaleQuestion) -> int:
        """How many after-sales the question matches."""
        return await self._listings[question.sort, True].count(_selection(shop, question))

    def _row(self, entry: AfterSaleIndexEntry, now: float) -> dict[str, Any]:
        updated, deadline, buyer = entry.updated_at, entry.answer_before, entry.open_id
        seal = partial(self._vault.seal, shop=entry.shop, row=sealed_for(entry))
        return {
            "shop": entry.shop,
            "order_platform_id": entry.order_platform_id,
            "part": entry.part,
            "platform_id": entry.platform_id,
            "created_at": entry.created_at,
            "updated_at": entry.created_at if updated is None else updated,
            "answer_before": UNREPORTED if deadline is None else deadline,
            "status": entry.status,
            "kind": entry.kind,
            "open": entry.open,
            "refund": entry.refund,
            "seen_at": entry.seen_at,
            "written_at": now,
            "buyer": buyer and self._vault.blind_index(entry.shop, buyer),
            "open_id": buyer and seal(buyer.encode(), column=_OPEN_ID),
            "document": entry.document,
            "personal": entry.personal and seal(entry.personal, column=_PERSONAL),
        }

    def _indexed(self, row: Row[Any], sorted_by: str) -> IndexedAfterSale:
        place = AfterSalePlace(getattr(row, sorted_by), row.order_platform_id, row.platform_id)
        personal: bytes | LedgerUnreadable | None = None
        if row.personal is not None:
            try:
                personal = self._vault.unseal(
                    row.personal, shop=row.shop, row=sealed_for(row), column=_PERSONAL
                )
            except LedgerUnreadable as failure:
                personal = failure
        return IndexedAfterSale(row.shop, place, row.part, row.document, personal, row.seen_at)


def sealed_for(row: Any) -> str:
    """The row's name that its personal columns are sealed for; of a row, or an entry."""
    return f"{row.order_platform_id}/{row.part}/{row.platform_id}"


def _listing(database: Database, sort: AfterSaleSort, *, ascending: bool) -> Listing:
    position = (_SORTED[sort][0], _COLUMNS.order_platform_id, _COLUMNS.platform_id)
    by_status = sort is AfterSaleSort.CREATED_AT
    prefixes = (("shop", "status"), ("shop",)) if by_status else (("shop",),)
    return Listing(database, index_after_sales, position, prefixes, ascending=ascending)


def _selection(shop: str, question: AfterSaleQuestion) -> Selection:
    choices = chosen(shop=[shop], status=question.statuses, kind=question.kinds)
    ranges = {
        AfterSaleSort.CREATED_AT: (question.created_from, question.created_to),
        AfterSaleSort.UPDATED_AT: (question.updated_from, question.updated_to),
        AfterSaleSort.ANSWER_BEFORE: (None, question.answer_before),
    }
    start, end = ranges.pop(question.sort)
    filters = [*of_no_copy(_COLUMNS.shop, _COLUMNS.order_platform_id, question.not_of)]
    if question.open is not None:
        filters.append(_OPEN if question.open else ~_COLUMNS.open)
    for sort, (least, most) in ranges.items():
        column, _ = _SORTED[sort]
        if least is not None:
            filters.append(column >= least)
        if most is not None:
            filters.append(column <= most)
    return Selection(choices, start, end, filters=tuple(filters))
