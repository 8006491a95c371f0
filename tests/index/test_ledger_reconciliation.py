"""Orders of the ledger are in the index: written with it, or found by comparing both."""

import itertools

import pytest
from msgspec.structs import replace

from gateway.concurrency.clock import Clock
from gateway.index.ledger_reconciliation import LedgerReconciliation
from gateway.ports import OrderQuery, ReadOptions
from gateway.runtime import RuntimeResources
from gateway.store.index_progress import IndexReach
from gateway.store.indexed_products import ProductQuestion
from gateway.store.order_questions import OrderQuestion
from gateway.store.orders import StoredOrderQuery
from tests.index.contents import index_of, indexed_after_sales, indexed_ids


def reconciliation_of(
    parts: RuntimeResources, owner: str = "one", clock: Clock | None = None
) -> LedgerReconciliation:
    """A process's reconciliation."""
    index = index_of(parts)
    return LedgerReconciliation(
        parts.store, index.adapters, index.writer, owner=owner, clock=clock or Clock()
    )


async def put_orders(parts: RuntimeResources, count: int) -> None:
    """Write copies of an order to the ledger, past the index."""
    (order, *_) = await parts.store.orders.page("swan", StoredOrderQuery(), limit=1)
    copies = [
        (replace(order.document, platform_id=f"past-{number}"), None) for number in range(count)
    ]
    async with parts.store.transaction() as transaction:
        await parts.store.orders.put_many(transaction, "swan", copies)


async def ledger_ids(parts: RuntimeResources, shop: str) -> set[str]:
    """The orders that the ledger has."""
    stored = await parts.store.orders.page(shop, StoredOrderQuery(), limit=1_000)
    return {order.document.platform_id for order in stored}


async def test_the_first_pass_indexes_all_that_the_ledger_has(opened: RuntimeResources) -> None:
    await reconciliation_of(opened).once()

    for shop in ("mini", "swan"):
        there = await ledger_ids(opened, shop)
        assert await indexed_ids(opened, shop) == there
        assert len(there) > 5
        count = await opened.store.indexed_products.count(shop, ProductQuestion())
        assert count > 0
    reach = (await opened.store.index_progress.of_shops("orders", ["swan"]))["swan"]
    assert reach == IndexReach(
        shop="swan", kind="orders", complete_from=0, in_step_at=reach.in_step_at, done=True
    )
    subs = await opened.store.after_sales.of_orders("swan", await ledger_ids(opened, "swan"))
    assert await indexed_after_sales(opened, "swan") == subs.keys()


async def test_what_an_older_process_writes_and_hides_is_found(opened: RuntimeResources) -> None:
    comparison = reconciliation_of(opened)
    await comparison.once()
    (order, other, *_) = await opened.store.orders.page("swan", StoredOrderQuery(), limit=2)
    changed = replace(order.document, status="COMPLETED", total=123_456)
    async with opened.store.transaction() as transaction:
        # As a process does that knows nothing of the index.
        await opened.store.orders.put(transaction, "swan", changed, order.personal)
        await opened.store.orders.delete(transaction, "swan", other.document.platform_id)
    await comparison.once()

    assert await indexed_ids(opened, "swan") == await ledger_ids(opened, "swan")
    sums = OrderQuestion(shops=["swan"], statuses=["COMPLETED"], platform_ids=[changed.platform_id])
    assert await opened.store.indexed_orders.count(["swan"], sums) == 1


async def test_a_pass_without_anything_to_do_writes_nothing(opened: RuntimeResources) -> None:
    comparison = reconciliation_of(opened)
    await comparison.once()
    before = opened.store.commits
    await comparison.once()
    assert opened.store.commits == before


async def test_a_pass_gives_way_between_its_transactions(opened: RuntimeResources) -> None:
    await put_orders(opened, 120)
    paused: list[float] = []

    async def sleep(seconds: float) -> None:
        paused.append(seconds)

    ticks = itertools.count()
    clock = Clock(sleep=sleep, monotonic=lambda: 0.05 * next(ticks))
    await reconciliation_of(opened, clock=clock).once()

    assert await indexed_ids(opened, "swan") == await ledger_ids(opened, "swan")
    assert len(paused) >= 3
    assert paused == pytest.approx([0.1] * len(paused))


async def test_a_pass_ends_where_another_process_takes_over(opened: RuntimeResources) -> None:
    await put_orders(opened, 120)

    async def sleep(_seconds: float) -> None:
        leases = opened.store.leases
        async with opened.store.transaction() as transaction:
            await leases.release(transaction, "index/ledger", "one")
            await leases.take(transaction, "index/ledger", "other", 60.0)

    ticks = itertools.count()
    clock = Clock(sleep=sleep, monotonic=lambda: float(next(ticks)))
    await reconciliation_of(opened, clock=clock).once()

    found = len(await indexed_ids(opened, "swan")) + len(await indexed_ids(opened, "mini"))
    assert found == 50
    assert await opened.store.index_progress.of_shops("orders", ["swan"]) == {}


async def test_another_process_s_pass_is_left_alone(opened: RuntimeResources) -> None:
    async with opened.store.transaction() as transaction:
        await opened.store.leases.take(transaction, "index/ledger", "other", 60.0)
    await reconciliation_of(opened).once()
    assert await indexed_ids(opened, "swan") == set()


@pytest.mark.parametrize("shop", ["mini", "swan"])
async def test_the_ledger_s_entries_say_what_lists_show(
    shop: str, opened: RuntimeResources
) -> None:
    await reconciliation_of(opened).once()
    port = opened.adapters[shop].orders
    assert port is not None
    page = await port.page(OrderQuery(), None, 100, ReadOptions())
    for order in page.items:
        if order.key.part:
            continue
        buyer = order.buyer_data
        question = OrderQuestion(
            shops=[shop],
            platform_ids=[order.platform_id],
            statuses=[order.status.name],
            buyers=None if buyer is None or not buyer.open_id else [(shop, buyer.open_id)],
        )
        assert await opened.store.indexed_orders.count([shop], question) == 1
