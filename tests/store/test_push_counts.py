"""The numbers of pushes are kept by the database itself, for processes of every version."""

import asyncio

import pytest
from sqlalchemy import delete, func, select, text, update

from gateway.store import migrate
from gateway.store.engine import Database
from gateway.store.pushes import NewPush, PushQuery
from gateway.store.store import Store
from gateway.store.tables import push_counts, pushes
from tests.store.conftest import Clock
from tests.store.samples import KEY
from tests.store.test_migrate import first_version

ALL = PushQuery(["mini", "swan"])


def push(shop: str, order: str, version: int = 1, operation: str = "ORDER_IMPORT") -> NewPush:
    return NewPush(
        shop=shop,
        operation=operation,
        aggregate=f"order/{order}",
        version=version,
        payload="{}",
        order_id=order,
    )


async def add(store: Store, *new: NewPush) -> list[int]:
    async with store.transaction() as transaction:
        return [await store.pushes.add(transaction, one) for one in new]


async def counted(store: Store) -> dict[tuple[str, str, str], int]:
    """Answer the counts, and check that they are those of the rows."""
    async with store.transaction() as transaction:
        columns = (push_counts.c.shop, push_counts.c.operation, push_counts.c.state)
        kept = await transaction.connection.execute(
            select(*columns, func.sum(push_counts.c.pushes)).group_by(*columns)
        )
        real = await transaction.connection.execute(
            select(pushes.c.shop, pushes.c.operation, pushes.c.state, func.count()).group_by(
                pushes.c.shop, pushes.c.operation, pushes.c.state
            )
        )
    counts = {(row[0], row[1], row[2]): int(row[3]) for row in kept if row[3]}
    assert counts == {(row[0], row[1], row[2]): row[3] for row in real}
    return counts


async def test_they_follow_every_statement(store: Store) -> None:
    await add(store, push("mini", "1"), push("mini", "2"), push("swan", "3"))
    await add(store, push("mini", "1", 2, "ORDER_DELETE"))
    assert await counted(store) == {
        ("mini", "ORDER_IMPORT", "PENDING"): 2,
        ("mini", "ORDER_DELETE", "PENDING"): 1,
        ("swan", "ORDER_IMPORT", "PENDING"): 1,
    }

    async with store.transaction() as transaction:
        execute = transaction.connection.execute
        settled = await execute(
            update(pushes).where(pushes.c.shop == "mini").values(state="DELIVERED")
        )
        assert settled.rowcount == 3
        # What changes no state changes no count.
        await execute(update(pushes).values(attempts=pushes.c.attempts + 1))
        deleted = await execute(delete(pushes).where(pushes.c.operation == "ORDER_DELETE"))
        assert deleted.rowcount == 1
    assert await counted(store) == {
        ("mini", "ORDER_IMPORT", "DELIVERED"): 2,
        ("swan", "ORDER_IMPORT", "PENDING"): 1,
    }


async def test_a_transaction_that_is_rolled_back_counts_nothing(store: Store) -> None:
    async def add_and_fail() -> None:
        async with store.transaction() as transaction:
            await store.pushes.add(transaction, push("mini", "1"))
            raise LookupError

    with pytest.raises(LookupError):
        await add_and_fail()

    assert await counted(store) == {}


async def test_transactions_of_postgresql_count_without_waiting_for_each_other(
    migrated_postgres_url: str, clock: Clock
) -> None:
    store = await Store.open(
        migrated_postgres_url, encryption_key=KEY, clock=clock, lock_timeout=0.5
    )
    async with store.transaction() as one, store.transaction() as other:
        # In opposite orders, which would end in a deadlock if they counted in the same rows.
        await store.pushes.add(one, push("mini", "1"))
        await store.pushes.add(other, push("swan", "2"))
        await store.pushes.add(other, push("mini", "3"))
        await store.pushes.add(one, push("swan", "4"))

    assert await counted(store) == {
        ("mini", "ORDER_IMPORT", "PENDING"): 2,
        ("swan", "ORDER_IMPORT", "PENDING"): 2,
    }
    await store.close()


async def test_many_at_once_lose_no_count(store: Store) -> None:
    await asyncio.gather(*(add(store, push("mini", str(number))) for number in range(40)))

    assert await counted(store) == {("mini", "ORDER_IMPORT", "PENDING"): 40}
    assert await store.pushes.count(ALL) == 40
    assert await store.pushes.backlog() == {"mini": (40, 1_700_000_000.5)}


async def test_pushes_of_an_earlier_version_are_counted(empty_url: str, clock: Clock) -> None:
    database = Database(empty_url, clock=clock)
    async with database.transaction() as transaction:
        await transaction.connection.run_sync(first_version)
        for number in range(3):
            await transaction.connection.execute(
                text(
                    "INSERT INTO pushes (shop, aggregate, version, operation, state, attempts,"
                    " queued_at, payload, dedupe_key) VALUES"
                    " ('mini', 'a', 1, 'ORDER_IMPORT', 'DELIVERED', 1, 1.5, '{}', :key)"
                ),
                {"key": str(number)},
            )
    await database.close()

    await migrate.upgrade(empty_url)

    store = await Store.open(empty_url, encryption_key=KEY, clock=clock)
    assert await counted(store) == {("mini", "ORDER_IMPORT", "DELIVERED"): 3}
    assert len(await store.pushes.page(ALL, limit=9)) == 3
    await store.close()
