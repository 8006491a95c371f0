"""An acknowledged event is told to followers once, whatever else looks at its order, and when."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from gateway.concurrency.clock import Clock
from gateway.inbox.dead_letters import DeadLetterQueue
from gateway.inbox.event_processor import EventProcessor
from gateway.inbox.reconciler import Reconciler
from gateway.inbox.webhook_receiver import Receiver
from gateway.ports import MessageRequest, OrderQuery, ReadOptions
from gateway.registry import PLATFORMS
from gateway.runtime import RuntimeResources, open_resources
from gateway.services.writing.record_change import OrderChangeRecorder
from gateway.settings import Settings
from gateway.store.tables import inbox_events, meta, order_changes, order_overlays
from gateway.telemetry import Telemetry
from gateway.wechat.messages import MessagePush
from gateway.wechat.order_messages import OrderMessages
from schema.key import Key
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Serve, configuration
from tests.waiting import eventually
from tests.wechat.deliveries import TOKEN, merchant_order, plain

CLOCK = Clock()
FRESH = ReadOptions(fresh=True, strict=True)
PAID, SHIPPED = "AWAITING_SHIPMENT", "SHIPPED"


@pytest.fixture(params=["sqlite", "postgres"])
def settings(
    request: pytest.FixtureRequest, serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> Settings:
    """Answer those of a gateway over the sample shop, on each database."""
    assert serve is not None
    given = configuration(sandbox, tmp_path)
    if request.param == "postgres":
        given["store"]["url"] = request.getfixturevalue("migrated_postgres_url")
    return Settings.from_dict(PLATFORMS, given)


@pytest.fixture
async def opened(settings: Settings) -> AsyncIterator[RuntimeResources]:
    """Answer the gateway's parts, with nothing at work."""
    async with open_resources(settings, CLOCK) as parts:
        yield parts


class Gateway:
    """The steps that one order goes through, each when it is told to."""

    def __init__(self, parts: RuntimeResources, sandbox: Sandbox) -> None:
        self.parts = parts
        self.sandbox = sandbox
        self.order = ""
        self.notified = 0
        self.processor = self.another_processor()
        adapters = {"flagship": parts.adapters["flagship"]}
        self.reconciler = Reconciler(parts.store, adapters, self._notify, CLOCK.wall, every=0.0)
        dead_letters = DeadLetterQueue(parts.store, Telemetry())
        messages = OrderMessages(MessagePush(TOKEN))
        self.receiver = Receiver("flagship", messages, parts.store, dead_letters, lambda: None)
        self.recorder = OrderChangeRecorder(parts.store, self._notify)

    def another_processor(self) -> EventProcessor:
        """A processor that does not wait between two attempts."""
        return EventProcessor(
            self.parts.store,
            self.parts.adapters,
            DeadLetterQueue(self.parts.store, Telemetry()),
            self._notify,
            CLOCK.wall,
            lambda *_: 0.0,
            observer=Telemetry(),
        )

    async def fresh(self) -> None:
        """Forget everything, and take the order of a buyer who just paid."""
        async with self.parts.store.transaction() as transaction:
            for table in (inbox_events, order_changes, order_overlays):
                await transaction.connection.execute(delete(table))
            reconciled = meta.c.name.startswith("sweep/")
            await transaction.connection.execute(delete(meta).where(reconciled))
        self.order, self.notified = str(self.sandbox.order()["order_id"]), 0

    async def event(self) -> None:
        """The platform tells of the order."""
        delivery = plain(merchant_order(self.order, 2, int(time.time())))
        await self.receiver.take(MessageRequest(*delivery))

    async def process(self) -> None:
        """The processor gets round to the event."""
        await self.processor.work()
        await self.processor.idle()

    async def put_off(self) -> None:
        """It does while the platform refuses to show the order."""
        self.sandbox.fault("errcode", 45009, path="/merchant/order/getbyid", times=None)
        await self.process()
        self.sandbox.clear_faults()

    async def reconcile(self) -> None:
        await self.reconciler.work()

    async def read(self) -> None:
        """A client reads the list, and the order, past the cache."""
        orders = self.parts.adapters["flagship"].orders
        assert orders is not None
        await orders.page(OrderQuery(), None, 20, FRESH)
        await orders.get_many([self.order], FRESH)

    async def write(self) -> None:
        """A client ships the order, which is read back."""
        self.sandbox.set_order_status(self.order, 3)
        orders = self.parts.adapters["flagship"].orders
        assert orders is not None
        read_at = CLOCK.wall()
        found = await orders.get_many([self.order], FRESH)
        await self.recorder.record(found[self.order], read_at)

    async def settle(self) -> None:
        """Until the event is done, and one more round of the reconciler."""
        while await self.processor.work():
            await self.processor.idle()
        await self.reconcile()

    async def told(self) -> list[tuple[str | None, str]]:
        """The order's changes in the feed: each previous status and status."""
        c = order_changes.c
        query = select(c.previous_status, c.status).where(c.platform_id == self.order)
        async with self.parts.store.transaction() as transaction:
            rows: Any = await transaction.connection.execute(query.order_by(c.cursor))
            return [(row.previous_status, row.status) for row in rows]

    async def _notify(self) -> None:
        self.notified += 1


#: E the event, B processed while the platform is busy, P processed, F the reconciler, R a read,
#: W a write.
WITHOUT_WRITE = [
    (*steps[:place], "R", *steps[place:])
    for place, steps in zip(
        itertools.cycle(range(5)), sorted(set(itertools.permutations("EBFF"))), strict=False
    )
]
WITH_WRITE = [
    ("E", *rest) for processed in "BP" for rest in itertools.permutations(f"FW{processed}")
]


async def _play(gateway: Gateway, steps: tuple[str, ...]) -> list[tuple[str | None, str]]:
    does = {
        "E": gateway.event,
        "B": gateway.put_off,
        "P": gateway.process,
        "F": gateway.reconcile,
        "R": gateway.read,
        "W": gateway.write,
    }
    await gateway.fresh()
    for step in steps:
        await does[step]()
    await gateway.settle()
    return await gateway.told()


async def test_an_event_is_told_once_in_any_order_of_event_reconciler_and_read(
    opened: RuntimeResources, sandbox: Sandbox
) -> None:
    gateway = Gateway(opened, sandbox)
    for steps in WITHOUT_WRITE:
        assert await _play(gateway, steps) == [(None, PAID)], steps
        assert gateway.notified >= 1


async def test_an_event_and_a_write_are_told_once_each_in_any_order(
    opened: RuntimeResources, sandbox: Sandbox
) -> None:
    gateway = Gateway(opened, sandbox)
    for steps in WITH_WRITE:
        told = await _play(gateway, steps)
        if "P" in steps[: steps.index("W")]:
            # The event was processed before.
            assert told == [(None, PAID), (PAID, SHIPPED)], steps
        else:
            assert told in ([(None, SHIPPED)], [(PAID, SHIPPED)]), steps


async def test_the_change_of_an_event_whose_lease_was_lost_is_told_once(
    opened: RuntimeResources, sandbox: Sandbox
) -> None:
    gateway = Gateway(opened, sandbox)
    await gateway.fresh()
    await gateway.event()
    sandbox.clear_log()
    sandbox.fault("latency", 0.5, path="/merchant/order/getbyid", times=1)
    slow = asyncio.create_task(gateway.process())
    await eventually(lambda: sandbox.counts().get("/merchant/order/getbyid"))
    # Another replica takes the event over while the first one still reads its order, and dies.
    async with opened.store.transaction() as transaction:
        await opened.store.inbox.release(transaction, gateway.processor._owner)  # noqa: SLF001 - as when it lapses
        assert await opened.store.inbox.claim(transaction, "other", lease=60, limit=1)
    await slow
    async with opened.store.transaction() as transaction:
        await opened.store.inbox.release(transaction, "other")
    await gateway.settle()

    assert await gateway.told() == [(None, PAID)]


async def test_a_write_that_the_first_reconciliation_saw_before_it_was_recorded_is_told(
    opened: RuntimeResources, sandbox: Sandbox
) -> None:
    gateway = Gateway(opened, sandbox)
    await gateway.fresh()
    sandbox.set_order_status(gateway.order, 3)
    orders = opened.adapters["flagship"].orders
    assert orders is not None
    read_at = CLOCK.wall()
    found = await orders.get_many([gateway.order], FRESH)
    await gateway.reconcile()

    await gateway.recorder.record(found[gateway.order], read_at)

    assert await gateway.told() == []
    await gateway.settle()
    assert await gateway.told() == [(None, SHIPPED)]


async def test_an_order_that_cannot_be_read_after_a_write_is_read_again(
    opened: RuntimeResources, sandbox: Sandbox
) -> None:
    gateway = Gateway(opened, sandbox)
    await gateway.fresh()
    await gateway.reconcile()
    sandbox.set_order_status(gateway.order, 3)

    await gateway.recorder.look_again(Key("Order", "flagship", gateway.order))
    await gateway.put_off()
    await gateway.settle()

    assert await gateway.told() == [(PAID, SHIPPED)]
