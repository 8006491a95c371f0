"""The index's products and SKUs: what the platforms reported, found by words, code and stock."""

import operator
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    bindparam,
    delete,
    false,
    func,
    insert,
    literal,
    select,
    tuple_,
    union_all,
    update,
)

from gateway.store.engine import Database, Transaction
from gateway.store.full_text import FullText, Match
from gateway.store.index_pages import UNREPORTED, IndexPage, IndexPlace
from gateway.store.index_tables import index_products, index_skus
from gateway.store.listing import Listing, Selection, chosen
from gateway.store.words import search_words, words_of

#: Products that one statement writes.
_BATCH: Final = 200
#: Products that a condition finds and that are looked up, rather than met along the list.
_FEW: Final = 1_000
#: Codes that one statement looks for.
_CODES_AT_ONCE: Final = 50
#: Characters of a title that it is sorted by: cursors hold as many for each shop.
_TITLE_KEY: Final = 40
_REMOVE: Final = delete(index_products).where(
    index_products.c.shop == bindparam("in_shop"),
    index_products.c.platform_id.in_(bindparam("ids", expanding=True)),
)
_SKU_CODES: Final = select(
    index_skus.c.platform_product_id, index_skus.c.platform_sku_id, index_skus.c.code
).where(
    index_skus.c.shop == bindparam("in_shop"),
    index_skus.c.platform_product_id.in_(bindparam("ids", expanding=True)),
    index_skus.c.code.is_not(None),
)
_STATUSES: Final = select(index_products.c.platform_id, index_products.c.status).where(
    index_products.c.shop == bindparam("in_shop"),
    index_products.c.platform_id.in_(bindparam("ids", expanding=True)),
)
_SET_REFUSAL: Final = (
    update(index_products)
    .where(
        index_products.c.shop == bindparam("in_shop"),
        index_products.c.platform_id == bindparam("id"),
        func.coalesce(index_products.c.draft_refused_at, 0) <= bindparam("at"),
    )
    .values(draft_refusal=bindparam("reason"), draft_refused_at=bindparam("at"))
)
_REFUSALS: Final = select(
    index_products.c.platform_id, index_products.c.draft_refusal, index_products.c.draft_refused_at
).where(
    index_products.c.shop == bindparam("in_shop"),
    index_products.c.platform_id.in_(bindparam("ids", expanding=True)),
    index_products.c.draft_refusal.is_not(None),
)
#: What events alone tell, which reading a product again leaves as it is.
_OF_EVENTS: Final = frozenset({index_products.c.draft_refusal, index_products.c.draft_refused_at})
_REMOVE_SKUS: Final = delete(index_skus).where(
    index_skus.c.shop == bindparam("in_shop"),
    index_skus.c.platform_product_id.in_(bindparam("ids", expanding=True)),
)
_GET: Final = (
    select(index_products)
    .where(
        index_products.c.shop == bindparam("in_shop"),
        index_products.c.platform_id.in_(bindparam("ids", expanding=True)),
    )
    .order_by(index_products.c.platform_id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SkuIndexEntry:
    """A SKU to index; `price` in fen, None like `stock` if the platform does not report it.

    `platform_id` is empty if the product has one SKU only.
    """

    platform_id: str
    code: str | None
    price: int | None
    stock: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductIndexEntry:
    """A product to index.

    `status` is a ProductStatus. `document` is the platform's own; None if the ledger has the
    product. `seen_at` is when the platform was asked, in unix seconds.
    """

    shop: str
    platform_id: str
    title: str
    status: str
    skus: Sequence[SkuIndexEntry]
    document: str | None
    seen_at: float


@dataclass(frozen=True, slots=True)
class IndexedProduct:
    """A product as the index has it; `place` is its position in the list that was read.

    `document` is the platform's own; None if the ledger has the product. `seen_at` is when the
    platform was asked, in unix seconds.
    """

    shop: str
    place: IndexPlace
    document: str | None
    seen_at: float

    @property
    def platform_id(self) -> str:
        """The platform's own id."""
        return self.place.platform_id


class DraftRefusal(NamedTuple):
    """Why an audit refused a product's draft; `at` is when, in unix seconds."""

    reason: str
    at: int


class IndexedSku(NamedTuple):
    """A SKU that has a merchant's code."""

    shop: str
    product_id: str
    sku_id: str
    code: str


class ProductSort(Enum):
    """What a list of products is sorted by, ascending; then by platform id."""

    PLATFORM_ID = auto()
    TITLE = auto()
    #: The lowest price of the SKUs.
    PRICE = auto()
    #: Units of all SKUs.
    STOCK = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductQuestion:
    """Which products of a shop, and their order; None means any."""

    statuses: Collection[str] | None = None
    #: Each word must be in the title, in a SKU's code or in the product's id.
    search: str | None = None
    #: With a SKU of one of these codes.
    sku_codes: Collection[str] | None = None
    #: With a SKU of which there are at most so many units.
    stock_at_most: int | None = None
    sort: ProductSort = ProductSort.PLATFORM_ID
    reverse: bool = False


_SORTED: Final = {
    ProductSort.PLATFORM_ID: None,
    ProductSort.TITLE: index_products.c.title_key,
    ProductSort.PRICE: index_products.c.price_min,
    ProductSort.STOCK: index_products.c.stock,
}


class IndexedProducts:
    """Reads and writes the indexed products; every method raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._full_text = FullText(index_products, is_sqlite=database.is_sqlite)
        self._of_codes: dict[int, Select[Any]] = {}
        self._listings = {
            (sort, ascending): _listing(database, sort, ascending=ascending)
            for sort in ProductSort
            for ascending in (True, False)
        }
        insert = database.insert(index_products)
        columns = index_products.c
        key = [columns.shop, columns.platform_id]
        self._put = insert.on_conflict_do_update(
            index_elements=key,
            set_={
                column.name: insert.excluded[column.name]
                for column in columns
                if column not in {*key, columns.number, *_OF_EVENTS}
            },
            where=insert.excluded.seen_at >= index_products.c.seen_at,
        ).returning(index_products.c.shop, index_products.c.platform_id)

    async def put(self, transaction: Transaction, entries: Iterable[ProductIndexEntry]) -> None:
        """Indexes the products with their SKUs, unless what is indexed was seen later."""
        newest = {
            (one.shop, one.platform_id): one for one in sorted(entries, key=lambda one: one.seen_at)
        }
        # Ordered like locks: transactions that write the same products cannot deadlock.
        keys = sorted(newest)
        for begin in range(0, len(keys), _BATCH):
            rows = [_row(newest[key], transaction.now) for key in keys[begin : begin + _BATCH]]
            written = (await transaction.connection.execute(self._put, rows)).all()
            await _put_skus(transaction, [newest[row.shop, row.platform_id] for row in written])

    async def remove(self, transaction: Transaction, shop: str, ids: Collection[str]) -> None:
        """Removes products that no longer exist, with their SKUs."""
        if ids:
            values = {"in_shop": shop, "ids": list(ids)}
            await transaction.connection.execute(_REMOVE_SKUS, values)
            await transaction.connection.execute(_REMOVE, values)

    async def codes(
        self, transaction: Transaction, shop: str, ids: Collection[str]
    ) -> dict[tuple[str, str], str]:
        """The merchant's codes of the SKUs of these products, by product and SKU."""
        if not ids:
            return {}
        values = {"in_shop": shop, "ids": list(ids)}
        rows = await self._database.fetch(_SKU_CODES, values, transaction)
        return {(row.platform_product_id, row.platform_sku_id): row.code for row in rows}

    async def statuses(
        self, transaction: Transaction | None, shop: str, ids: Collection[str]
    ) -> dict[str, str]:
        """The statuses of those of these products that are indexed, by platform id."""
        if not ids:
            return {}
        values = {"in_shop": shop, "ids": list(ids)}
        rows = await self._database.fetch(_STATUSES, values, transaction)
        return {row.platform_id: row.status for row in rows}

    async def set_draft_refusal(
        self, transaction: Transaction, shop: str, platform_id: str, refusal: DraftRefusal
    ) -> None:
        """Keeps why a draft was refused, unless a later refusal is known, or the index lacks it."""
        values = {"in_shop": shop, "id": platform_id, "at": refusal.at}
        reason = _storable(refusal.reason)
        await transaction.connection.execute(_SET_REFUSAL, {**values, "reason": reason})

    async def draft_refusals(self, shop: str, ids: Collection[str]) -> dict[str, DraftRefusal]:
        """The last refusals of those of these products that had one, by platform id."""
        if not ids:
            return {}
        rows = await self._database.fetch(_REFUSALS, {"in_shop": shop, "ids": list(ids)})
        return {
            row.platform_id: DraftRefusal(row.draft_refusal, row.draft_refused_at) for row in rows
        }

    async def page(
        self,
        shop: str,
        question: ProductQuestion,
        after: IndexPlace | None,
        first: int,
        *,
        backwards: bool = False,
    ) -> IndexPage[IndexedProduct]:
        """At most `first` products that follow `after`, in the question's order.

        `backwards`: those that come before it, the nearest ones; None: the last of the list.
        """
        ascending = question.reverse == backwards
        position = None if after is None else _position(question.sort, after)
        filters, are_few = await self._filters(shop, question)
        selection = Selection(_choices(shop, question), filters=tuple(filters))
        if are_few:
            statement = _first_of_few(selection, question.sort, position, ascending=ascending)
            rows = await self._database.fetch(statement, {"limit": first + 1})
        else:
            listing = self._listings[question.sort, ascending]
            rows = await listing.page(selection, after=position, limit=first + 1)
        items = [_indexed(row, question.sort) for row in rows[:first]]
        return IndexPage(items[::-1] if backwards else items, more=len(rows) > first)

    async def count(self, shop: str, question: ProductQuestion) -> int:
        """How many products the question matches."""
        filters = [one.column.in_(one.found) for one in self._conditions(shop, question)]
        selection = Selection(_choices(shop, question), filters=tuple(filters))
        return await self._listings[question.sort, True].count(selection)

    async def get_many(self, shop: str, ids: Collection[str]) -> list[IndexedProduct]:
        """The products that the index has of these platform ids, sorted by them."""
        if not ids:
            return []
        rows = await self._database.fetch(_GET, {"in_shop": shop, "ids": list(ids)})
        return [_indexed(row, ProductSort.PLATFORM_ID) for row in rows]

    async def of_codes(
        self,
        shops: Collection[str],
        codes: Collection[str],
        *,
        limit: int,
        within: Transaction | None = None,
    ) -> dict[str, list[IndexedSku]]:
        """At most `limit` SKUs of each code in these shops, sorted by shop, product and SKU."""
        wanted = sorted(set(codes))
        found: dict[str, list[IndexedSku]] = {}
        if not shops or not wanted:
            return found
        for begin in range(0, len(wanted), _CODES_AT_ONCE):
            some = wanted[begin : begin + _CODES_AT_ONCE]
            statement = self._of_codes.get(len(some))
            if statement is None:
                statement = self._of_codes[len(some)] = _of_codes(len(some))
            values: dict[str, Any] = {"shops": list(shops), "limit": limit}
            values |= {f"code_{place}": code for place, code in enumerate(some)}
            for row in await self._database.fetch(statement, values, within):
                found.setdefault(row.code, []).append(_sku(row))
        return {code: sorted(skus) for code, skus in found.items()}

    def _conditions(self, shop: str, question: ProductQuestion) -> Iterator["_Condition"]:
        if question.sku_codes is not None:
            yield _having_sku(shop, index_skus.c.code.in_(list(question.sku_codes)))
        if question.stock_at_most is not None:
            yield _having_sku(shop, index_skus.c.stock <= question.stock_at_most)
        if question.search and not question.search.isspace():
            words = search_words(question.search)
            number = index_products.c.number
            if words:
                numbers = self._full_text.numbers([shop], Match(words))
                yield _Condition(number, numbers, self._full_text.has(words))
            else:
                yield _Condition(number, select(number).where(false()), [false()])

    async def _filters(
        self, shop: str, question: ProductQuestion
    ) -> tuple[list[ColumnElement[bool]], bool]:
        """What a page is chosen by, and whether few products may be on all pages.

        Of many products a page is found soon along the list; few are all looked up.
        """
        filters: list[ColumnElement[bool]] = []
        are_few = False
        for column, found, met in self._conditions(shop, question):
            rows = await self._database.fetch(found.limit(_FEW + 1))
            if len(rows) > _FEW:
                filters += met
            else:
                filters.append(column.in_({row[0] for row in rows}))
                are_few = True
        return filters, are_few


class _Condition(NamedTuple):
    """A condition on products.

    `found` gives the values of `column` that meet it; `met` are the conditions of a row that is
    read anyway.
    """

    column: ColumnElement[Any]
    found: Select[Any]
    met: Sequence[ColumnElement[bool]]


def _of_codes(count: int) -> Select[Any]:
    """The SKUs of so many codes, some of each: a code that is none stands on any number."""
    columns = index_skus.c
    parts = (
        select(columns.shop, columns.platform_product_id, columns.platform_sku_id, columns.code)
        .where(
            columns.shop.in_(bindparam("shops", expanding=True)),
            columns.code == bindparam(f"code_{place}"),
        )
        .order_by(columns.shop, columns.platform_product_id, columns.platform_sku_id)
        .limit(bindparam("limit"))
        .subquery()
        for place in range(count)
    )
    found = union_all(*(select(part) for part in parts)).subquery()
    return select(found)


def _listing(database: Database, sort: ProductSort, *, ascending: bool) -> Listing:
    column = _SORTED[sort]
    identity = index_products.c.platform_id
    if column is None:
        prefixes: tuple[tuple[str, ...], ...] = (("shop", "status"), ("shop",))
        return Listing(database, index_products, (identity,), prefixes, ascending=ascending)
    position = (column, identity)
    return Listing(database, index_products, position, (("shop",),), ascending=ascending)


def _position(sort: ProductSort, place: IndexPlace) -> tuple[Any, ...]:
    return (place.platform_id,) if _SORTED[sort] is None else place


def _choices(shop: str, question: ProductQuestion) -> dict[str, Collection[Any]]:
    return chosen(shop=[shop], status=question.statuses)


def _having_sku(shop: str, condition: ColumnElement[bool]) -> _Condition:
    found = select(index_skus.c.platform_product_id).where(index_skus.c.shop == shop, condition)
    column = index_products.c.platform_id
    return _Condition(column, found, [column.in_(found)])


def _first_of_few(
    selection: Selection, sort: ProductSort, after: Sequence[Any] | None, *, ascending: bool
) -> Select[Any]:
    """The first `limit` of a few products that follow a position; all few are looked up.

    They are materialized: else PostgreSQL may look for them along the list, past all others.
    """
    columns = index_products.c
    column = _SORTED[sort]
    position = [columns.platform_id] if column is None else [column, columns.platform_id]
    chosen_by = [columns[name].in_(list(given)) for name, given in selection.choices.items()]
    few = (
        select(columns.number, *position)
        .where(*chosen_by, *selection.filters)
        .cte("few")
        .prefix_with("MATERIALIZED")
    )
    ordered = [few.c[one.name] for one in position]
    first = select(few.c.number).limit(bindparam("limit"))
    first = first.order_by(*(one if ascending else one.desc() for one in ordered))
    if after is not None:
        bounds = [literal(value, one.type) for value, one in zip(after, ordered, strict=True)]
        compare = operator.gt if ascending else operator.lt
        first = first.where(compare(tuple_(*ordered), tuple_(*bounds)))
    return (
        select(index_products)
        .where(columns.number.in_(first))
        .order_by(*(one if ascending else one.desc() for one in position))
    )


def _row(entry: ProductIndexEntry, now: float) -> dict[str, Any]:
    prices = [sku.price for sku in entry.skus if sku.price is not None]
    codes = [sku.code for sku in entry.skus if sku.code is not None]
    stocks = [sku.stock for sku in entry.skus if sku.stock is not None]
    counted = bool(stocks) and len(stocks) == len(entry.skus)
    return {
        "shop": entry.shop,
        "platform_id": entry.platform_id,
        "title": _storable(entry.title),
        "title_key": _storable(entry.title).casefold()[:_TITLE_KEY],
        "price_min": min(prices, default=UNREPORTED),
        "price_max": max(prices, default=UNREPORTED),
        "stock": sum(stocks) if counted else UNREPORTED,
        "status": entry.status,
        "words": words_of((entry.title, entry.platform_id, *codes)),
        "document": entry.document,
        "seen_at": entry.seen_at,
        "written_at": now,
    }


async def _put_skus(transaction: Transaction, entries: Sequence[ProductIndexEntry]) -> None:
    """Replaces the SKUs of products whose rows this transaction has written, and so locked."""
    by_shop: defaultdict[str, list[str]] = defaultdict(list)
    for entry in entries:
        by_shop[entry.shop].append(entry.platform_id)
    for shop, ids in by_shop.items():
        await transaction.connection.execute(_REMOVE_SKUS, {"in_shop": shop, "ids": ids})
    rows = [
        {
            "shop": entry.shop,
            "platform_product_id": entry.platform_id,
            "platform_sku_id": sku.platform_id,
            "code": sku.code,
            "price": sku.price,
            "stock": sku.stock,
        }
        for entry in entries
        for sku in {sku.platform_id: sku for sku in entry.skus}.values()
    ]
    if rows:
        await transaction.connection.execute(insert(index_skus), rows)


def _indexed(row: Row[Any], sort: ProductSort) -> IndexedProduct:
    column = _SORTED[sort]
    value = "" if column is None else getattr(row, column.name)
    place = IndexPlace(value, row.platform_id)
    return IndexedProduct(row.shop, place, row.document, row.seen_at)


def _storable(text: str) -> str:
    """Without the one character that PostgreSQL cannot store."""
    return text.replace("\0", " ")


def _sku(row: Row[Any]) -> IndexedSku:
    return IndexedSku(row.shop, row.platform_product_id, row.platform_sku_id, row.code)
