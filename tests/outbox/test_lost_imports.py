"""Imports of the shopping list whose answer was lost, in a shop with on_lost_import = "overwrite".

On each of the databases, over the sandbox, with faults on each of the calls.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from gateway.concurrency.clock import DAY
from gateway.outbox.command import Decision
from gateway.outbox.dead_letters import retry_push
from gateway.outbox.dispatcher import Dispatcher
from gateway.outbox.outcomes import OrderOutcome
from gateway.platform_kit.connection import PlatformClients
from gateway.registry import build_adapters
from gateway.store.documents import OrderDocument
from gateway.store.store import Store
from tests.fixtures_sandbox import Sandbox
from tests.outbox.conftest import Made, Office, Time
from tests.platforms.mini_program.conftest import settings
from tests.platforms.mini_program.documents import PAID, PERSONAL, SHIPPED
from tests.waiting import eventually

IMPORT = "/mall/importorder"
ADD = f"{IMPORT}?action=add-order"
CHANGE = f"{IMPORT}?action=update-order"
REMOVE = "/mall/deleteorder"
ID = PAID.platform_id
Replica = Callable[..., Office]


@pytest.fixture
def mini(sandbox: Sandbox, clients: PlatformClients, shared: Store, time: Time) -> Replica:
    """Answer a function that makes a replica of a gateway with a Mini Program."""

    def make(on_lost_import: str = "overwrite") -> Office:
        section = settings(sandbox.base_url, on_lost_import=on_lost_import)
        adapter = build_adapters([section], clients, shared, time)["mini"]
        assert adapter.deliveries is not None
        return Office(shared, adapter.deliveries, time, shop="mini")

    return make


async def write(
    office: Office, operation: str, order: OrderDocument = PAID, **decision: Any
) -> OrderOutcome:
    """Accept what becomes of an order, and try to deliver it."""
    made = Decision(operation=operation, document=order, personal=PERSONAL, **decision)
    given = Made(lambda _state: made, shop="mini", platform_id=order.platform_id)
    (outcome,) = (await office.intake.carry_out([given])).orders
    return outcome


async def deliver_all(office: Office, time: Time, attempts: int = 9) -> None:
    """Deliver what is due, as often as there is something, each time after the longest backoff."""
    for _ in range(attempts):
        if "PENDING" not in await office.states():
            return
        time.now += 901
        await office.dispatcher.deliver_due("mini")


def shown(sandbox: Sandbox) -> dict[str, Any]:
    """Answer the orders that the shopping list shows, without those of the sample shop."""
    (shop,) = sandbox.shops("mini_program").values()
    return {name: one for name, one in shop["orders"].items() if name.startswith(ID)}


def calls(sandbox: Sandbox) -> list[int]:
    """Answer how many imports, deletions and updates were sent."""
    return [len(sandbox.requests(endpoint)) for endpoint in (ADD, REMOVE, CHANGE)]


@pytest.mark.parametrize(
    ("faults", "sent"),
    [
        pytest.param([("reset", IMPORT, True)], [2, 1, 0], id="import, which arrived"),
        pytest.param([("reset", IMPORT, False)], [2, 1, 0], id="import, which did not arrive"),
        pytest.param([("reset", IMPORT, True), ("reset", REMOVE, True)], [2, 2, 0], id="deletion"),
        pytest.param(
            [("reset", IMPORT, True), ("empty", REMOVE, False), ("html", REMOVE, True)],
            [2, 3, 0],
            id="deletion, twice",
        ),
        pytest.param(
            [("reset", IMPORT, True), ("reset", IMPORT, True)], [3, 2, 0], id="second import"
        ),
        pytest.param(
            [("truncated", IMPORT, True), ("reset", IMPORT, False), ("empty", REMOVE, True)],
            [3, 3, 0],
            id="second import, then a deletion",
        ),
        pytest.param(
            [("reset", IMPORT, True), ("http_status", REMOVE, False)], [2, 2, 0], id="busy between"
        ),
    ],
)
async def test_a_lost_import_is_deleted_and_imported_until_it_stands_there_once(
    mini: Replica,
    sandbox: Sandbox,
    time: Time,
    faults: list[tuple[str, str, bool]],
    sent: list[int],
) -> None:
    office = mini()
    for kind, path, after in faults:
        value = 503 if kind == "http_status" else None
        sandbox.fault(kind, value, path=path, after=after)

    await write(office, "ORDER_IMPORT")
    (lost,) = await office.pushes()
    await deliver_all(office, time)

    assert lost.state == "PENDING"
    assert lost.last_error is not None
    assert (lost.last_error.endpoint, lost.last_error.lost) == ("importorder.add", True)
    (push,) = await office.pushes()
    assert (push.state, push.attempts) == ("DELIVERED", len(faults) + 1)
    assert list(shown(sandbox)) == [ID]
    assert calls(sandbox) == sent


async def test_each_step_is_counted(mini: Replica, sandbox: Sandbox, time: Time) -> None:
    told: list[tuple[str, str, str]] = []

    class Counting:
        def pushed(self, shop: str, operation: str, state: str) -> None:
            told.append((shop, operation, state))

    office = mini()
    office.dispatcher = Dispatcher(
        office.store,
        {"mini": office.deliveries},
        time,
        lambda low, _high: low,
        longest=20,
        observer=Counting(),
    )
    async with office.store.transaction() as transaction:
        made = Decision(operation="ORDER_IMPORT", document=PAID, personal=PERSONAL)
        given = Made(lambda _state: made, shop="mini", platform_id=ID)
        await office.intake.accept(transaction, [given])
    for path in (IMPORT, REMOVE, IMPORT):
        sandbox.fault("reset", path=path, after=True)

    assert await office.dispatcher.deliver_due("mini") == 4

    assert told == [("mini", "ORDER_IMPORT", "PENDING")] * 3 + [
        ("mini", "ORDER_IMPORT", "DELIVERED")
    ]
    assert calls(sandbox) == [3, 3, 0]


async def kill(round_: "asyncio.Task[int]") -> None:
    """End a round of the dispatch loop, and what it sends."""
    tasks = [task for task in asyncio.all_tasks() if task.get_name() == "outbox_backlog/mini"]
    for task in (round_, *tasks):
        task.cancel()
    await asyncio.gather(round_, *tasks, return_exceptions=True)


@pytest.mark.parametrize("path", [IMPORT, REMOVE])
@pytest.mark.parametrize("after", [True, False])
async def test_one_that_was_killed_in_between_is_taken_over(
    mini: Replica, sandbox: Sandbox, time: Time, *, path: str, after: bool
) -> None:
    killed, heir = mini(), mini()
    sandbox.fault("reset", path=IMPORT, after=True)
    await write(killed, "ORDER_IMPORT")
    sandbox.fault("silence", path=path, after=after)
    time.now += 901
    sending = asyncio.create_task(killed.dispatcher.deliver_due("mini"))
    await eventually(lambda: sum(calls(sandbox)) == (2 if path == REMOVE else 3))
    await kill(sending)

    assert await heir.dispatcher.deliver_due("mini") == 0
    await deliver_all(heir, time)

    assert await heir.states() == ["DELIVERED"]
    assert list(shown(sandbox)) == [ID]
    assert calls(sandbox) == ([2, 2, 0] if path == REMOVE else [3, 2, 0])


@pytest.mark.parametrize("arrived", [True, False])
async def test_one_that_was_killed_in_its_first_import_is_taken_over(
    mini: Replica, sandbox: Sandbox, time: Time, *, arrived: bool
) -> None:
    killed, heir = mini(), mini()
    sandbox.fault("silence", path=IMPORT, after=arrived)
    sending = asyncio.create_task(write(killed, "ORDER_IMPORT"))
    await eventually(lambda: calls(sandbox) == [1, 0, 0])
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)

    await deliver_all(heir, time)

    assert await heir.states() == ["DELIVERED"]
    assert list(shown(sandbox)) == [ID]
    assert calls(sandbox) == [2, 1, 0]


async def test_an_update_accepted_meanwhile_is_imported_with_it_and_follows(
    mini: Replica, sandbox: Sandbox, time: Time
) -> None:
    office = mini()
    sandbox.fault("reset", path=IMPORT, after=True)
    await write(office, "ORDER_IMPORT")
    await write(office, "ORDER_UPDATE", SHIPPED)

    await deliver_all(office, time)

    assert await office.states() == ["DELIVERED", "DELIVERED"]
    assert shown(sandbox)[ID]["calls"] == ["add-order 4", "update-order 4"]


async def test_an_update_that_no_import_can_carry_follows_the_import(
    mini: Replica, sandbox: Sandbox, time: Time
) -> None:
    office = mini()
    sandbox.fault("reset", path=IMPORT, after=True)
    await write(office, "ORDER_IMPORT")
    await write(office, "ORDER_STATUS", replace(PAID, status="CLOSED"))

    await deliver_all(office, time)

    assert await office.states() == ["DELIVERED", "DELIVERED"]
    assert shown(sandbox)[ID]["calls"] == ["add-order 3", "update-order 12"]


async def test_a_deletion_accepted_meanwhile_has_the_last_word(
    mini: Replica, sandbox: Sandbox, time: Time
) -> None:
    office = mini()
    sandbox.fault("reset", path=IMPORT, after=True)
    await write(office, "ORDER_IMPORT")
    await write(office, "ORDER_DELETE", deletes=True)

    await deliver_all(office, time)

    assert await office.states() == ["DELIVERED", "DELIVERED"]
    assert shown(sandbox) == {}


async def test_a_new_import_accepted_meanwhile_has_the_last_word(
    mini: Replica, sandbox: Sandbox, time: Time
) -> None:
    office = mini()
    sandbox.fault("reset", path=IMPORT, after=True)
    await write(office, "ORDER_IMPORT")
    await write(office, "ORDER_IMPORT", replace(PAID, brand_phone="new"), replaces=True)

    await deliver_all(office, time)

    assert await office.states() == ["DELIVERED", "DELIVERED"]
    assert shown(sandbox)[ID]["document"]["ext_info"]["brand_info"]["phone"] == "new"


async def test_the_other_orders_of_a_lost_call_are_settled_one_by_one(
    mini: Replica, sandbox: Sandbox, time: Time
) -> None:
    office = mini()
    orders = [replace(PAID, platform_id=f"{ID}-{number}") for number in range(3)]
    made = [Decision(operation="ORDER_IMPORT", document=one, personal=PERSONAL) for one in orders]
    sandbox.fault("reset", path=IMPORT, after=True)

    await office.intake.carry_out(
        [
            Made(lambda _state, one=one: one, shop="mini", platform_id=one.document.platform_id)  # type: ignore[misc]
            for one in made
        ]
    )
    await deliver_all(office, time)

    assert await office.states() == ["DELIVERED"] * 3
    assert sorted(shown(sandbox)) == [one.platform_id for one in orders]
    assert calls(sandbox) == [4, 3, 0]


async def test_a_second_import_that_is_refused_says_why(
    mini: Replica, sandbox: Sandbox, time: Time
) -> None:
    office = mini()
    sandbox.fault("reset", path=IMPORT, after=True)
    sandbox.fault("errcode", 9009098, path=IMPORT)

    await write(office, "ORDER_IMPORT")
    await deliver_all(office, time)

    (push,) = await office.pushes()
    assert push.state == "REJECTED"
    assert push.last_error is not None
    assert (push.last_error.code, push.last_error.lost) == ("9009098", False)


async def test_one_that_is_never_settled_is_a_dead_letter_that_can_be_retried(
    mini: Replica, sandbox: Sandbox, time: Time
) -> None:
    office = mini()
    sandbox.fault("reset", path=IMPORT, after=True, times=None)
    await write(office, "ORDER_IMPORT")
    time.now += DAY
    await office.dispatcher.deliver_due("mini")

    (push,) = await office.pushes()
    assert push.state == "DEAD"
    assert push.last_error is not None
    assert (push.last_error.endpoint, push.last_error.lost) == ("importorder.add", True)
    sandbox.clear_faults()
    async with office.store.transaction() as transaction:
        await retry_push(office.store, transaction, push.id)
    await deliver_all(office, time)
    assert await office.states() == ["DELIVERED"]
    assert calls(sandbox) == [3, 2, 0]


async def test_without_the_buyer_nothing_is_sent_again(
    mini: Replica, sandbox: Sandbox, time: Time
) -> None:
    office = mini()
    sandbox.fault("reset", path=IMPORT, after=True)
    await write(office, "ORDER_IMPORT")
    await office.store.personal.erase_buyer("mini", PERSONAL.open_id or "")

    await deliver_all(office, time)

    assert await office.states() == ["REJECTED"]
    assert calls(sandbox) == [1, 0, 0]


async def test_a_shop_that_holds_leaves_it_to_a_person(
    mini: Replica, sandbox: Sandbox, time: Time
) -> None:
    office = mini("hold")
    sandbox.fault("reset", path=IMPORT, after=True)

    await write(office, "ORDER_IMPORT")
    await deliver_all(office, time)

    assert await office.states() == ["OUTCOME_UNKNOWN"]
    assert calls(sandbox) == [1, 0, 0]
