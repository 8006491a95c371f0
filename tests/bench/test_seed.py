"""A seeded ledger is one that the gateway reads as its own, on either database."""

import time
from collections import Counter
from pathlib import Path

from bench.scale.ledger_rows import LedgerRows, Size
from bench.scale.seed import KEY, seed
from bench.scale.shops import BY_TURNS, SHOPS, SMALL
from gateway.outbox.message import read_order_payload
from gateway.store.order_questions import OrderQuestion
from gateway.store.order_statistics import Dimension
from gateway.store.orders import StoredOrderQuery
from gateway.store.pushes import PushQuery
from gateway.store.store import Store
from gateway.store.unindexed import WrittenRow
from tests.store.claims import claim_due

#: A tenth of the orders waits.
SIZE = Size(orders=400, waiting=40)
EVERYTHING = StoredOrderQuery()


async def check(url: str) -> None:
    """Seed, and read it back by the ledger's own repositories."""
    rows = await seed(url, SIZE)
    store = await Store.open(url, encryption_key=KEY, clock=time.time)
    try:
        counts = {
            shop: len(await store.orders.page(shop, EVERYTHING, limit=SIZE.orders))
            for shop in SHOPS
        }
        assert counts == rows.counts()
        assert sum(counts.values()) == SIZE.orders
        await check_orders(store, rows)
        await check_pushes(store)
        await check_index(store, rows)
        await store.ready()
    finally:
        await store.close()


async def check_orders(store: Store, rows: LedgerRows) -> None:
    """The newest order of the largest shop is whole, and its buyer is found."""
    newest = max(number for number in range(SIZE.orders) if rows.shop(number) == "mini")
    (order,) = await store.orders.page("mini", EVERYTHING, limit=1)
    assert order.document.platform_id == rows.platform_id(newest)
    assert order.document.created_at == rows.created_at(newest)
    assert order.personal is not None
    assert order.personal.open_id == rows.open_id(newest)
    of_buyer = StoredOrderQuery(buyer_open_id=rows.open_id(newest))
    found = await store.orders.page("mini", of_buyer, limit=100)
    assert order.document.platform_id in {one.document.platform_id for one in found}


async def check_pushes(store: Store) -> None:
    """What waits can be claimed, and the next push and the next change get a number."""
    states = {
        state: await store.pushes.count(PushQuery(list(SHOPS), states=[state]))
        for state in ("PENDING", "DELIVERED")
    }
    assert states == {"PENDING": 40, "DELIVERED": 360 + 36}
    assert Counter(await store.pushes.stranded([])).total() == SIZE.waiting
    async with store.transaction() as transaction:
        claimed = await claim_due(store, transaction, "me", "mini", lease=60, limit=100)
        assert {push.unreadable for push in claimed} == {None}
        assert read_order_payload(claimed[0].payload).order.status == "AWAITING_SHIPMENT"
    kept = await store.order_changes.kept()
    assert 0 <= kept.oldest < kept.newest


async def check_index(store: Store, rows: LedgerRows) -> None:
    """The index has all orders, and their sums; the gateway has nothing to add."""
    after = WrittenRow(0.0, "", "")
    assert await store.unindexed.orders(list(SHOPS), after, 1) == []
    number = SIZE.orders - 1
    asked = OrderQuestion(
        shops=[rows.shop(number)],
        buyers=[(rows.shop(number), rows.open_id(number))],
        search=rows.platform_id(number),
    )
    assert await store.indexed_orders.count(list(SHOPS), asked) == 1
    sums = await store.order_statistics.rows(OrderQuestion(shops=list(SHOPS)), [Dimension.SHOP])
    assert sum(row.orders for row in sums) == SIZE.orders
    reach = await store.index_progress.of_shops("orders", list(SHOPS))
    assert all(reach[shop].done for shop in SHOPS)


async def test_the_gateway_reads_a_seeded_file(tmp_path: Path) -> None:
    await check(f"sqlite:///{tmp_path}/gateway.db")


async def test_the_gateway_reads_a_seeded_database(postgres_url: str) -> None:
    await check(postgres_url)


def test_every_shop_has_its_share() -> None:
    counts = Counter(shop.key for shop in BY_TURNS)

    assert counts == {"mini": 48, "swan": 24} | dict.fromkeys(SMALL, 1)
