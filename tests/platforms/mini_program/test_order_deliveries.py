"""What the outbox sends to the shopping list about orders, and what follows a failure."""

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from gateway.outbox.message import OrderPayload, OutboxMessage, written
from gateway.platform_kit.connection import PlatformClients
from gateway.ports import Adapter, Codes, DeliveryResult, DeliveryStatus
from gateway.registry import build_adapters
from gateway.store.documents import OrderDocument, OrderPersonal
from gateway.store.store import Store
from tests.fixtures_ledger import NOW
from tests.fixtures_sandbox import Sandbox
from tests.platforms.mini_program.conftest import settings
from tests.platforms.mini_program.documents import PAID, PERSONAL, SHIPPED
from tests.platforms.mini_program.samples import sample

PATH = "/mall/importorder"
ADD = f"{PATH}?action=add-order"
CHANGE = f"{PATH}?action=update-order"
REMOVE = "/mall/deleteorder"
DONE = replace(PAID, status="COMPLETED")


def message(
    operation: str,
    order: OrderDocument = PAID,
    *,
    personal: OrderPersonal | None = PERSONAL,
    lost: bool = False,
    replaces: bool = False,
) -> OutboxMessage:
    payload = OrderPayload(order=order, replaces=replaces)
    return OutboxMessage(
        operation=operation, payload=written(payload), personal=personal, lost=lost
    )


async def deliver(adapter: Adapter, *messages: OutboxMessage) -> Sequence[DeliveryResult]:
    assert adapter.deliveries is not None
    assert len({adapter.deliveries.batch(one) for one in messages}) == 1
    return await adapter.deliveries.deliver(messages)


def bodies(sandbox: Sandbox, endpoint: str) -> list[Any]:
    return [one["body"] for one in sandbox.requests(endpoint)]


async def test_what_is_sent_is_the_sample(adapter: Adapter, sandbox: Sandbox) -> None:
    for push in (
        message("ORDER_IMPORT"),
        message("ORDER_UPDATE", SHIPPED),
        message("ORDER_DELETE", SHIPPED),
    ):
        (outcome,) = await deliver(adapter, push)
        assert outcome.result_status is DeliveryStatus.DELIVERED

    assert bodies(sandbox, ADD) == [sample("importorder.add.request")]
    assert bodies(sandbox, CHANGE) == [sample("importorder.update.request")]
    assert bodies(sandbox, REMOVE) == [sample("deleteorder.request")]


async def test_test_data_is_marked(
    sandbox: Sandbox, clients: PlatformClients, ledger: Store
) -> None:
    shop = settings(sandbox.base_url, test_data=True)
    adapter = build_adapters([shop], clients, ledger, lambda: NOW)["mini"]

    await deliver(adapter, message("ORDER_IMPORT", replace(PAID, history=True)))

    (sent,) = sandbox.requests(ADD)
    assert (sent["query"]["is_test"], sent["query"]["is_history"]) == ("1", "1")


@pytest.mark.parametrize(
    ("code", "result_status"),
    [
        (9009099, DeliveryStatus.AGAIN),
        (9009098, DeliveryStatus.REJECTED),
        (9009400, DeliveryStatus.REJECTED),
        (-1, DeliveryStatus.AGAIN),
        (45009, DeliveryStatus.LATER),
        (48001, DeliveryStatus.AGAIN),
    ],
)
async def test_each_refusal_of_the_call_has_its_consequence(
    adapter: Adapter, sandbox: Sandbox, code: int, result_status: DeliveryStatus
) -> None:
    sandbox.fault("errcode", code, path=PATH)

    (outcome,) = await deliver(adapter, message("ORDER_IMPORT"))

    assert (outcome.result_status, outcome.lost) == (result_status, False)
    assert outcome.failure is not None
    assert outcome.failure.platform_code == str(code)


@pytest.mark.parametrize(
    ("code", "result_status"),
    [
        (-1, DeliveryStatus.AGAIN),
        (-2, DeliveryStatus.REJECTED),
        (10001, DeliveryStatus.REJECTED),
        (10002, DeliveryStatus.REJECTED),
    ],
)
async def test_each_refusal_of_an_order_has_its_consequence(
    adapter: Adapter, sandbox: Sandbox, code: int, result_status: DeliveryStatus
) -> None:
    failed = [{"order_id": "other", "error_code": code, "msg": "no"}]
    body = {"errcode": 9009301, "errmsg": "some failed", "fail_order_list": failed}
    sandbox.fault("body", body, path=PATH)

    other = replace(SHIPPED, platform_id="other")
    outcomes = await deliver(
        adapter, message("ORDER_UPDATE", SHIPPED), message("ORDER_STATUS", other)
    )

    assert [outcome.result_status for outcome in outcomes] == [
        DeliveryStatus.DELIVERED,
        result_status,
    ]
    failure = outcomes[1].failure
    assert failure is not None
    assert (failure.platform_code, failure.message) == (str(code), "no")


async def test_a_lost_import_is_asked_for_where_an_update_can_tell(
    adapter: Adapter, sandbox: Sandbox
) -> None:
    sandbox.fault("reset", path=PATH, after=True)
    (lost,) = await deliver(adapter, message("ORDER_IMPORT", DONE))
    assert (lost.result_status, lost.lost) == (DeliveryStatus.AGAIN, True)

    (found,) = await deliver(adapter, message("ORDER_IMPORT", DONE, lost=True))

    assert found.result_status is DeliveryStatus.DELIVERED
    assert (len(bodies(sandbox, ADD)), len(bodies(sandbox, CHANGE))) == (1, 1)


async def test_a_lost_import_that_never_arrived_goes_out_again(
    adapter: Adapter, sandbox: Sandbox
) -> None:
    (found,) = await deliver(adapter, message("ORDER_IMPORT", DONE, lost=True))

    assert found.result_status is DeliveryStatus.DELIVERED
    assert (len(bodies(sandbox, CHANGE)), len(bodies(sandbox, ADD))) == (1, 1)


async def test_asking_for_a_lost_import_can_fail_too(adapter: Adapter, sandbox: Sandbox) -> None:
    sandbox.fault("http_status", 503, path=PATH)

    (outcome,) = await deliver(adapter, message("ORDER_IMPORT", DONE, lost=True))

    assert outcome.result_status is DeliveryStatus.AGAIN
    assert bodies(sandbox, ADD) == []


async def test_a_lost_import_of_a_paid_order_is_left_unknown(
    adapter: Adapter, sandbox: Sandbox
) -> None:
    sandbox.fault("reset", path=PATH, after=True)

    (first,) = await deliver(adapter, message("ORDER_IMPORT"))
    (taken_over,) = await deliver(adapter, message("ORDER_IMPORT", lost=True))

    assert first.result_status is taken_over.result_status is DeliveryStatus.UNKNOWN
    assert (len(bodies(sandbox, ADD)), len(bodies(sandbox, CHANGE))) == (1, 0)


async def test_a_replacing_import_deletes_first(adapter: Adapter, sandbox: Sandbox) -> None:
    await deliver(adapter, message("ORDER_IMPORT"))

    (done,) = await deliver(
        adapter, message("ORDER_IMPORT", replace(PAID, brand_phone="new"), replaces=True)
    )
    (of_none,) = await deliver(
        adapter,
        message("ORDER_IMPORT", replace(PAID, platform_id="other"), replaces=True),
    )

    assert done.result_status is of_none.result_status is DeliveryStatus.DELIVERED
    (shop,) = sandbox.shops("mini_program").values()
    assert shop["orders"][PAID.platform_id]["document"]["ext_info"]["brand_info"]["phone"] == "new"


async def test_a_replacing_import_waits_where_it_cannot_delete(
    adapter: Adapter, sandbox: Sandbox
) -> None:
    sandbox.fault("http_status", 503, path=REMOVE)

    (outcome,) = await deliver(adapter, message("ORDER_IMPORT", replaces=True))

    assert outcome.result_status is DeliveryStatus.AGAIN
    assert bodies(sandbox, ADD) == []


@pytest.mark.parametrize("operation", ["ORDER_IMPORT", "ORDER_UPDATE", "ORDER_DELETE"])
async def test_an_erased_buyers_order_cannot_be_sent(
    adapter: Adapter, sandbox: Sandbox, operation: str
) -> None:
    (outcome,) = await deliver(adapter, message(operation, SHIPPED, personal=None))

    assert outcome.result_status is DeliveryStatus.REJECTED
    assert sandbox.counts() == {}


@pytest.mark.parametrize(
    ("operation", "order", "endpoint"),
    [("ORDER_IMPORT", PAID, ADD), ("ORDER_UPDATE", SHIPPED, CHANGE)],
)
async def test_an_erased_buyers_order_spoils_no_other(
    adapter: Adapter, sandbox: Sandbox, operation: str, order: OrderDocument, endpoint: str
) -> None:
    if operation == "ORDER_UPDATE":
        await deliver(adapter, message("ORDER_IMPORT"))
    other = replace(order, platform_id="other")

    outcomes = await deliver(
        adapter, message(operation, other, personal=None), message(operation, order)
    )

    assert [outcome.result_status for outcome in outcomes] == [
        DeliveryStatus.REJECTED,
        DeliveryStatus.DELIVERED,
    ]
    sent = bodies(sandbox, endpoint)[-1]["order_list"]
    assert [one["order_id"] for one in sent] == [order.platform_id]


@pytest.mark.parametrize(
    ("operation", "order", "endpoint"),
    [("ORDER_IMPORT", PAID, ADD), ("ORDER_UPDATE", SHIPPED, CHANGE)],
)
async def test_a_call_that_is_refused_as_a_whole_is_made_order_by_order(
    adapter: Adapter, sandbox: Sandbox, operation: str, order: OrderDocument, endpoint: str
) -> None:
    orders = [replace(order, platform_id=name) for name in ("a", "b")]
    if operation == "ORDER_UPDATE":
        await deliver(adapter, *(message("ORDER_IMPORT", one) for one in orders))
    # The call of both is refused, and so is that of the first.
    sandbox.fault("errcode", 9009098, path=PATH, times=2)

    outcomes = await deliver(adapter, *(message(operation, one) for one in orders))

    assert [outcome.result_status for outcome in outcomes] == [
        DeliveryStatus.REJECTED,
        DeliveryStatus.DELIVERED,
    ]
    # The sandbox keeps no body of a call that a fault answered.
    *_, both, first, second = bodies(sandbox, endpoint)
    assert both is first is None
    assert [one["order_id"] for one in second["order_list"]] == ["b"]


@pytest.mark.parametrize("kept", [True, False])
async def test_what_a_refused_call_does_not_name_is_imported_once(
    adapter: Adapter, sandbox: Sandbox, *, kept: bool
) -> None:
    failed = [{"order_id": "bad", "error_code": -2, "msg": "no"}]
    body = {"errcode": 9009098, "errmsg": "bad parameters", "fail_order_list": failed}
    sandbox.fault("body", body, path=PATH, after=kept)

    outcomes = await deliver(
        adapter,
        message("ORDER_IMPORT", replace(PAID, platform_id="bad")),
        message("ORDER_IMPORT"),
    )

    assert [outcome.result_status for outcome in outcomes] == [
        DeliveryStatus.REJECTED,
        DeliveryStatus.DELIVERED,
    ]
    (shop,) = sandbox.shops("mini_program").values()
    assert PAID.platform_id in shop["orders"]
    assert len(bodies(sandbox, REMOVE)) == 1
    _, again = bodies(sandbox, ADD)
    assert [one["order_id"] for one in again["order_list"]] == [PAID.platform_id]


async def test_what_a_refused_call_does_not_name_may_have_been_done(
    adapter: Adapter, sandbox: Sandbox
) -> None:
    failed = [{"order_id": "bad", "error_code": -2, "msg": "no"}]
    body = {"errcode": 9009098, "errmsg": "bad parameters", "fail_order_list": failed}
    sandbox.fault("body", body, path=PATH, after=True)
    sandbox.fault("http_status", 503, path=REMOVE)

    _, outcome = await deliver(
        adapter,
        message("ORDER_IMPORT", replace(PAID, platform_id="bad")),
        message("ORDER_IMPORT"),
    )

    assert (outcome.result_status, outcome.lost) == (DeliveryStatus.AGAIN, True)
    assert len(bodies(sandbox, ADD)) == 1


async def test_what_a_refused_update_does_not_name_is_sent_again(
    adapter: Adapter, sandbox: Sandbox
) -> None:
    await deliver(adapter, message("ORDER_IMPORT"))
    failed = [{"order_id": "bad", "error_code": -2, "msg": "no"}]
    body = {"errcode": 9009098, "errmsg": "bad parameters", "fail_order_list": failed}
    sandbox.fault("body", body, path=PATH)

    outcomes = await deliver(
        adapter,
        message("ORDER_UPDATE", replace(SHIPPED, platform_id="bad")),
        message("ORDER_UPDATE", SHIPPED),
    )

    assert [outcome.result_status for outcome in outcomes] == [
        DeliveryStatus.REJECTED,
        DeliveryStatus.DELIVERED,
    ]
    (shop,) = sandbox.shops("mini_program").values()
    assert shop["orders"][PAID.platform_id]["document"]["status"] == 4


@pytest.mark.parametrize("order", [PAID, DONE])
async def test_a_replacing_import_whose_answer_is_lost_replaces_again(
    adapter: Adapter, sandbox: Sandbox, order: OrderDocument
) -> None:
    await deliver(adapter, message("ORDER_IMPORT", replace(order, brand_phone="old")))
    new = replace(order, brand_phone="new")
    sandbox.fault("reset", path=PATH, after=True)

    (lost,) = await deliver(adapter, message("ORDER_IMPORT", new, replaces=True))
    # As of one that was killed before it could delete anything, too.
    (again,) = await deliver(adapter, message("ORDER_IMPORT", new, replaces=True, lost=True))

    assert (lost.result_status, lost.lost) == (DeliveryStatus.AGAIN, True)
    assert again.result_status is DeliveryStatus.DELIVERED
    assert bodies(sandbox, CHANGE) == []
    assert len(bodies(sandbox, REMOVE)) == 2
    (shop,) = sandbox.shops("mini_program").values()
    assert shop["orders"][PAID.platform_id]["document"]["ext_info"]["brand_info"]["phone"] == "new"


def test_what_goes_out_together(adapter: Adapter) -> None:
    assert adapter.deliveries is not None
    batch = adapter.deliveries.batch
    assert batch(message("ORDER_IMPORT")).most == 10
    assert batch(message("ORDER_IMPORT")) != batch(
        message("ORDER_IMPORT", replace(PAID, history=True))
    )
    assert batch(message("ORDER_UPDATE", SHIPPED)) == batch(message("ORDER_STATUS", SHIPPED))
    alone = (
        message("ORDER_IMPORT", lost=True),
        message("ORDER_IMPORT", replaces=True),
        message("ORDER_DELETE"),
    )
    assert [batch(one).most for one in alone] == [1, 1, 1]


def test_the_code_is_told_beforehand(adapter: Adapter) -> None:
    writes = adapter.accepts_orders
    assert writes is not None
    assert writes.wire_form(message("ORDER_IMPORT")).codes == Codes("3")
    assert writes.wire_form(message("ORDER_STATUS", replace(PAID, status="CLOSED"))).codes == Codes(
        "12"
    )
