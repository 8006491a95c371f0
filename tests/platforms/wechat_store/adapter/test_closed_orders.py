"""Orders that the gateway closed, where its ledger cannot be read or written."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.cache_control import watched
from gateway.errors import StoreUnavailable
from gateway.ports import Adapter, OrderQuery, ReadOptions
from schema.order import Order
from schema.order_status import OrderStatus
from tests.fixtures_sandbox import Sandbox
from tests.platforms.wechat_store.conftest import OpenShop

FRESH = ReadOptions(fresh=True)


async def _rename(folder: Path, old: str, new: str) -> None:
    """Take the table of closed orders away from the ledger, or give it back."""

    def run() -> None:
        with closing(sqlite3.connect(folder / "gateway.db")) as database:
            database.execute(f"ALTER TABLE {old} RENAME TO {new}")

    await asyncio.to_thread(run)


async def _read(shop: Adapter, order: str, reading: ReadOptions) -> Order:
    assert shop.orders is not None
    return (await shop.orders.get_many([order], reading))[order]


async def _close(shop: Adapter, order: str) -> None:
    assert shop.closes_orders is not None
    await shop.closes_orders.close(order, None)


async def test_a_close_that_cannot_be_remembered_says_that_it_was_done(
    shop: Adapter, store: Sandbox, tmp_path: Path
) -> None:
    order = store.order()["order_id"]
    await _read(shop, order, FRESH)
    await _rename(tmp_path, "order_overlays", "elsewhere")

    with pytest.raises(StoreUnavailable, match="The platform has closed the order") as raised:
        await _close(shop, order)

    assert "not shown as CLOSED" in raised.value.message
    assert store.counts()["/merchant/order/close"] == 1
    assert (await _read(shop, order, FRESH)).status is OrderStatus.UNKNOWN


async def test_what_is_known_stands_in_for_a_ledger_that_is_away(
    shop: Adapter, store: Sandbox, tmp_path: Path
) -> None:
    order = store.order()["order_id"]
    await _close(shop, order)
    before = await _read(shop, order, FRESH)
    await _rename(tmp_path, "order_overlays", "elsewhere")

    assert before.status is OrderStatus.CLOSED
    assert (await _read(shop, order, FRESH)).status is OrderStatus.CLOSED


async def test_an_order_without_its_times_is_not_cached_by_clients(
    shop: Adapter, store: Sandbox, tmp_path: Path
) -> None:
    order = store.order()["order_id"]
    await _read(shop, order, ReadOptions())
    with watched() as timed:
        await _read(shop, order, ReadOptions())
    await _rename(tmp_path, "order_overlays", "elsewhere")
    with watched() as untimed:
        await _read(shop, order, ReadOptions())

    assert timed.seconds is not None
    assert timed.seconds > 0
    assert untimed.seconds == 0


async def test_without_any_knowledge_orders_cannot_be_shown(
    shop: Adapter, store: Sandbox, tmp_path: Path
) -> None:
    order = store.order()["order_id"]
    await _rename(tmp_path, "order_overlays", "elsewhere")
    with pytest.raises(StoreUnavailable):
        await _read(shop, order, ReadOptions())
    await _rename(tmp_path, "elsewhere", "order_overlays")

    assert (await _read(shop, order, ReadOptions())).status is OrderStatus.AWAITING_SHIPMENT


async def test_an_order_that_is_kept_is_not_changed_in_its_place(
    shop: Adapter, store: Sandbox
) -> None:
    """What others hold of an answer stays as the platform gave it."""
    order = store.order()["order_id"]
    before = await _read(shop, order, ReadOptions())
    await _close(shop, order)
    after = await _read(shop, order, ReadOptions())

    assert (before.status, after.status) == (OrderStatus.AWAITING_SHIPMENT, OrderStatus.CLOSED)


async def test_without_a_lifetime_the_ledger_is_asked_each_time(
    open_shop: OpenShop, store: Sandbox
) -> None:
    lifetimes = {"products": 60.0, "orders": 0.0, "catalogue": 3600.0}
    one, other = open_shop(lifetimes=lifetimes), open_shop(lifetimes=lifetimes)
    order = store.order()["order_id"]
    before = await _read(other, order, ReadOptions())
    await _close(one, order)
    assert other.orders is not None
    query = OrderQuery(statuses=frozenset({OrderStatus.CLOSED}))
    listed = await other.orders.page(query, None, 10, ReadOptions())

    assert before.status is OrderStatus.AWAITING_SHIPMENT
    assert (await _read(other, order, ReadOptions())).status is OrderStatus.CLOSED
    assert [found.platform_id for found in listed.items] == [order]
