"""Inputs of more entries than one transaction takes, and batches that nobody waits for."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import pytest

from gateway.errors import BadUserInput, Overloaded
from gateway.outbox.command import Command, CurrentState, Decision
from gateway.outbox.dispatch_loop import DispatchLoop
from gateway.outbox.intake import BATCH
from gateway.outbox.outcomes import OrderOutcome, OrderOutcomes, Refusal
from gateway.ports.writing.problems import InputRefused
from gateway.store.engine import Transaction
from gateway.store.idempotency import KeyName
from gateway.store.mutation_receipts import MutationReceipts, leaving, left_before
from schema.errors import ErrorCode
from schema.key import Key
from tests.fixtures_sandbox import Sandbox
from tests.outbox.conftest import BUYER, Made, Office, Time, command
from tests.platforms.baidu.documents import ORDER

MANY = 2 * BATCH + 20
NAMES = [f"order{number}" for number in range(MANY)]
REFUSED = OrderOutcome.refused(("0",), InputRefused.of(ErrorCode.INVALID, "no", "0").errors)


def refuse(_state: CurrentState) -> Decision:
    raise InputRefused.of(ErrorCode.CONFLICT, "no", "60")


def fail(_state: CurrentState) -> Decision:
    raise BadUserInput("no")


def keys(outcomes: OrderOutcomes) -> list[str]:
    return [key.platform_id for one in outcomes.orders for key in one.keys]


async def test_a_large_input_has_an_outcome_for_each_entry_and_is_delivered(
    office: Office, sandbox: Sandbox
) -> None:
    entries: list[Command | OrderOutcome] = [command(name, "ORDER_IMPORT") for name in NAMES]
    entries[0] = REFUSED
    entries[60] = Made(refuse, platform_id=NAMES[60], at=("60",))
    loop = DispatchLoop(office.dispatcher, poll=0.05)
    loop.start()
    outcomes = await office.intake.carry_out(entries, time_limit=60)
    states = {push.state for push in await office.pushes()}
    await loop.stop()

    taken = [name for place, name in enumerate(NAMES) if place not in {0, 60}]
    assert keys(outcomes) == taken
    assert outcomes.partial is False
    assert outcomes.orders[0] == REFUSED
    assert outcomes.orders[60] == OrderOutcome(
        at=("60",), refusals=[Refusal(ErrorCode.CONFLICT, "no", ["60"])]
    )
    assert states == {"DELIVERED"}
    # Followers hear of each batch once it is committed.
    assert len(office.rings) == 3
    (shop,) = sandbox.shops("baidu").values()
    assert {shop["orders"][name]["calls"][0] for name in taken} == {"add/main/info 200"}
    changes = await office.store.order_changes.after(0, limit=500)
    assert [change.platform_id for change in changes] == taken
    by_id = {push.id: push.order_id for push in await office.pushes()}
    assert [by_id[one.push_id] for one in outcomes.orders if one.push_id] == taken


async def test_a_failure_in_the_middle_tells_what_was_dealt_with(office: Office) -> None:
    entries: list[Command] = [command(name, "ORDER_IMPORT") for name in NAMES]
    entries[60] = Made(fail, platform_id=NAMES[60])
    with pytest.raises(BadUserInput) as failed:
        await office.intake.carry_out(entries)
    assert failed.value.message == (
        "no; the first 50 of 120 entries were dealt with: send it again with the same"
        " Idempotency-Key, or the rest of it"
    )
    assert {push.order_id for push in await office.pushes()} == set(NAMES[:BATCH])


async def test_an_interrupted_input_goes_on_behind_what_was_accepted(office: Office) -> None:
    first = [
        OrderOutcome(at=(), keys=[Key("Order", "swan", name)], push_id=number)
        for number, name in enumerate(NAMES[:60], 1)
    ]
    done = [Made(fail, platform_id=name) for name in NAMES[:60]]
    rest = [command(name, "ORDER_IMPORT") for name in NAMES[60:]]
    outcomes = await office.intake.carry_out(
        [*done, *rest], before=OrderOutcomes(first, partial=True), time_limit=0
    )
    assert keys(outcomes) == NAMES
    assert outcomes.orders[:60] == first
    assert {push.order_id for push in await office.pushes()} == set(NAMES[60:])


async def test_a_repetition_finds_what_was_accepted_before_the_failure(
    office: Office, time: Time
) -> None:
    keys_, lease = office.store.idempotency, 15.0

    async def receipts_of(owner: str) -> MutationReceipts:
        name = KeyName("caller", "key", owner)
        async with office.store.transaction() as transaction:
            claim = await keys_.claim(transaction, name, b"operation", lease)
        receipts = MutationReceipts(keys_, name, lease, claim)
        receipts.place = "ordersImport"
        return receipts

    entries: list[Command] = [command(name, "ORDER_IMPORT") for name in NAMES]
    failing = [*entries[:60], Made(fail, platform_id=NAMES[60]), *entries[61:]]
    with leaving(await receipts_of("first")), pytest.raises(BadUserInput):
        await office.intake.carry_out(failing, time_limit=0)

    time.now += 2 * lease
    with leaving(await receipts_of("second")):
        before = left_before(OrderOutcomes)
        assert before is not None
        assert (before.partial, keys(before)) == (True, NAMES[:BATCH])
        outcomes = await office.intake.carry_out(entries, time_limit=0, before=before)
    assert keys(outcomes) == NAMES
    assert [push.order_id for push in await office.pushes()] == NAMES

    time.now += 2 * lease
    with leaving(await receipts_of("third")):
        assert left_before(OrderOutcomes) == outcomes


async def test_what_is_accepted_only_is_left_to_the_loop(office: Office, sandbox: Sandbox) -> None:
    decision = Decision(
        operation="ORDER_IMPORT", document=ORDER, personal=BUYER, deliver_later=True
    )
    later = Made(lambda _state: decision, platform_id=ORDER.platform_id)
    (outcome,) = (await office.intake.carry_out([later])).orders
    assert outcome.push_id == 1
    assert [(push.state, push.attempts) for push in await office.pushes()] == [("PENDING", 0)]
    (shop,) = sandbox.shops("baidu").values()
    assert ORDER.platform_id not in shop["orders"]

    await office.dispatcher.deliver_due("swan")
    assert await office.states() == ["DELIVERED"]


async def test_an_answer_does_not_wait_longer_than_it_may(office: Office, sandbox: Sandbox) -> None:
    sandbox.fault("latency", 0.3, times=None, path="/rest/2.0/smartapp/ordercenter/app")
    outcomes = await office.intake.carry_out([command("A", "ORDER_IMPORT")], time_limit=0.01)
    assert keys(outcomes) == ["A"]
    assert await office.states() == ["PENDING"]

    await office.dispatcher.waits.drain(60)
    assert await office.states() == ["DELIVERED"]


async def test_a_delivery_that_nobody_tells_of_ends_the_wait(office: Office) -> None:
    await office.write("A", "ORDER_IMPORT")
    with office.dispatcher.waits.awaiting() as awaited:
        # Another replica's: the outbox is looked at.
        awaited.add([1])
        await awaited.wait(60, office.store.pushes.unattempted)
        assert awaited.push_ids == set()


async def test_a_batch_is_accepted_with_what_is_recorded_of_it(office: Office) -> None:
    recorded: list[OrderOutcomes] = []

    async def record(_: Transaction, outcomes: OrderOutcomes) -> None:
        recorded.append(outcomes)

    async def fail_to_record(_: Transaction, __: OrderOutcomes) -> None:
        raise BadUserInput("no")

    entries: Sequence[Command | OrderOutcome] = [
        command("A", "ORDER_IMPORT"),
        REFUSED,
        command("B", None),
    ]
    with suppress(BadUserInput):
        await office.intake.accept_batch(entries, fail_to_record)
    assert (await office.pushes(), office.rings) == ([], [])

    outcomes = await office.intake.accept_batch(entries, record)
    assert recorded == [outcomes]
    assert keys(outcomes) == ["A", "B"]
    assert outcomes.orders[1] == REFUSED
    assert [(push.order_id, push.state, push.attempts) for push in await office.pushes()] == [
        ("A", "PENDING", 0)
    ]
    assert len(office.rings) == 1


async def test_more_large_inputs_than_may_wait_are_refused(office: Office) -> None:
    async def carry_out(number: int) -> OrderOutcomes:
        names = [f"{number}/{name}" for name in NAMES]
        return await office.intake.carry_out(
            [command(name, "ORDER_UPDATE") for name in names], time_limit=60
        )

    async with office.store.transaction() as transaction:
        # The others wait for the writer, or for this counter.
        await office.store.counters.take(transaction, "order_changes", 1)
        waiting = [asyncio.create_task(carry_out(number)) for number in range(18)]
        await asyncio.sleep(0)
        with pytest.raises(Overloaded) as refused:
            await carry_out(18)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    assert refused.value.message == (
        "Too many large inputs are being accepted: send it again later"
    )
    assert refused.value.retry_after == 5.0
    assert await office.pushes() == []
