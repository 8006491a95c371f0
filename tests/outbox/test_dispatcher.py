"""Deliveries over the sandbox: in order, once, taken over, superseded, never dropped."""

import asyncio
from collections.abc import Callable, Sequence

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from gateway.errors import BadUserInput, GatewayError, Overloaded, PlatformFailure
from gateway.outbox.command import CurrentState, Decision
from gateway.outbox.dispatcher import SENDS, Dispatcher
from gateway.outbox.message import OrderPayload, OutboxMessage, written
from gateway.outbox.outcomes import OrderOutcome, Refusal
from gateway.platforms.baidu.deliveries import BaiduDeliveries
from gateway.ports import BatchKey, DeliveryResult
from gateway.ports.writing.problems import InputRefused
from schema.errors import ErrorCode
from schema.key import Key
from tests.fixtures_sandbox import Sandbox
from tests.outbox.conftest import BUYER, Made, Office, Time, command
from tests.platforms.baidu.documents import ORDER
from tests.store.claims import claim_due

CENTRE = "/rest/2.0/smartapp/ordercenter/app"
ADD = f"{CENTRE}/add/main/info"


def calls(sandbox: Sandbox, order_id: str) -> list[str]:
    """Answer what the platform was told of an order."""
    (shop,) = sandbox.shops("baidu").values()
    told: list[str] = shop["orders"][order_id]["calls"]
    return told


async def version_of(office: Office, order_id: str) -> int | None:
    stored = await office.store.orders.get("swan", order_id)
    return None if stored is None else stored.version


def down(sandbox: Sandbox, times: int | None = None) -> None:
    sandbox.fault("http_status", 503, path=CENTRE, times=times)


async def test_what_is_accepted_is_delivered_at_once(office: Office, sandbox: Sandbox) -> None:
    outcome = await office.write("A", "ORDER_IMPORT")

    assert outcome == OrderOutcome(at=(), keys=[Key("Order", "swan", "A")], push_id=1)
    assert await version_of(office, "A") == 1
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
        claimed = await claim_due(
            office.store, transaction, office.dispatcher.owner, "swan", lease=60, limit=9
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
        await claim_due(dead.store, transaction, "dead", "swan", lease=50, limit=9)
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
            transaction, [command(f"O{n}", "ORDER_IMPORT") for n in range(SENDS + 1)]
        )
        claimed = await claim_due(
            office.store, transaction, office.dispatcher.owner, "swan", lease=50, limit=99
        )
    sandbox.fault("latency", 0.5, path=ADD, times=None)

    sending = asyncio.create_task(office.dispatcher.deliver(claimed))
    await asyncio.sleep(0.1)
    time.now += 40
    await sending

    # As many as may go out at once did; the last was given back, and is free at once.
    assert sorted(await office.states()) == ["DELIVERED"] * SENDS + ["PENDING"]
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


async def test_an_outage_with_a_backlog_is_two_lines(
    office: Office, sandbox: Sandbox, time: Time
) -> None:
    refusal = {"error_code": 6, "error_msg": "no permission"}
    sandbox.fault("body", refusal, path=CENTRE, times=None)
    with capture_logs() as lines:
        for number in range(30):
            await office.write(f"order-{number}", "ORDER_IMPORT")
        for _ in range(5):
            time.now += 900
            await office.dispatcher.deliver_due("swan")
        sandbox.clear_faults()
        time.now += 900
        await office.dispatcher.deliver_due("swan")

    assert set(await office.states()) == {"DELIVERED"}
    attempts = sum(push.attempts for push in await office.pushes())
    # Each is tried at once; then one at a time, until one is delivered.
    assert attempts == 30 + 5 + 30
    began, ended = [line for line in lines if line["event"].startswith("outbox.")]
    assert began == {
        "event": "outbox.shop.failing",
        "log_level": "warning",
        "message": "Pushes of a shop cannot be delivered; they are retried.",
        "shop": "swan",
        "error": "no permission",
    }
    assert ended == {
        "event": "outbox.shop.recovered",
        "log_level": "info",
        "message": "Pushes of a shop are delivered again.",
        "shop": "swan",
        "failures": attempts - 30,
        "seconds": 5_400.0,
    }


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
    assert push.last_error.message == "the gateway failed to send it; see its log"


@pytest.mark.parametrize(
    ("error", "told", "pause"),
    [
        pytest.param(
            Overloaded("the queue of swan is full", retry_after=45.0), None, 45.0, id="full"
        ),
        pytest.param(GatewayError("the shop is closed"), None, None, id="ours"),
        pytest.param(
            PlatformFailure("down", endpoint="add.main.info", shop="swan", http_status=503),
            503,
            None,
            id="platform",
        ),
    ],
)
async def test_what_ends_a_whole_batch_is_told_of_each_push(
    office: Office, error: GatewayError, told: int | None, pause: float | None
) -> None:
    class Refusing:
        def batch(self, message: OutboxMessage) -> BatchKey:
            return BatchKey(message.operation, 2)

        async def deliver(
            self,
            messages: Sequence[OutboxMessage],  # noqa: ARG002 - nothing of them is sent
        ) -> Sequence[DeliveryResult]:
            raise error

    refusing = Office(office.store, Refusing(), office.time)
    await refusing.write("A", "ORDER_IMPORT")
    await refusing.write("B", "ORDER_IMPORT")

    for stored in await refusing.pushes():
        assert (stored.state, stored.attempts) == ("PENDING", 1)
        assert stored.last_error is not None
        assert stored.last_error.message == error.message
        assert stored.last_error.http_status == told
        assert not stored.last_error.lost
        if pause is not None:
            assert stored.next_attempt_at == office.time() + pause


async def test_a_refused_command_leaves_nothing_and_spoils_no_other(office: Office) -> None:
    def refuse(_state: CurrentState) -> Decision:
        raise InputRefused.of(ErrorCode.CONFLICT, "no", "0", "id")

    before = OrderOutcome.refused(("2",), InputRefused.of(ErrorCode.INVALID, "never", "2").errors)
    outcomes = await office.intake.carry_out(
        [Made(refuse, at=("0",)), command("B", "ORDER_IMPORT"), before]
    )

    first, second, third = outcomes.orders
    assert first == OrderOutcome(
        at=("0",), refusals=[Refusal(ErrorCode.CONFLICT, "no", ["0", "id"])]
    )
    assert second == OrderOutcome(at=(), keys=[Key("Order", "swan", "B")], push_id=1)
    assert third == before
    assert await version_of(office, "B") == 1
    assert await office.store.orders.get("swan", "A") is None


async def test_a_failure_that_no_caller_can_fix_leaves_nothing_of_any_command(
    office: Office,
) -> None:
    def fail(_state: CurrentState) -> Decision:
        raise BadUserInput("no")

    with pytest.raises(BadUserInput, match="no"):
        await office.intake.carry_out([command("B", "ORDER_IMPORT"), Made(fail)])

    assert await office.store.orders.get("swan", "B") is None
    assert await office.pushes() == []


async def test_an_order_that_others_keep_inserting_is_a_conflict(office: Office) -> None:
    await office.write(ORDER.platform_id, "ORDER_IMPORT")
    decision = Decision(operation="ORDER_IMPORT", document=ORDER, personal=BUYER)
    # The row that the intake locks is another one than the decision writes.
    overtaken = Made(lambda _state: decision, platform_id="not yet", at=("0",))

    (outcome,) = (await office.intake.carry_out([overtaken])).orders

    message = "Another request imported the same order at the same time."
    assert outcome == OrderOutcome(
        at=("0",), refusals=[Refusal(ErrorCode.CONFLICT, message, ["0"])]
    )
    assert await version_of(office, ORDER.platform_id) == 1
    assert len(await office.pushes()) == 1


async def test_the_first_delivery_sends_the_form_that_was_checked(
    office: Office, sandbox: Sandbox
) -> None:
    accepts = office.deliveries
    assert isinstance(accepts, BaiduDeliveries)
    titled = replace(ORDER, title="checked")
    message = OutboxMessage(
        operation="ORDER_IMPORT",
        payload=written(OrderPayload(order=titled)),
        personal=BUYER,
    )
    form = accepts.wire_form(message)
    decision = Decision(operation="ORDER_IMPORT", document=ORDER, personal=BUYER)

    await office.intake.carry_out(
        [Made(lambda _state: decision.sent_as(form), platform_id=ORDER.platform_id)]
    )

    (shop,) = sandbox.shops("baidu").values()
    assert shop["orders"][ORDER.platform_id]["main"]["Title"] == "checked"
    stored = await office.store.orders.get("swan", ORDER.platform_id)
    assert stored is not None
    assert (stored.document.title, stored.document.platform_status) == (ORDER.title, "200")


async def test_of_two_imports_at_once_one_finds_the_other(
    replica: Callable[[], Office], sandbox: Sandbox
) -> None:
    def once(state: CurrentState) -> Decision:
        if state.order is not None:
            raise InputRefused.of(ErrorCode.CONFLICT, "It exists already.")
        return Decision(operation="ORDER_IMPORT", document=ORDER, personal=BUYER)

    given = Made(once, platform_id=ORDER.platform_id)
    replicas = [replica() for _ in range(5)]
    answers = await asyncio.gather(*(one.intake.carry_out([given]) for one in replicas))

    accepted = [one for answer in answers for one in answer.orders if not one.refusals]
    assert len(accepted) == 1
    assert await version_of(replicas[0], ORDER.platform_id) == 1
    assert calls(sandbox, ORDER.platform_id) == ["add/main/info 200"]


async def test_what_is_recorded_only_is_not_sent(office: Office, sandbox: Sandbox) -> None:
    (outcome,) = (await office.intake.carry_out([command("A", None)])).orders

    assert outcome == OrderOutcome(at=(), keys=[Key("Order", "swan", "A")], push_id=None)
    assert await version_of(office, "A") == 1
    assert await office.pushes() == []
    assert sandbox.counts() == {}
    assert await office.store.products.get_many("swan", ["1014093064"])
