"""Rows about the index: search, sorting and pages by word, and the statistics of a year."""

import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import text

from bench.scale.figures import Figure, Row
from bench.scale.seed import KEY
from bench.scale.stage import Stage
from gateway.concurrency.clock import DAY
from gateway.store import migrate
from gateway.store.engine import Database
from gateway.store.index_pages import IndexPlace
from gateway.store.index_tables import index_order_sums, index_orders
from gateway.store.indexes import declared_indexes
from gateway.store.order_questions import OrderQuestion, OrderSort
from gateway.store.order_statistics import Dimension
from gateway.store.store import Store

_SHOPS: Final = tuple(f"shop-{number}" for number in range(4))
_YEAR: Final = 365 * DAY
#: Orders of one transaction.
_LOT: Final = 50_000
#: How often each question is asked.
_TIMES: Final = 7
#: Milliseconds within which a page, and statistics, have to be read.
_PAGE: Final = 100.0
_STATISTICS: Final = 500.0
_FIRST: Final = 20
#: Seconds that a statement that fills the index may take.
_FILLING: Final = 3_600.0
#: Words by the share of orders that have them; 0: one order.
_WORDS: Final = {"single": 0.0, "some": 0.001, "often": 0.3, "连衣裙": 1.0}
#: The columns of an order, by its number n and its creation AT.
_COLUMNS: Final[Mapping[str, str]] = {
    "number": "AT * 1048576 + n % 1048576",
    "shop": "'shop-' || (n / 7 % 4)",
    "platform_id": "'37' || (10000000000000 + n)",
    "part": "''",
    "created_at": "AT",
    "updated_at": "AT + n % 100000",
    "paid_at": "CASE n % 20 WHEN 1 THEN 0 ELSE AT + 60 END",
    "status": "CASE n % 100 WHEN 1 THEN 'AWAITING_SHIPMENT' ELSE 'COMPLETED' END",
    "total": "n % 100000 * 7919 % 100000",
    "refunded": "0",
    "units": "1",
    "open_after_sale": "n % 500 = 3",
    "digest": "'' || n",
    "seen_at": "AT",
    "written_at": "AT",
    "document": "'{\"note\":\"' || replace('0123456789012345678901234567890123456789', '0',"
    " 'a document of a platform') || '\"}'",
    "words": "' 37' || (10000000000000 + n) || ' cotton sku' || (n % 5000)"
    " || ' 连 衣 裙 连衣 衣裙 '"
    " || CASE WHEN n % 10 < 3 THEN 'often ' ELSE '' END"
    " || CASE n % 1000 WHEN 5 THEN 'some ' ELSE '' END"
    " || CASE n WHEN 77777 THEN 'single ' ELSE '' END",
}
_INSERT: Final = (
    "WITH RECURSIVE numbers(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM numbers"
    " WHERE n < {last}) INSERT INTO index_orders ({names}) SELECT {values} FROM numbers"
)
_SUMS: Final = (
    "INSERT INTO index_order_sums (shop, basis, day, status, original_shop, slot,"
    " orders, units, total, refunded) SELECT shop, 'created', (created_at + 28800) / 86400, status,"
    " '', 0, count(*), sum(units), sum(total), sum(refunded) FROM index_orders"
    " GROUP BY shop, (created_at + 28800) / 86400, status"
)


async def index(stage: Stage) -> Sequence[Figure]:
    """Pages by word and sort, counts and statistics, of an index of as many orders."""
    url = await stage.empty_store()
    now = int(time.time())
    began = time.monotonic()
    await _fill(url, stage.size.orders, now)
    stage.say(f"  indexed {stage.size.orders:,} orders in {time.monotonic() - began:.0f} s")
    store = await Store.open(url, encryption_key=KEY, clock=time.time)
    try:
        return [*await _pages(store, now), *await _statistics(store, stage.size.orders, now)]
    finally:
        await store.close()


async def _fill(url: str, orders: int, now: int) -> None:
    """Write the rows without their indexes, which are made after."""
    database = Database(url, clock=time.time, statement_timeout=_FILLING)
    at = f"({now} - CAST({orders} - n AS BIGINT) * {_YEAR} / {orders})"
    names = ", ".join(_COLUMNS)
    values = re.sub(r"\bAT\b", at, ", ".join(_COLUMNS.values()))
    async with database.transaction() as transaction:
        for one in declared_indexes():
            if one.table is index_orders:
                await transaction.connection.execute(text(f"DROP INDEX {one.name}"))
    for begin in range(0, orders, _LOT):
        some = {"first": begin + 1, "last": min(begin + _LOT, orders)}
        statement = _INSERT.format(**some, names=names, values=values)
        async with database.transaction() as transaction:
            await transaction.connection.exec_driver_sql(statement)
    async with database.transaction() as transaction:
        await transaction.connection.exec_driver_sql(_SUMS)
    await database.analyze([index_orders, index_order_sums])
    await database.close()
    await migrate.upgrade(url)


async def _pages(store: Store, now: int) -> list[Figure]:
    deep = IndexPlace(now - _YEAR * 9 // 10, "~")
    found = []
    for word, share in _WORDS.items():
        asked = OrderQuestion(shops=_SHOPS, search=word)
        by_total = OrderQuestion(shops=_SHOPS, search=word, sort=OrderSort.TOTAL)
        took = [
            await _slowest(store, question, place)
            for question, place in ((asked, None), (asked, deep), (by_total, None))
        ]
        found.append(_page(f"a word of {_share(share)}, sorted, at depth", max(took)))
    for sort in OrderSort:
        question = OrderQuestion(shops=_SHOPS, sort=sort)
        took = [
            await _slowest(store, question, place)
            for place in (None, IndexPlace(50_000 if sort is OrderSort.TOTAL else deep.value, "~"))
        ]
        found.append(_page(f"by {sort.value}, first and at depth", max(took)))
    return found


async def _statistics(store: Store, orders: int, now: int) -> list[Figure]:
    question = OrderQuestion(shops=_SHOPS, created_from=now - _YEAR, created_to=now)
    by = [Dimension.DAY, Dimension.SHOP]
    took = await _repeated(lambda: store.order_statistics.rows(question, by))
    rows = await store.order_statistics.rows(OrderQuestion(shops=_SHOPS), by)
    counted = sum(row.orders for row in rows)
    often = await store.indexed_orders.count(_SHOPS, OrderQuestion(shops=_SHOPS, search="often"))
    return [
        Figure(what="a year by day and shop", value=took, unit="ms", most=_STATISTICS),
        Figure(
            what="orders that sums miss or make up",
            value=abs(counted - orders) + abs(often - orders * 3 // 10),
            most=0,
            exact=True,
        ),
    ]


async def _slowest(store: Store, question: OrderQuestion, place: IndexPlace | None) -> float:
    return await _repeated(lambda: store.indexed_orders.page(_SHOPS[1], question, place, _FIRST))


async def _repeated(ask: Callable[[], Awaitable[Any]]) -> float:
    """Milliseconds of the slowest but one: the first reads what no cache has yet."""
    seconds = []
    for _ in range(_TIMES):
        began = time.perf_counter()
        await ask()
        seconds.append(time.perf_counter() - began)
    return sorted(seconds)[-2] * 1000


def _page(what: str, value: float) -> Figure:
    return Figure(what=what, value=value, unit="ms", most=_PAGE)


def _share(share: float) -> str:
    return "one order" if not share else f"{share:.1%} of the orders"


ROWS: Final = (Row(name="index", title="search, sorting and sums of the index", measure=index),)
