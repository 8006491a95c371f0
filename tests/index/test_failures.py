"""What cannot be read or written now is left out of the index, and brought into it later."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import copy
from typing import Any

from structlog.testing import capture_logs

from gateway.errors import StoreUnavailable
from gateway.index.recorder import IndexRecorder
from gateway.index.writer import ReadOrder, ReadProduct
from gateway.mutation_progress import MutationProgress, working
from gateway.ports import OrderQuery, ProductQuery
from gateway.runtime import RuntimeResources
from gateway.store.engine import Transaction
from gateway.store.store import Store
from schema.order import Order
from tests.fixtures_sandbox import Sandbox
from tests.index.contents import FRESH, index_of, indexed, indexed_products
from tests.index.test_backfill import backfill_of, finished


async def orders_read(parts: RuntimeResources, first: int) -> list[Order]:
    """Orders that the platform was asked for just now, past the recorder."""
    port = index_of(parts).adapters["flagship"].orders
    assert port is not None
    return list((await port.page(OrderQuery(), None, first, FRESH)).items)


async def test_a_platform_that_is_down_is_read_later(
    opened: RuntimeResources, sandbox: Sandbox
) -> None:
    at = [time.time()]
    backfill = backfill_of(opened, shops=["flagship"])
    backfill._now = lambda: at[0]  # noqa: SLF001 - a clock that the test moves
    sandbox.fault("http_status", 503, times=None)
    with capture_logs() as logs:
        await backfill.once()
        await backfill.once()
        at[0] += 31
        await backfill.once()
    assert [line["event"] for line in logs] == ["index.backfill.failed"]
    assert not backfill.done

    sandbox.clear_faults()
    while not backfill.done:
        at[0] += 31
        await backfill.once()
    assert len(await indexed(opened, "flagship")) > 20


async def test_a_shop_that_another_process_reads_is_left_to_it(opened: RuntimeResources) -> None:
    async with opened.store.transaction() as transaction:
        await opened.store.leases.take(transaction, "index/flagship", "other", 60.0)
    backfill = backfill_of(opened, shops=["flagship"])
    await backfill.once()
    assert not backfill.done
    assert await indexed(opened, "flagship") == {}
    assert await indexed_products(opened, "flagship") == {}


async def test_leases_are_released_when_a_process_ends(opened: RuntimeResources) -> None:
    backfill = backfill_of(opened, shops=["flagship"])
    await backfill.once()
    await backfill.release()
    async with opened.store.transaction() as transaction:
        taken = await opened.store.leases.take(transaction, "index/flagship", "other", 60.0)
    assert taken is not None


class BrokenStore:
    """A store that cannot be written so many times."""

    def __init__(self, store: Store, times: int) -> None:
        self._store = store
        self._left = times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @asynccontextmanager
    async def transaction(self, *, bulk: bool = False) -> AsyncIterator[Transaction]:
        """A transaction, if it can be written again."""
        self._left -= 1
        if self._left >= 0:
            raise StoreUnavailable("The disk is full")
        async with self._store.transaction(bulk=bulk) as transaction:
            yield transaction


async def test_a_mutation_whose_order_cannot_be_indexed_is_answered(
    opened: RuntimeResources,
) -> None:
    store: Any = BrokenStore(opened.store, 1)
    recorder = IndexRecorder(store, index_of(opened).writer)
    (order,) = await orders_read(opened, 1)
    with working(MutationProgress()), capture_logs() as logs:
        await recorder.saw_orders([order])
    assert [line["event"] for line in logs] == ["index.record.failed"]
    assert await indexed(opened, "flagship") == {}

    assert await recorder.flush() == 1
    assert (await indexed(opened, "flagship")).keys() == {order.platform_id}


class Counted:
    """Counts what is recorded and dropped."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def index_recorded(self, kind: str, count: int) -> None:
        """So many were recorded."""
        self.counts[f"{kind} recorded"] = self.counts.get(f"{kind} recorded", 0) + count

    def index_dropped(self, kind: str, count: int) -> None:
        """So many were dropped."""
        self.counts[f"{kind} dropped"] = self.counts.get(f"{kind} dropped", 0) + count


async def test_of_too_many_that_wait_the_oldest_are_dropped(opened: RuntimeResources) -> None:
    counted = Counted()
    recorder = IndexRecorder(opened.store, index_of(opened).writer, counted)
    (order,) = await orders_read(opened, 1)
    many = [copy(order) for _ in range(10_003)]
    for number, one in enumerate(many):
        one.platform_id, one.asked_at = str(number), 1.0
    await recorder.saw_orders(many)
    assert counted.counts == {"orders dropped": 3}
    recorder.forget()
    assert await recorder.flush() == 0


async def test_what_was_not_received_as_an_object_is_left_out(opened: RuntimeResources) -> None:
    (order,) = await orders_read(opened, 1)
    order.raw_source = None
    port = index_of(opened).adapters["flagship"].products
    assert port is not None
    product = copy((await port.page(ProductQuery(), None, 1, FRESH)).items[0])
    product.raw_source = list
    with capture_logs() as logs:
        async with opened.store.transaction() as transaction:
            writer = index_of(opened).writer
            await writer.put_read_orders(transaction, [ReadOrder(order, 1.0)])
            await writer.put_read_products(transaction, [ReadProduct(product, 1.0)])
    assert [(line["event"], line["kind"]) for line in logs] == [
        ("index.document.refused", "order"),
        ("index.document.refused", "product"),
    ]
    assert await indexed(opened, "flagship") == {}


async def test_a_partner_order_that_no_event_announced_is_left_out(
    opened: RuntimeResources,
) -> None:
    await finished(backfill_of(opened, shops=["mini"]))
    there = await indexed(opened, "mini")
    port = opened.adapters["mini"].partner_orders
    assert port is not None
    known = next(iter(there))
    order = await port.get(there[known].part, known, FRESH)
    assert order is not None
    order.created_at, order.platform_id = None, "other"
    async with opened.store.transaction() as transaction:
        await index_of(opened).writer.put_read_orders(transaction, [ReadOrder(order, 9e9)])
    assert await indexed(opened, "mini") == there
