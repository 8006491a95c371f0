"""Deliveries over the sandbox: in order, once, taken over, superseded, never dropped."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from gateway.errors import BadUserInput
from gateway.outbox.dispatcher import Dispatcher
from gateway.outbox.intake import Accepted, Command, CurrentState, Decision
from gateway.outbox.message import OutboxMessage
from gateway.ports import BatchKey, DeliveryResult
from tests.fixtures_sandbox import Sandbox
from tests.outbox.conftest import BUYER, Office, Time, command, receipt
from tests.platforms.baidu.documents import ORDER

CENTRE = "/rest/2.0/smartapp/ordercenter/app"
ADD = f"{CENTRE}/add/main/info"


def calls(sandbox: Sandbox, order_id: str) -> list[str]:
    """Answer what the platform was told of an order."""
    (shop,) = sandbox.shops("baidu").values()
    told: list[str] = shop["orders"][order_id]["calls"]
    return told


def down(sandbox: Sandbox, times: int | None = None) -> None:
    sandbox.fault("http_status", 503, path=CENTRE, times=times)


async def test_what_is_accepted_is_delivered_at_once(office: Office, sandbox: Sandbox) -> None:
    answer = await office.write("A", "ORDER_IMPORT")

    assert answer == Accepted(version=1, push_id=1)
    assert await office.states() == ["DELIVERED"]
    assert calls(sandbox, "A") == ["add/main/info 200"]
    (change,) = await office.store.order_changes.after(0, limit=9)
    assert (change.platform_id, change.status, change.previous_status, change.cause) == (
        "A",
        "COMPLETED",
        None,
        "MUTATION",
    )
    assert office.rings == [office.time.now]


async def test_what_carries_whole_values_supersedes_what_waits(
    office: Office, sandbox: Sandbox, time: Time
) -> None:
    down(sandbox)
    await office.write("A", "ORDER_IMPORT")
    await office.write("A", "ORDER_STATUS", status="SHIPPED")
    await office.write("A", title="first")
    await office.write("A", title="second")
    assert await office.states() == ["PENDING", "SUPERSEDED", "SUPERSEDED", "PENDING"]

    sandbox.clear_faults()
    time.now += 60
    assert await office.dispatcher.deliver_due("swan") == 1

    assert await office.states() == ["DELIVERED", "SUPERSEDED", "SUPERSEDED", "DELIVERED"]
    assert calls(sandbox, "A") == ["add/main/info 200", "update/main/info 200"]


async def test_a_failed_push_that_a_later_one_carries_is_superseded(
    office: Office, sandbox: Sandbox
) -> None:
    await office.write("A", "ORDER_IMPORT")
    async with office.store.transaction() as transaction:
        await office.intake.accept(transaction, [command("A", title="first")])
        claimed = await office.store.outbox.claim_due(
            transaction, office.dispatcher.owner, "swan", lease=60, limit=9
        )
        await office.intake.accept(transaction, [command("A", title="second")])
    down(sandbox, times=1)

    await office.dispatcher.deliver(claimed)

    assert await office.states() == ["DELIVERED", "SUPERSEDED", "PENDING"]


async def test_replicas_share_the_work_and_do_nothing_twice(
    replica: Callable[[], Office], sandbox: Sandbox
) -> None:
    offices = [replica() for _ in range(3)]
    async with offices[0].store.transaction() as transaction:
        orders = [f"O{number}" for number in range(30)]
        await offices[0].intake.accept(
            transaction, [command(name, "ORDER_IMPORT") for name in orders]
        )
        await offices[0].intake.accept(transaction, [command(name) for name in orders])

    while "PENDING" in await offices[0].states():
        await asyncio.gather(*(office.dispatcher.deliver_due("swan") for office in offices))

    for name in orders:
        assert calls(sandbox, name) == ["add/main/info 200", "update/main/info 200"]


async def test_what_a_dead_replica_held_is_taken_over(
    replica: Callable[[], Office], sandbox: Sandbox, time: Time
) -> None:
    dead, heir = replica(), replica()
    async with dead.store.transaction() as transaction:
        await dead.intake.accept(transaction, [command("A", "ORDER_IMPORT")])
    async with dead.store.transaction() as transaction:
        await dead.store.outbox.claim_due(transaction, "dead", "swan", lease=50, limit=9)
    assert await heir.dispatcher.deliver_due("swan") == 0

    time.now += 50
    assert await heir.dispatcher.deliver_due("swan") == 1

    assert await heir.states() == ["DELIVERED"]
    assert calls(sandbox, "A") == ["add/main/info 200"]


async def test_nothing_is_sent_at_the_end_of_a_claim(
    office: Office, sandbox: Sandbox, time: Time
) -> None:
    async with office.store.transaction() as transaction:
        await office.intake.accept(
            transaction, [command(f"O{n}", "ORDER_IMPORT") for n in range(9)]
        )
        claimed = await office.store.outbox.claim_due(
            transaction, office.dispatcher.owner, "swan", lease=50, limit=9
        )
    sandbox.fault("latency", 0.2, path=ADD, times=None)

    sending = asyncio.create_task(office.dispatcher.deliver(claimed))
    await asyncio.sleep(0.1)
    time.now += 40
    await sending

    # Eight went out side by side; the ninth was given back, and is free at once.
    assert sorted(await office.states()) == ["DELIVERED"] * 8 + ["PENDING"]
    assert await office.dispatcher.deliver_due("swan") == 1


async def test_once_the_platform_is_back_nothing_waits_for_its_pause(
    office: Office, sandbox: Sandbox
) -> None:
    down(sandbox)
    for number in range(4):
        await office.write(f"O{number}", "ORDER_IMPORT")
    sandbox.clear_faults()

    await office.write("O9", "ORDER_IMPORT")
    await office.dispatcher.deliver_due("swan")

    assert await office.states() == ["DELIVERED"] * 5


async def test_each_attempt_is_counted(office: Office, sandbox: Sandbox, time: Time) -> None:
    told: list[tuple[str, str, str]] = []

    class Counting:
        def pushed(self, shop: str, operation: str, state: str) -> None:
            told.append((shop, operation, state))

    dispatcher = Dispatcher(
        office.store,
        {"swan": office.deliveries},
        time,
        lambda low, _high: low,
        longest=20,
        observer=Counting(),
    )
    down(sandbox, times=1)
    async with office.store.transaction() as transaction:
        await office.intake.accept(transaction, [command("A", "ORDER_IMPORT")])

    await dispatcher.deliver_due("swan")
    await dispatcher.deliver_due("swan")

    assert told == [("swan", "ORDER_IMPORT", "PENDING"), ("swan", "ORDER_IMPORT", "DELIVERED")]


async def test_a_mistake_of_ours_loses_nothing(office: Office) -> None:
    class Broken:
        def batch(self, message: OutboxMessage) -> BatchKey:
            return BatchKey(message.operation, 1)

        async def deliver(self, messages: Sequence[OutboxMessage]) -> Sequence[DeliveryResult]:
            raise ZeroDivisionError(len(messages))

    broken = Office(office.store, Broken(), office.time)
    await broken.write("A", "ORDER_IMPORT")

    (push,) = await broken.pushes()
    assert (push.state, push.attempts) == ("PENDING", 1)
    assert push.last_error is not None
    assert push.last_error.lost
    assert push.last_error.message == "the gateway failed to send it; its log says why"


async def test_a_refused_wish_leaves_nothing_and_spoils_no_other(office: Office) -> None:
    def refuse(_known: CurrentState) -> Decision:
        raise BadUserInput("no")

    refused = Command(shop="swan", platform_id="A", decide=refuse)
    first, second = await office.intake.carry_out([refused, command("B", "ORDER_IMPORT")], receipt)

    assert isinstance(first, BadUserInput)
    assert second == Accepted(version=1, push_id=1)
    assert await office.store.orders.get("swan", "A") is None


async def test_of_two_imports_at_once_one_finds_the_other(
    replica: Callable[[], Office], sandbox: Sandbox
) -> None:
    def once(known: CurrentState) -> Decision:
        if known.order is not None:
            raise BadUserInput("It is here already.")
        return Decision(operation="ORDER_IMPORT", document=ORDER, personal=BUYER)

    given = Command(shop="swan", platform_id=ORDER.platform_id, decide=once)
    answers: list[Any] = await asyncio.gather(
        *(replica().intake.carry_out([given], receipt) for _ in range(5))
    )

    accepted = [answer for (answer,) in answers if isinstance(answer, Accepted)]
    assert [one.version for one in accepted] == [1]
    assert calls(sandbox, ORDER.platform_id) == ["add/main/info 200"]


async def test_what_is_recorded_only_is_not_sent(office: Office, sandbox: Sandbox) -> None:
    (answer,) = await office.intake.carry_out([command("A", None)], receipt)

    assert answer == Accepted(version=1, push_id=None)
    assert await office.pushes() == []
    assert sandbox.counts() == {}
    assert await office.store.products.get_many("swan", ["1014093064"])
