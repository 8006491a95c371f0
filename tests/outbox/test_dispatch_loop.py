"""The worker beside a server: it finds what is due, and gives back what it holds at the end."""

import asyncio
from collections.abc import Callable, Sequence

from structlog.testing import capture_logs

from gateway.outbox.dead_letters import discard_push
from gateway.outbox.delivery import DELIVERED
from gateway.outbox.dispatch_loop import DispatchLoop
from gateway.outbox.message import OutboxMessage
from gateway.ports import BatchKey, DeliveryResult
from gateway.runtime.backlog_metrics import BacklogMetrics
from gateway.store.inbox import EventBody, NewEvent
from gateway.store.pushes import NewPush
from gateway.store.store import Store
from tests.fixtures_sandbox import Sandbox
from tests.outbox.conftest import Office, Time, command
from tests.runtime.test_retention import retention_job
from tests.store.claims import claim_due


class Slow:
    """Deliveries that wait until they are let go."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.release_held = asyncio.Event()

    def batch(self, message: OutboxMessage) -> BatchKey:
        return BatchKey(message.operation, 1)

    async def deliver(self, messages: Sequence[OutboxMessage]) -> Sequence[DeliveryResult]:
        self.begun.set()
        await self.release_held.wait()
        return [DELIVERED] * len(messages)


async def accept(office: Office, *names: str) -> None:
    """Leave work for whoever comes."""
    async with office.store.transaction() as transaction:
        await office.intake.accept(transaction, [command(name, "ORDER_IMPORT") for name in names])


async def until_delivered(office: Office) -> None:
    while "PENDING" in await office.states():  # noqa: ASYNC110 - the ledger rings no notifier
        await asyncio.sleep(0.01)


async def test_what_is_due_is_found(office: Office, sandbox: Sandbox) -> None:
    worker = DispatchLoop(office.dispatcher, poll=0.02)
    worker.start()
    await accept(office, "A", "B")

    await until_delivered(office)
    await worker.stop()

    assert await office.states() == ["DELIVERED", "DELIVERED"]
    (shop,) = sandbox.shops("baidu").values()
    assert {"A", "B"} <= shop["orders"].keys()


async def test_a_wake_up_is_quicker_than_the_next_look(office: Office) -> None:
    worker = DispatchLoop(office.dispatcher, poll=60)
    worker.start()
    await asyncio.sleep(0.05)
    await accept(office, "A")

    office.dispatcher.wake("swan")
    office.dispatcher.wake("nowhere")
    await until_delivered(office)
    await worker.stop()


async def test_the_return_of_a_platform_wakes_the_worker(office: Office, sandbox: Sandbox) -> None:
    sandbox.fault("http_status", 503, path="/rest/", times=1)
    await office.write("A", "ORDER_IMPORT")
    worker = DispatchLoop(office.dispatcher, poll=60)
    worker.start()
    await asyncio.sleep(0.05)
    assert await office.states() == ["PENDING"]

    await office.write("B", "ORDER_IMPORT")

    await until_delivered(office)
    await worker.stop()


async def test_the_end_waits_for_what_is_under_way(office: Office) -> None:
    slow = Slow()
    busy = Office(office.store, slow, office.time)
    worker = DispatchLoop(busy.dispatcher, poll=0.02)
    await accept(busy, "A")
    worker.start()
    await slow.begun.wait()

    stopping = asyncio.create_task(worker.stop())
    await asyncio.sleep(0.02)
    slow.release_held.set()
    await stopping

    assert await busy.states() == ["DELIVERED"]


async def test_what_does_not_end_in_time_is_free_for_others_and_told_as_lost(
    replica: Callable[[], Office],
) -> None:
    slow = Slow()
    first = replica()
    busy = Office(first.store, slow, first.time)
    worker = DispatchLoop(busy.dispatcher, poll=0.02, grace=0.05)
    await accept(busy, "A")
    worker.start()
    await slow.begun.wait()

    await worker.stop()

    async with first.store.transaction() as transaction:
        (taken,) = await claim_due(first.store, transaction, "another", "swan", lease=60, limit=9)
    assert taken.lost


async def test_the_ledger_lets_go_of_what_is_past_its_time(
    shared: Store, office: Office, time: Time
) -> None:
    await accept(office, "A")
    event = NewEvent(
        shop="mini",
        kind="cooperation_shop_order",
        identity=("1",),
        trusted=True,
        event_at=0,
        body=EventBody(order_id="1"),
    )
    async with shared.transaction() as transaction:
        await shared.inbox.receive(transaction, event)
        (claimed,) = await shared.inbox.claim(transaction, "one", lease=60, limit=1)
        await shared.inbox.done(transaction, "one", claimed)
    rounds = retention_job(shared, ["swan"], now=time)
    await rounds.once()
    assert (await shared.order_changes.kept()).oldest == 0

    time.now += 8 * 86_400
    await rounds.once()
    assert await shared.order_changes.after(0, limit=9) == []
    assert await has_buyer(shared)
    async with shared.transaction() as transaction:
        assert not await shared.inbox.receive(transaction, event)

    time.now += 30 * 86_400
    await rounds.once()
    async with shared.transaction() as transaction:
        assert await shared.inbox.receive(transaction, event)

    time.now += 365 * 86_400
    await rounds.once()
    assert not await has_buyer(shared)


async def test_pushes_of_a_shop_that_is_no_more_are_told_of(
    shared: Store, office: Office, time: Time
) -> None:
    async with shared.transaction() as transaction:
        push = NewPush(shop="gone", operation="X", aggregate="a", version=1, payload="{}")
        await shared.pushes.add(transaction, push)
    await office.write("A")
    rounds = retention_job(shared, ["swan"], now=time)

    with capture_logs() as told:
        await rounds.once()

    assert told == [
        {
            "event": "retention.pushes.stranded",
            "log_level": "warning",
            "message": "Pushes wait for a shop that is not configured, or takes none.",
            "shop": "gone",
            "pushes": 1,
        }
    ]


async def test_what_waits_is_counted_until_it_is_gone(
    shared: Store, office: Office, time: Time
) -> None:
    told: dict[str, list[tuple[int, float]]] = {}

    class Noted:
        def pushes_waiting(self, shop: str, count: int, oldest: float) -> None:
            told[shop] = [(count, oldest)]

        def events_waiting(self, shop: str, count: int, oldest: float) -> None:
            told[shop].append((count, oldest))

        def webhooks_waiting(self, oldest: float) -> None:
            told["webhooks"] = [(0, oldest)]

        def index_reached(self, shop: str, kind: str, at: float | None, *, complete: bool) -> None:
            raise AssertionError(f"there is no index: {shop}, {kind}, {at}, {complete}")

    backlog = BacklogMetrics(shared, ["swan", "mini"], time, Noted())
    await accept(office, "A", "B")
    async with shared.transaction() as transaction:
        push = NewPush(shop="gone", operation="X", aggregate="a", version=1, payload="{}")
        number = await shared.pushes.add(transaction, push)
        event = NewEvent(
            shop="mini",
            kind="cooperation_shop_order",
            identity=("1",),
            trusted=True,
            event_at=0,
            body=EventBody(order_id="1"),
        )
        await shared.inbox.receive(transaction, event)
    time.now += 60
    await backlog.once()
    assert told == {
        "swan": [(2, 60.0), (0, 0.0)],
        "mini": [(0, 0.0), (1, 60.0)],
        "gone": [(1, 60.0), (0, 0.0)],
        "webhooks": [(0, 0.0)],
    }

    async with shared.transaction() as transaction:
        await discard_push(shared, transaction, number)
    await backlog.once()
    assert told["gone"] == [(0, 0.0), (0, 0.0)]


async def has_buyer(store: Store) -> bool:
    order = await store.orders.get("swan", "A")
    assert order is not None
    return order.personal is not None
