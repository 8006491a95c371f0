"""The past of a shop is read once, and killing it anywhere changes nothing of the end."""

import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import delete

from gateway.index.backfill import Backfill
from gateway.runtime import RuntimeResources
from gateway.store import index_tables
from gateway.store.engine import Transaction
from gateway.store.store import Store
from tests.fixtures_sandbox import Sandbox
from tests.inbox.test_webhooks import rows
from tests.index.contents import index_of, indexed, platform_orders

#: What an index holds, apart from when it was written and what is sealed.
CONTENTS = (
    (
        "select shop, platform_id, part, created_at, updated_at, paid_at, status, total, refunded,"
        " units, open_after_sale, buyer, phone, receiver, digest, words, document"
        " from index_orders order by shop, platform_id, part"
    ),
    (
        "select shop, platform_product_id, code, units, total from index_order_lines"
        " order by number, line"
    ),
    (
        "select shop, basis, day, status, original_shop, sum(orders), sum(units), sum(total),"
        " sum(refunded) from index_order_sums group by 1, 2, 3, 4, 5 having sum(orders) <> 0"
        " order by 1, 2, 3, 4, 5"
    ),
    (
        "select shop, order_platform_id, part, platform_id, status, kind, open"
        " from index_after_sales order by 1, 2, 3, 4"
    ),
    "select shop, kind, complete_from, done from index_progress order by 1, 2",
)

TABLES = (
    index_tables.index_order_lines,
    index_tables.index_orders,
    index_tables.index_order_sums,
    index_tables.index_after_sales,
    index_tables.index_products,
    index_tables.index_skus,
    index_tables.index_progress,
)


def contents(folder: Path) -> list[list[tuple[Any, ...]]]:
    """All of an index that does not depend on when it was made."""
    return [rows(folder, sql) for sql in CONTENTS]


def backfill_of(
    parts: RuntimeResources,
    *,
    days: int = 365,
    at: float | None = None,
    shops: Collection[str] = ("flagship", "mini", "swan"),
) -> Backfill:
    """A process's back-fill; a process that is started again has the same owner here."""
    index = index_of(parts)
    return Backfill(
        parts.store,
        {shop: index.adapters[shop] for shop in shops},
        index.writer,
        days=days,
        owner="one",
        now=time.time if at is None else lambda: at,
    )


def midnight_in_china(at: float) -> int:
    """When the day of that moment began."""
    return int(at + 28_800) // 86_400 * 86_400 - 28_800


async def finished(backfill: Backfill) -> None:
    """Let a back-fill read all that is left."""
    while not backfill.done:
        await backfill.once()


async def test_the_past_is_read_as_the_platform_has_it(opened: RuntimeResources) -> None:
    at = time.time()
    await finished(backfill_of(opened, at=at))

    there = await platform_orders(opened, "flagship")
    assert await indexed(opened, "flagship") == there
    assert len(there) > 20
    partners = await indexed(opened, "mini")
    assert partners == await platform_orders(opened, "mini")
    assert {one.part != "" for one in partners.values()} == {True}
    reaches = await opened.store.index_progress.of_shops("orders", ["flagship"])
    reach = reaches["flagship"]
    assert reach.done
    assert reach.complete_from == midnight_in_china(at - 365 * 86_400)
    assert reach.seen == reach.expected


async def test_it_reads_no_further_back_than_it_is_told(opened: RuntimeResources) -> None:
    at = time.time()
    await finished(backfill_of(opened, days=2, at=at))

    reaches = await opened.store.index_progress.of_shops("orders", ["flagship"])
    since = reaches["flagship"].complete_from
    assert since == midnight_in_china(at - 2 * 86_400)
    there = await platform_orders(opened, "flagship")
    found = await indexed(opened, "flagship")
    assert found == {id_: one for id_, one in there.items() if one.created_at >= since}
    assert 0 < len(found) < len(there)


async def test_what_was_read_is_not_read_again(opened: RuntimeResources, sandbox: Sandbox) -> None:
    await finished(backfill_of(opened))
    sandbox.clear_log()
    await finished(backfill_of(opened))
    assert sandbox.counts() == {}


class Killed(BaseException):
    """Ends a process, wherever it is."""


class KilledAfter:
    """A store whose process is killed once so many transactions were begun."""

    def __init__(self, store: Store, transactions: int) -> None:
        self._store = store
        self._left = transactions

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @asynccontextmanager
    async def transaction(self, *, bulk: bool = False) -> AsyncIterator[Transaction]:
        """One that is rolled back where the process is killed in it."""
        self._left -= 1
        async with self._store.transaction(bulk=bulk) as transaction:
            yield transaction
            if self._left <= 0:
                raise Killed


async def emptied(parts: RuntimeResources) -> None:
    """Let the store forget all that is indexed."""
    async with parts.store.transaction() as transaction:
        for table in TABLES:
            await transaction.connection.execute(delete(table))


async def test_killed_anywhere_it_ends_as_if_it_never_had_been(
    opened: RuntimeResources, tmp_path: Path
) -> None:
    at = time.time()

    def backfill() -> Backfill:
        return backfill_of(opened, days=16, at=at, shops=["flagship"])

    await finished(backfill())
    whole = contents(tmp_path)
    assert len(whole[0]) > 5

    kills, killed = 0, True
    while killed:
        await emptied(opened)
        assert contents(tmp_path) == [[] for _ in CONTENTS]
        dying = backfill()
        dying._store = KilledAfter(opened.store, kills + 1)  # type: ignore[assignment] # noqa: SLF001 - the process ends there
        try:
            await finished(dying)
            killed = False
        except Killed:
            kills += 1
            await finished(backfill())
        assert contents(tmp_path) == whole, kills
    assert kills > 10
