"""Questions for orders of the index, and what they are in SQL."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, literal_column, or_, select, union_all

from gateway.store.crypto import Vault
from gateway.store.engine import Database
from gateway.store.full_text import (
    COPY,
    OPEN_AFTER_SALE,
    FullText,
    Match,
    copy_facet,
    status_facet,
)
from gateway.store.index_tables import index_orders
from gateway.store.indexed_contacts import phone_indexes, receiver_indexes
from gateway.store.tables import metadata_items
from gateway.store.words import search_words

_o: Final = index_orders.c
#: Orders that are found by an index, read whole and sorted; more of them are read in their order.
FEW: Final = 1_500
#: As the partial index has it.
_OPEN: Final[ColumnElement[bool]] = literal_column("index_orders.open_after_sale")


class OrderSort(Enum):
    """What a list of orders is sorted by, the highest first; then by platform id, likewise."""

    CREATED_AT = "created_at"
    #: An order whose change is not told counts as changed when created.
    UPDATED_AT = "updated_at"
    #: Those that are not paid come last.
    PAID_AT = "paid_at"
    TOTAL = "total"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderQuestion:
    """Which orders, and their order in lists; None means any. Both ends are in a range."""

    #: All shops that are asked, whichever of them a page is of. A copy is left out where the shop
    #: of its original is one of them.
    shops: Collection[str]
    #: OrderStatuses.
    statuses: Collection[str] | None = None
    created_from: int | None = None
    created_to: int | None = None
    updated_from: int | None = None
    updated_to: int | None = None
    paid_from: int | None = None
    paid_to: int | None = None
    platform_ids: Collection[str] | None = None
    #: Open ids by the shop whose they are: orders of any of them.
    buyers: Collection[tuple[str, str]] | None = None
    #: Each word must be among those of the order; one without words finds nothing.
    search: str | None = None
    #: Whether `search` may also be a whole phone number or a receiver's name.
    with_personal: bool = False
    #: What else `search` finds, by shop and platform id: what platforms found by it themselves.
    found: Collection[tuple[str, str]] = ()
    open_after_sale: bool | None = None
    #: None: each order once; False: originals only; True: copies only.
    copies: bool | None = None
    #: The order must have all of these, keys with their values.
    metadata: Collection[tuple[str, str]] | None = None
    sort: OrderSort = OrderSort.CREATED_AT
    #: The lowest first.
    reverse: bool = False

    @property
    def ranges(self) -> Mapping[str, tuple[int | None, int | None]]:
        """The ranges of times that are given, by their columns."""
        paid_from = self.paid_from
        if paid_from is None and self.paid_to is not None:
            # 0 stands for an order that is not paid.
            paid_from = 1
        ranges = {
            "created_at": (self.created_from, self.created_to),
            "updated_at": (self.updated_from, self.updated_to),
            "paid_at": (paid_from, self.paid_to),
        }
        return {name: ends for name, ends in ranges.items() if ends != (None, None)}


class Sought(NamedTuple):
    """What a search asks for: all words, or else a phone number or a name by its keyed hashes.

    Or else it is one of the orders that platforms found: their ids by shop.
    """

    words: Sequence[str]
    phones: Sequence[bytes]
    receivers: Sequence[bytes]
    found: Mapping[str, Sequence[str]]

    @property
    def is_empty(self) -> bool:
        """Whether nothing can be found by it."""
        return not (self.words or self.phones or self.receivers or self.found)

    @property
    def by_words_only(self) -> bool:
        """Whether the words alone find all of it."""
        return bool(self.words) and not (self.phones or self.receivers or self.found)

    @property
    def is_found(self) -> ColumnElement[bool]:
        """Whether a row is one of those that platforms found."""
        return or_(
            *(and_(_o.shop == shop, _o.platform_id.in_(ids)) for shop, ids in self.found.items())
        )


class OrderConditions:
    """Questions for orders in SQL."""

    def __init__(self, database: Database, vault: Vault, *, few: int = FEW) -> None:
        self._few = few
        self._database = database
        self._vault = vault
        self.full_text = FullText(index_orders, is_sqlite=database.is_sqlite)

    async def sought(self, question: OrderQuestion, shops: Collection[str]) -> Sought | None:
        """What the question searches for in these shops; None: it has no search.

        Phone numbers and names that no order has are left out. Raises StoreUnavailable.
        """
        text = question.search
        if text is None:
            return None
        phones: list[bytes] = []
        receivers: list[bytes] = []
        if question.with_personal:
            for shop in shops:
                phones += phone_indexes(self._vault, shop, text)
                receivers += receiver_indexes(self._vault, shop, text)
        return Sought(
            search_words(text),
            phones if await self._has(shops, _o.phone, phones) else (),
            receivers if await self._has(shops, _o.receiver, receivers) else (),
            _by_shop(question.found, shops),
        )

    async def _has(
        self, shops: Collection[str], column: ColumnElement[Any], indexes: Sequence[bytes]
    ) -> bool:
        if not indexes:
            return False
        found = select(_o.number).where(_o.shop.in_(list(shops)), column.in_(indexes)).limit(1)
        return bool(await self._database.fetch(found))

    async def few(
        self, question: OrderQuestion, sought: Sought | None, shops: Collection[str]
    ) -> list[int] | None:
        """Numbers that include all that the question matches, if an index finds few of them.

        None: there are many of each. Raises StoreUnavailable.
        """
        if sought is not None and sought.is_empty:
            return []
        for numbers in self._narrowings(question, sought, shops):
            found = await self._database.fetch(numbers.limit(self._few + 1))
            if len(found) <= self._few:
                return [int(row[0]) for row in found]
        return None

    def buyers(self, question: OrderQuestion, shops: Collection[str]) -> list[bytes] | None:
        """The blind indexes of the buyers in these shops; None: any buyer."""
        if question.buyers is None:
            return None
        return [
            index
            for shop, open_id in question.buyers
            if shop in shops
            for index in self._vault.blind_indexes(shop, open_id)
        ]

    def filters(
        self, question: OrderQuestion, sought: Sought | None, *, ranges: Collection[str]
    ) -> list[ColumnElement[bool]]:
        """Conditions of each row, but for its shop, status and buyer, with these ranges."""
        found: list[ColumnElement[bool]] = []
        for name, (start, end) in question.ranges.items():
            if name in ranges:
                found += _within(name, start, end)
        if question.platform_ids is not None:
            found.append(_o.platform_id.in_(list(question.platform_ids)))
        if question.open_after_sale is not None:
            found.append(_OPEN if question.open_after_sale else ~_o.open_after_sale)
        found.append(
            copies_rule(question, _o.original_shop, is_original=_o.original_shop.is_(None))
        )
        for key, value in question.metadata or ():
            found.append(exists().where(_is_of_order(key, value)))
        if sought is not None:
            found.append(self._is_sought(sought))
        return found

    def whole(
        self, question: OrderQuestion, sought: Sought | None, shops: Collection[str]
    ) -> list[ColumnElement[bool]]:
        """All conditions of each row, but for its shop."""
        found = self.filters(question, sought, ranges=question.ranges)
        if question.statuses is not None:
            found.append(_o.status.in_(list(question.statuses)))
        buyers = self.buyers(question, shops)
        if buyers is not None:
            found.append(_o.buyer.in_(buyers))
        return found

    def _is_sought(self, sought: Sought) -> ColumnElement[bool]:
        """Of a row that is read anyway."""
        either: list[ColumnElement[bool]] = []
        if sought.words:
            first, *others = self.full_text.has(sought.words)
            for one in others:
                first &= one
            either.append(first)
        if sought.phones:
            either.append(_o.phone.in_(sought.phones))
        if sought.receivers:
            either.append(_o.receiver.in_(sought.receivers))
        if sought.found:
            either.append(sought.is_found)
        return or_(*either)

    def match(self, question: OrderQuestion, words: Sequence[str]) -> Match:
        """The words, with all of the question that the full text has beside them."""
        choices: list[Collection[str]] = []
        excluded: list[str] = []
        if question.statuses is not None:
            choices.append([status_facet(status) for status in question.statuses])
        if question.open_after_sale:
            choices.append([OPEN_AFTER_SALE])
        elif question.open_after_sale is not None:
            excluded.append(OPEN_AFTER_SALE)
        if question.copies:
            choices.append([COPY])
        elif question.copies is not None:
            excluded.append(COPY)
        else:
            excluded += map(copy_facet, question.shops)
        return Match(words, choices, excluded)

    def numbers(
        self, question: OrderQuestion, sought: Sought, shops: Collection[str]
    ) -> Select[Any]:
        """The numbers of what is sought in these shops; some may be there twice."""
        shop = _o.shop.in_(list(shops))
        parts: list[Select[Any]] = []
        if sought.words:
            match = self.match(question, sought.words)
            parts.append(self.full_text.numbers(shops, match))
        if sought.phones:
            parts.append(select(_o.number).where(shop, _o.phone.in_(sought.phones)))
        if sought.receivers:
            parts.append(select(_o.number).where(shop, _o.receiver.in_(sought.receivers)))
        if sought.found:
            parts.append(select(_o.number).where(sought.is_found))
        if len(parts) == 1:
            return parts[0]
        return select(union_all(*parts).subquery().c.number)

    def _narrowings(
        self, question: OrderQuestion, sought: Sought | None, shops: Collection[str]
    ) -> list[Select[Any]]:
        """Selects of numbers by an index, each with all that the question can match, and more.

        Those that find fewest come first; those that the list's own index begins with are left out.
        """
        some = select(_o.number).where(_o.shop.in_(list(shops)))
        found: list[Select[Any]] = []
        if question.platform_ids is not None:
            found.append(some.where(_o.platform_id.in_(list(question.platform_ids))))
        buyers = self.buyers(question, shops)
        if buyers is not None:
            found.append(some.where(_o.buyer.in_(buyers)))
        if sought is not None:
            found.append(self.numbers(question, sought, shops))
        for key, value in question.metadata or ():
            found.append(some.join(metadata_items, _is_of_order(key, value)))
        if question.open_after_sale:
            found.append(some.where(_OPEN))
        by_creation = question.sort is OrderSort.CREATED_AT
        for name, ends in question.ranges.items():
            if name != question.sort.value:
                found.append(some.where(*_within(name, *ends)))
        if question.copies:
            # The second condition is always met: SQLite prefers an index that it uses more of.
            found.append(some.where(_o.original_shop.is_not(None), _o.original_shop > ""))
        if question.statuses is not None and not by_creation:
            found.append(some.where(_o.status.in_(list(question.statuses))))
        return found


def _by_shop(
    found: Collection[tuple[str, str]], shops: Collection[str]
) -> Mapping[str, Sequence[str]]:
    """The platform ids of those of these shops, by shop."""
    ids: defaultdict[str, list[str]] = defaultdict(list)
    for shop, platform_id in found:
        if shop in shops:
            ids[shop].append(platform_id)
    return ids


def copies_rule(
    question: OrderQuestion, original_shop: ColumnElement[Any], *, is_original: ColumnElement[bool]
) -> ColumnElement[bool]:
    """Which copies count: where a row tells the shop of its original, and whether it is one."""
    if question.copies is None:
        return or_(is_original, original_shop.not_in(list(question.shops)))
    return ~is_original if question.copies else is_original


def _is_of_order(key: str, value: str) -> ColumnElement[bool]:
    """Whether a row of the metadata is the order's, with this key and value."""
    of = metadata_items.c
    return and_(
        of.kind == "Order",
        of.shop == _o.shop,
        of.platform_id == _o.platform_id,
        of.part == _o.part,
        of.key == key,
        of.value == value,
    )


def _within(name: str, start: int | None, end: int | None) -> list[ColumnElement[bool]]:
    column = _o[name]
    from_start = [] if start is None else [column >= start]
    return from_start if end is None else [*from_start, column <= end]
