"""Counts and sums over the index's orders, exact to the fen.

By time, shop and status alone they are read from sums of whole days, and from the orders of the
days that a range begins and ends in; with other filters, and by goods, from the orders.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Label,
    Row,
    Select,
    cast,
    func,
    literal_column,
    select,
)

from gateway.china_days import CHINA_OFFSET
from gateway.store.crypto import Vault
from gateway.store.engine import Database
from gateway.store.index_tables import index_order_lines, index_order_sums, index_orders
from gateway.store.indexed_order_rows import SECOND, number_from
from gateway.store.order_questions import FEW, OrderConditions, OrderQuestion, copies_rule
from gateway.store.order_sums import (
    CREATED,
    DAY_SECONDS,
    PAID,
    Amounts,
    day_of,
    first_second,
)

_o: Final = index_orders.c
_s: Final = index_order_sums.c
_l: Final = index_order_lines.c
#: Rows of an answer at the most, and one more.
MOST_ROWS: Final = 10_000
#: 1970 began on a Thursday.
_THURSDAY: Final = 3
_WEEK: Final = 7


class Dimension(Enum):
    """What orders are grouped by; of the periods one at the most."""

    #: In China; by payment where the question has a range of it, else by creation.
    DAY = "day"
    #: Of ISO 8601, from Monday on.
    WEEK = "week"
    MONTH = "month"
    SHOP = "shop"
    STATUS = "status"
    PRODUCT = "product"
    SKU_CODE = "sku_code"


_PERIODS: Final = (Dimension.DAY, Dimension.WEEK, Dimension.MONTH)
_OF_LINES: Final = {Dimension.PRODUCT, Dimension.SKU_CODE}


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticsRow:
    """Counts and sums of one group; what is not grouped by is None.

    `total` and `refunded` are in fen. By goods `units` and `total` are those of the lines, and
    `refunded` is 0: a refund is of an order. `code` is also None for lines without one.
    """

    #: 2026-03-01, 2026-W09 or 2026-03.
    period: str | None
    shop: str | None
    status: str | None
    platform_product_id: str | None
    code: str | None
    orders: int
    units: int
    total: int
    refunded: int


class _Group(NamedTuple):
    """The values that a group has in common."""

    period: int
    shop: str
    status: str
    product: str
    code: str


_NO_GROUP: Final = _Group(0, "", "", "", "")


class _Range(NamedTuple):
    """Whole seconds, both ends included; None: open."""

    start: int | None
    end: int | None


class OrderStatistics:
    """Counts and adds up the indexed orders; every method raises StoreUnavailable."""

    def __init__(self, database: Database, vault: Vault, *, few: int = FEW) -> None:
        self._database = database
        self._conditions = OrderConditions(database, vault, few=few)

    async def rows(
        self,
        question: OrderQuestion,
        group_by: Sequence[Dimension],
        shops: Collection[str] | None = None,
    ) -> list[StatisticsRow]:
        """A row for each group that has orders, sorted by its values, in the order of the fields.

        `shops`: only the orders of these, of all that the question asks. Of more than `MOST_ROWS`
        rows there is one too many.
        """
        asked = question.shops if shops is None else shops
        groups = await self._groups(asked, question, set(group_by))
        period = next((one for one in _PERIODS if one in group_by), None)
        shown = sorted(groups.items())[: MOST_ROWS + 1]
        return [_row(group, amounts, period, set(group_by)) for group, amounts in shown]

    async def count(self, shops: Collection[str], question: OrderQuestion) -> int:
        """How many orders of these shops the question matches."""
        counted = await self._count_words(shops, question)
        if counted is not None:
            return counted
        return sum(one.orders for one in (await self._groups(shops, question, set())).values())

    async def _count_words(self, shops: Collection[str], question: OrderQuestion) -> int | None:
        """How many orders FTS5 finds, without a look at them; None: it cannot tell."""
        others = (question.platform_ids, question.buyers, question.metadata)
        if (
            not self._database.is_sqlite
            or question.search is None
            or not shops
            or any(one is not None for one in others)
            or not question.ranges.keys() <= {"created_at"}
        ):
            return None
        sought = await self._conditions.sought(question, shops)
        if sought is None or not sought.by_words_only:
            return None
        number = self._conditions.full_text.fts5.c.rowid
        found = self._conditions.numbers(question, sought, shops)
        start, end = question.ranges.get("created_at", (None, None))
        if start is not None:
            found = found.where(number >= number_from(start))
        if end is not None:
            found = found.where(number < number_from(end) + SECOND)
        counted = found.with_only_columns(func.count(), maintain_column_froms=True)
        return int((await self._database.fetch(counted))[0][0])

    async def _groups(
        self, shops: Collection[str], question: OrderQuestion, by: Collection[Dimension]
    ) -> dict[_Group, Amounts]:
        if not shops:
            return {}
        basis = PAID if "paid_at" in question.ranges else CREATED
        if not _is_summed(question) or _OF_LINES.intersection(by):
            return await self._of_orders(shops, question, by, basis)
        start, end = question.ranges.get(f"{basis}_at", (None, None))
        whole, edges = _split(_Range(start, end))
        groups = {} if whole is None else await self._of_days(shops, question, by, basis, whole)
        for edge in edges:
            part = _with_range(question, basis, edge)
            for group, amounts in (await self._of_orders(shops, part, by, basis)).items():
                groups[group] = _sum(groups.get(group), amounts)
        return groups

    async def _of_days(
        self,
        shops: Collection[str],
        question: OrderQuestion,
        by: Collection[Dimension],
        basis: str,
        days: _Range,
    ) -> dict[_Group, Amounts]:
        """The sums of whole days."""
        where: list[ColumnElement[bool]] = [
            _s.shop.in_(list(shops)),
            _s.basis == basis,
            copies_rule(question, _s.original_shop, is_original=_s.original_shop == ""),
        ]
        if days.start is not None:
            where.append(_s.day >= days.start)
        if days.end is not None:
            where.append(_s.day <= days.end)
        if question.statuses is not None:
            where.append(_s.status.in_(list(question.statuses)))
        columns = self._columns(by, _s, _s.day)
        amounts = [_summed(_s[name], name) for name in Amounts._fields]
        return await self._fetched(select(*columns, *amounts).where(*where), columns)

    async def _of_orders(
        self,
        shops: Collection[str],
        question: OrderQuestion,
        by: Collection[Dimension],
        basis: str,
    ) -> dict[_Group, Amounts]:
        """What the orders themselves have."""
        sought = await self._conditions.sought(question, shops)
        few = await self._conditions.few(question, sought, shops)
        if few is not None and not few:
            return {}
        where = self._conditions.whole(question, None if few is None else sought, shops)
        if few is not None:
            # They are of these shops: SQLite would read all orders of a shop by its index.
            where.append(_o.number.in_(few))
        else:
            where.append(_o.shop.in_(list(shops)))
            if sought is not None:
                where.append(_o.number.in_(self._conditions.numbers(question, sought, shops)))
        at = _o.paid_at if basis == PAID else _o.created_at
        columns = self._columns(by, _o, (at + CHINA_OFFSET) // DAY_SECONDS)
        source: Any = index_orders
        amounts: list[ColumnElement[Any]] = [func.count().label("orders")]
        if _OF_LINES.intersection(by):
            source = index_orders.join(index_order_lines, _l.number == _o.number)
            amounts = [
                func.count(_o.number.distinct()).label("orders"),
                _summed(_l.units, "units"),
                _summed(_l.total, "total"),
                literal_column("0").label("refunded"),
            ]
        else:
            amounts += [_summed(_o[name], name) for name in ("units", "total", "refunded")]
        found = select(*columns, *amounts).select_from(source).where(*where)
        return await self._fetched(found, columns)

    def _columns(
        self, by: Collection[Dimension], columns: Any, day: ColumnElement[Any]
    ) -> list[Label[Any]]:
        """What is grouped by, named as the fields of `_Group`."""
        expressions: dict[Dimension, tuple[str, ColumnElement[Any]]] = {
            Dimension.DAY: ("period", day),
            Dimension.WEEK: ("period", (day + _THURSDAY) // _WEEK),
            Dimension.MONTH: ("period", self._month(day)),
            Dimension.SHOP: ("shop", columns.shop),
            Dimension.STATUS: ("status", columns.status),
            Dimension.PRODUCT: ("product", _l.platform_product_id),
            Dimension.SKU_CODE: ("code", func.coalesce(_l.code, "")),
        }
        return [found.label(name) for one, (name, found) in expressions.items() if one in by]

    def _month(self, day: ColumnElement[Any]) -> ColumnElement[Any]:
        """The month of a day, as in 202603."""
        at = day * DAY_SECONDS
        if self._database.is_sqlite:
            return cast(func.strftime("%Y%m", at, "unixepoch"), Integer)
        return cast(func.to_char(func.timezone("UTC", func.to_timestamp(at)), "YYYYMM"), Integer)

    async def _fetched(
        self, statement: Select[Any], columns: Sequence[Label[Any]]
    ) -> dict[_Group, Amounts]:
        # By place: a name may be that of another table's column, too.
        grouped = statement.group_by(
            *(literal_column(str(place)) for place in range(1, len(columns) + 1))
        )
        groups: dict[_Group, Amounts] = {}
        for row in await self._database.fetch(grouped if columns else statement):
            amounts = Amounts(int(row.orders), int(row.units), int(row.total), int(row.refunded))
            # Without groups there is a row of nothing.
            if amounts.orders:
                groups[_NO_GROUP._replace(**_grouped(row, columns))] = amounts
        return groups


def _grouped(row: Row[Any], columns: Sequence[Label[Any]]) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in columns}


def _summed(column: ColumnElement[Any], name: str) -> Label[Any]:
    return func.coalesce(func.sum(column), 0).label(name)


def _sum(first: Amounts | None, second: Amounts) -> Amounts:
    if first is None:
        return second
    return Amounts(*(one + other for one, other in zip(first, second, strict=True)))


def _is_summed(question: OrderQuestion) -> bool:
    """Whether sums of days tell all that is asked, but for parts of days."""
    others = (
        question.search,
        question.platform_ids,
        question.buyers,
        question.open_after_sale,
        question.metadata,
    )
    times = question.ranges.keys()
    return all(one is None for one in others) and times in (set(), {"created_at"}, {"paid_at"})


def _split(seconds: _Range) -> tuple[_Range | None, list[_Range]]:
    """The whole days of a range, None if there is none; and the parts of days at its ends."""
    start, end = seconds
    if start is not None and end is not None and start > end:
        return None, []
    first = None if start is None else day_of(start)
    last = None if end is None else day_of(end)
    edges: list[_Range] = []
    begins_whole = start is None or start == first_second(day_of(start))
    ends_whole = end is None or end == first_second(day_of(end) + 1) - 1
    if first is not None and first == last and not (begins_whole and ends_whole):
        return None, [seconds]
    if start is not None and first is not None and not begins_whole:
        first += 1
        edges.append(_Range(start, first_second(first) - 1))
    if end is not None and last is not None and not ends_whole:
        edges.append(_Range(first_second(last), end))
        last -= 1
    if first is not None and last is not None and first > last:
        return None, edges
    return _Range(first, last), edges


def _with_range(question: OrderQuestion, basis: str, seconds: _Range) -> OrderQuestion:
    if basis == PAID:
        return replace(question, paid_from=seconds.start, paid_to=seconds.end)
    return replace(question, created_from=seconds.start, created_to=seconds.end)


def _row(
    group: _Group, amounts: Amounts, period: Dimension | None, by: Collection[Dimension]
) -> StatisticsRow:
    return StatisticsRow(
        period=None if period is None else _period(period, group.period),
        shop=group.shop if Dimension.SHOP in by else None,
        status=group.status if Dimension.STATUS in by else None,
        platform_product_id=group.product if Dimension.PRODUCT in by else None,
        code=group.code or None,
        **amounts._asdict(),
    )


def _period(dimension: Dimension, value: int) -> str:
    if dimension is Dimension.MONTH:
        return f"{value // 100:04}-{value % 100:02}"
    day = value if dimension is Dimension.DAY else value * _WEEK - _THURSDAY
    moment = datetime.fromtimestamp(day * DAY_SECONDS, UTC)
    return moment.strftime("%Y-%m-%d" if dimension is Dimension.DAY else "%G-W%V")
