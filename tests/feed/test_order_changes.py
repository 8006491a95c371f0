"""The feed: every change once and in order, from memory or from the ledger."""

import asyncio

import pytest
from structlog.testing import capture_logs

from gateway.errors import CursorExpired
from gateway.feed.notifier import LocalNotifier, RedisNotifier, notifier_for
from gateway.feed.order_changes import OrderChangeFeed
from gateway.store.batches import no_progress
from gateway.store.order_changes import NewOrderChange
from gateway.store.retention import CHANGES
from gateway.store.store import Store
from tests.fixtures_redis import RedisServer


async def append(store: Store, *names: str) -> None:
    changes = [
        NewOrderChange(
            shop="swan", platform_id=name, status="SHIPPED", previous_status=None, cause="POLL"
        )
        for name in names
    ]
    async with store.transaction() as transaction:
        await store.order_changes.append(transaction, changes)


async def take(feed: OrderChangeFeed, since: int | None, count: int) -> list[str]:
    """The next changes that a follower is given."""
    names: list[str] = []
    async with asyncio.timeout(60):
        cursor = await feed.start_of(since)
        while len(names) < count:
            changes = await feed.after(cursor)
            names += [change.platform_id for change in changes]
            cursor = changes[-1].cursor
    return names


async def test_many_followers_are_given_every_change_in_order(ledger: Store) -> None:
    feed = OrderChangeFeed(ledger.order_changes, LocalNotifier(), poll=0.01)
    followers = [asyncio.create_task(take(feed, 0, 2_500)) for _ in range(5)]
    names = [str(number) for number in range(2_500)]
    for begin in range(0, 2_500, 100):
        await append(ledger, *names[begin : begin + 100])
    told = await asyncio.gather(*followers)
    # One who comes late reads from the ledger what the process has forgotten.
    told.append(await take(feed, 0, 2_500))
    await feed.aclose()

    assert told == [names] * 6


async def test_a_slow_follower_loses_nothing(ledger: Store) -> None:
    feed = OrderChangeFeed(ledger.order_changes, LocalNotifier(), poll=0.01)
    names = [str(number) for number in range(3_000)]
    following = asyncio.create_task(feed.after(0))
    await asyncio.sleep(0)
    await append(ledger, *names[:10])
    told = [change.platform_id for change in await following]
    for begin in range(10, 3_000, 500):
        await append(ledger, *names[begin : begin + 500])
    await asyncio.sleep(0.1)
    told += await take(feed, len(told), len(names) - len(told))
    await feed.aclose()

    assert told == names


async def test_what_is_forgotten_before_it_was_read_is_told(ledger: Store) -> None:
    feed = OrderChangeFeed(ledger.order_changes, LocalNotifier(), poll=0.01)
    await append(ledger, "1", "2")
    start = await feed.start_of(0)
    # Somebody lets go of them while the follower sets out.
    await ledger.retention.apply(CHANGES, -1.0, "test", no_progress)
    await append(ledger, "3")

    async with asyncio.timeout(60):
        with pytest.raises(CursorExpired):
            await feed.after(start)
    await feed.aclose()


async def test_the_notifier_wakes_before_the_poll(ledger: Store) -> None:
    notifier = LocalNotifier()
    feed = OrderChangeFeed(ledger.order_changes, notifier, poll=3_600)
    following = asyncio.create_task(take(feed, 0, 1))
    await asyncio.sleep(0.1)
    await append(ledger, "1")
    await notifier.notify()

    assert await following == ["1"]
    await feed.aclose()


async def test_a_cursor_outside_of_what_is_kept_is_refused(ledger: Store) -> None:
    feed = OrderChangeFeed(ledger.order_changes, LocalNotifier())
    await append(ledger, "1", "2")
    assert await feed.start_of(None) == 2
    assert await feed.start_of(0) == 0
    with pytest.raises(CursorExpired):
        await feed.start_of(3)
    await ledger.retention.apply(CHANGES, -1.0, "test", no_progress)
    with pytest.raises(CursorExpired):
        await feed.start_of(1)
    assert await feed.start_of(2) == 2
    await feed.aclose()


async def test_a_notification_by_redis_reaches_others_and_redis_may_fail(
    own_redis: RedisServer,
) -> None:
    one, other = notifier_for(own_redis.url), notifier_for(own_redis.url)
    assert isinstance(one, RedisNotifier)
    await other.wait(0.5)

    waiting = asyncio.create_task(other.wait(3_600))
    await asyncio.sleep(0.05)
    await one.notify()
    await waiting

    own_redis.kill()
    with capture_logs() as lines:
        waiting = asyncio.create_task(one.wait(3_600))
        await asyncio.sleep(0.05)
        # This process is woken all the same.
        await one.notify()
        await waiting
        await one.aclose()
        await other.aclose()
    assert {line["event"] for line in lines} == {
        "background.task.failed",
        "notifier.publish.failed",
    }
