"""Batches: small transactions that grow and shrink with the time they take."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from sqlalchemy import text

from gateway.concurrency.clock import Clock as Timing
from gateway.errors import StoreBusy
from gateway.store.batches import MOST_ROWS, Batches, no_progress
from gateway.store.engine import Database
from gateway.store.order_changes import NewOrderChange
from gateway.store.retention import CHANGES
from gateway.store.store import Store
from tests.store.conftest import Clock
from tests.store.samples import KEY, PERSONAL, order
from tests.waiting import eventually

OPEN_ID = str(PERSONAL.open_id)
DAY = 86_400.0


@dataclass
class Durations:
    """Lets each batch take the next of these seconds, and keeps the pauses between them."""

    seconds: Iterator[float]
    pauses: list[float] = field(default_factory=list)
    _within: bool = False

    def monotonic(self) -> float:
        self._within = not self._within
        return 0.0 if self._within else next(self.seconds)

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(round(seconds, 3))


async def add_orders(store: Store, count: int) -> None:
    async with store.transaction() as transaction:
        for number in range(count):
            await store.orders.put(transaction, "mini", order(str(number)), PERSONAL)


async def with_buyer(store: Store) -> int:
    async with store.transaction() as transaction:
        counted = "SELECT count(*) FROM orders WHERE buyer IS NOT NULL"
        return int((await transaction.connection.execute(text(counted))).scalar_one())


async def test_a_batch_is_as_large_as_the_time_of_the_last_one_allows(
    migrated_sqlite_url: str, clock: Clock
) -> None:
    durations = Durations(iter((0.0125, 0.025, 0.1, 0.0, 10.0, 0.001)))
    timing = Timing(monotonic=durations.monotonic, sleep=durations.sleep)
    database = Database(migrated_sqlite_url, clock=clock)
    batches = Batches(database, timing)

    sizes = [batches.size]
    for _ in range(6):
        async with batches.transaction():
            pass
        sizes.append(batches.size)
    batches.size = MOST_ROWS
    durations.seconds = iter((0.001,))
    async with batches.transaction():
        pass
    await database.close()

    # It may double; what took longer than 25 ms shrinks at once.
    assert sizes == [50, 100, 100, 25, 50, 1, 2]
    assert batches.size == MOST_ROWS
    # Twice what the last one took; after none, no pause.
    assert durations.pauses == [0.025, 0.05, 0.2, 20.0, 0.002]


async def test_what_an_interruption_left_is_erased_the_next_time(
    store: Store, clock: Clock
) -> None:
    await add_orders(store, 120)
    clock.now += 2 * DAY

    class Interrupted(Exception):
        """Ends the work after its first batch."""

    def interrupt(_place: str, rows: int) -> None:
        assert rows <= MOST_ROWS
        raise Interrupted

    with pytest.raises(Interrupted):
        await store.personal.erase_older_than(DAY, interrupt)
    assert 0 < await with_buyer(store) < 120
    left = (await store.personal.count_older_than(DAY))["orders"]
    assert left == await with_buyer(store)

    erased = await store.personal.erase_older_than(DAY)

    assert (erased.rows_by_place["orders"], await with_buyer(store)) == (left, 0)
    assert (await store.personal.count_older_than(DAY))["orders"] == 0


async def test_a_row_that_another_transaction_has_locked_is_left_to_the_next_time(
    migrated_postgres_url: str, clock: Clock
) -> None:
    store = await Store.open(migrated_postgres_url, encryption_key=KEY, clock=clock)
    await add_orders(store, 3)
    clock.now += 2 * DAY

    async with store.transaction() as transaction:
        await transaction.connection.execute(
            text("SELECT 1 FROM orders WHERE platform_id = '1' FOR UPDATE")
        )
        erased = await store.personal.erase_older_than(DAY)
    assert (erased.rows_by_place["orders"], await with_buyer(store)) == (2, 1)
    assert (await store.personal.erase_older_than(DAY)).rows == 1
    await store.close()


async def test_the_erasure_of_a_buyer_waits_for_a_locked_row(
    migrated_postgres_url: str, clock: Clock
) -> None:
    store = await Store.open(
        migrated_postgres_url, encryption_key=KEY, clock=clock, lock_timeout=0.5
    )
    await add_orders(store, 3)

    async with store.transaction() as transaction:
        await transaction.connection.execute(
            text("SELECT 1 FROM orders WHERE platform_id = '1' FOR UPDATE")
        )
        with pytest.raises(StoreBusy):
            await store.personal.erase_buyer("mini", OPEN_ID)
        assert await with_buyer(store) == 1
        again = asyncio.create_task(store.personal.erase_buyer("mini", OPEN_ID))
        await eventually(lambda: waits_for_a_lock(store))
    assert (await again).rows == 1
    assert await with_buyer(store) == 0
    await store.close()


async def waits_for_a_lock(store: Store) -> bool:
    async with store.transaction() as transaction:
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        return bool((await transaction.connection.execute(text(waiting))).scalar_one())


async def test_changes_are_deleted_without_a_gap(store: Store, clock: Clock) -> None:
    for seconds in (0.0, 100.0, -50.0):
        # The clock of the third is behind.
        clock.now += seconds
        async with store.transaction() as transaction:
            change = NewOrderChange(
                shop="mini",
                platform_id="1",
                status="SHIPPED",
                previous_status=None,
                cause="MUTATION",
            )
            await store.order_changes.append(transaction, [change])
    clock.now += 60.0

    # The third is older than 50 seconds, the second is not.
    clock.now -= 20.0
    assert await store.retention.apply(CHANGES, 30.0, "one", no_progress) == 1
    assert [change.cursor for change in await store.order_changes.after(0, limit=9)] == [2, 3]
    clock.now += 100.0
    assert await store.retention.apply(CHANGES, 30.0, "one", no_progress) == 2
