"""What the outbox sends to Baidu: the manual's samples, and what follows a failure."""

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from gateway.ledger.requirements import InvalidForPlatform
from gateway.outbox.message import OrderPayload, OutboxMessage, written
from gateway.platform_kit.connection import PlatformClients
from gateway.platforms.baidu import endpoints
from gateway.platforms.baidu.sandbox.state import SWAN as ACCOUNT
from gateway.ports import Adapter, BatchKey, Codes, DeliveryResult, DeliveryStatus
from gateway.registry import build_adapters
from gateway.store.documents import (
    AfterSaleDocument,
    OrderDocument,
    OrderPersonal,
    PageLink,
    Shipment,
)
from gateway.store.store import Store
from gateway.upstream.endpoint import Endpoint
from tests.fixtures_ledger import NOW
from tests.fixtures_sandbox import Sandbox
from tests.platforms.baidu.conftest import settings
from tests.platforms.baidu.documents import AFTER_SALE, ORDER, SWAN
from tests.platforms.baidu.samples import sample

BUYER = OrderPersonal(open_id="buyer")
#: A buyer who is not logged in.
GUEST = OrderPersonal(swan_id="guest")
#: As the samples of the updates have the pages.
CHANGED = replace(
    ORDER,
    kind="VIRTUAL",
    title=None,
    updated_at=None,
    page=PageLink(state="SHOWN_AND_OPENS", name="", h5="", swan=SWAN, ios="", android=""),
    review_page=PageLink(state="HIDDEN", name="", h5="", swan="", ios="", android=""),
)


def message(
    operation: str,
    order: OrderDocument = ORDER,
    after_sales: Sequence[AfterSaleDocument] = (),
    *,
    personal: OrderPersonal | None = BUYER,
    lost: bool = False,
) -> OutboxMessage:
    """Answer a push about an order and all of these after-sales."""
    payload = OrderPayload(
        order=order,
        after_sales=tuple(after_sales),
        named=tuple(one.platform_id for one in after_sales),
    )
    return OutboxMessage(
        operation=operation, payload=written(payload), personal=personal, lost=lost
    )


async def deliver(adapter: Adapter, *messages: OutboxMessage) -> list[DeliveryResult]:
    assert adapter.deliveries is not None
    return list(await adapter.deliveries.deliver(messages))


async def fates(adapter: Adapter, *messages: OutboxMessage) -> list[DeliveryStatus]:
    return [outcome.result_status for outcome in await deliver(adapter, *messages)]


def body(sandbox: Sandbox, path: str) -> Any:
    """Answer the body of the one request of a path."""
    (sent,) = sandbox.requests(path)
    assert sent["query"]["open_id"] == "buyer"
    return sent["body"]


async def test_an_import_is_the_sample(adapter: Adapter, sandbox: Sandbox) -> None:
    assert await fates(adapter, message("ORDER_IMPORT", ORDER, [AFTER_SALE])) == [
        DeliveryStatus.DELIVERED
    ]

    assert body(sandbox, endpoints.ADD_ORDER.path) == sample("add.main.info.request")


async def test_an_update_is_the_sample(adapter: Adapter, sandbox: Sandbox) -> None:
    await deliver(adapter, message("ORDER_IMPORT"))

    assert await fates(adapter, message("ORDER_UPDATE", CHANGED)) == [DeliveryStatus.DELIVERED]

    assert body(sandbox, endpoints.UPDATE_ORDER.path) == sample("update.main.info.request")


async def test_statuses_are_the_sample_and_each_has_its_outcome(
    adapter: Adapter, sandbox: Sandbox
) -> None:
    await deliver(adapter, message("ORDER_IMPORT"))
    other = replace(CHANGED, platform_id="3221554346520")

    outcomes = await deliver(
        adapter, message("ORDER_STATUS", CHANGED), message("ORDER_STATUS", other)
    )

    assert body(sandbox, endpoints.UPDATE_ORDER_STATUS.path) == sample("update.main.status.request")
    assert [outcome.result_status for outcome in outcomes] == [
        DeliveryStatus.DELIVERED,
        DeliveryStatus.REJECTED,
    ]
    failure = outcomes[1].failure
    assert failure is not None
    assert (failure.endpoint, failure.message) == (
        "update.main.status",
        "nothing was changed (rows_affected 0)",
    )


async def test_appended_after_sales_are_the_sample(adapter: Adapter, sandbox: Sandbox) -> None:
    await deliver(adapter, message("ORDER_IMPORT"))

    appended = message("AFTER_SALE_IMPORT", CHANGED, [AFTER_SALE])
    assert await fates(adapter, appended) == [DeliveryStatus.DELIVERED]

    assert body(sandbox, endpoints.APPEND_AFTER_SALES.path) == sample("append.sub.info.request")


async def test_replaced_after_sales_are_the_sample(adapter: Adapter, sandbox: Sandbox) -> None:
    await deliver(adapter, message("ORDER_IMPORT", ORDER, [AFTER_SALE]))

    processing = replace(AFTER_SALE, status="PROCESSING")
    replaced = message("AFTER_SALE_UPDATE", CHANGED, [processing])
    assert await fates(adapter, replaced) == [DeliveryStatus.DELIVERED]

    assert body(sandbox, endpoints.UPDATE_AFTER_SALES.path) == sample("update.sub.info.request")


async def test_statuses_of_after_sales_are_the_sample(adapter: Adapter, sandbox: Sandbox) -> None:
    refunded = replace(AFTER_SALE, status="REFUNDED")
    both = [refunded, replace(refunded, platform_id="another")]
    await deliver(adapter, message("ORDER_IMPORT", ORDER, both))

    assert await fates(adapter, message("AFTER_SALE_STATUS", CHANGED, both)) == [
        DeliveryStatus.DELIVERED
    ]

    path = endpoints.UPDATE_AFTER_SALE_STATUS.path
    assert body(sandbox, path) == sample("update.sub.status.request")


async def test_a_lost_append_imports_the_whole_order_anew(
    adapter: Adapter, sandbox: Sandbox
) -> None:
    await deliver(adapter, message("ORDER_IMPORT"))
    sandbox.fault("reset", path=endpoints.APPEND_AFTER_SALES.path, after=True)

    (outcome,) = await deliver(adapter, message("AFTER_SALE_IMPORT", ORDER, [AFTER_SALE]))
    assert (outcome.result_status, outcome.lost) == (DeliveryStatus.AGAIN, True)
    again = message("AFTER_SALE_IMPORT", ORDER, [AFTER_SALE], lost=True)
    assert await fates(adapter, again) == [DeliveryStatus.DELIVERED]

    (shop,) = sandbox.shops("baidu").values()
    subs = shop["orders"][ORDER.platform_id]["subs"]
    assert [item["SubOrderID"] for item in subs["Items"]] == ["onlyOne"]


async def test_a_lost_import_is_simply_repeated(adapter: Adapter, sandbox: Sandbox) -> None:
    sandbox.fault("reset", path=endpoints.ADD_ORDER.path, after=True)

    (outcome,) = await deliver(adapter, message("ORDER_IMPORT"))

    assert (outcome.result_status, outcome.lost) == (DeliveryStatus.AGAIN, False)
    assert await fates(adapter, message("ORDER_IMPORT", lost=True)) == [DeliveryStatus.DELIVERED]


@pytest.mark.parametrize(
    ("operation", "endpoint"),
    [
        ("ORDER_IMPORT", endpoints.ADD_ORDER),
        ("ORDER_UPDATE", endpoints.UPDATE_ORDER),
        ("ORDER_STATUS", endpoints.UPDATE_ORDER_STATUS),
        ("ORDER_DELETE", endpoints.UPDATE_ORDER_STATUS),
        ("AFTER_SALE_IMPORT", endpoints.APPEND_AFTER_SALES),
        ("AFTER_SALE_UPDATE", endpoints.UPDATE_AFTER_SALES),
        ("AFTER_SALE_STATUS", endpoints.UPDATE_AFTER_SALE_STATUS),
    ],
)
async def test_every_call_names_a_buyer_who_is_not_logged_in_by_the_swan_id(
    adapter: Adapter, sandbox: Sandbox, operation: str, endpoint: Endpoint[Any, Any]
) -> None:
    await deliver(adapter, message("ORDER_IMPORT", ORDER, [AFTER_SALE]))

    sent = message(operation, ORDER, [AFTER_SALE], personal=GUEST)
    assert await fates(adapter, sent) == [DeliveryStatus.DELIVERED]

    query = sandbox.requests(endpoint.path)[-1]["query"]
    assert query | {"access_token": ""} == {"access_token": "", "swan_id": "guest"}


async def test_statuses_of_a_buyer_who_is_not_logged_in_go_out_together(
    adapter: Adapter, sandbox: Sandbox
) -> None:
    other = replace(ORDER, platform_id="3221554346520")
    for order in (ORDER, other):
        await deliver(adapter, message("ORDER_IMPORT", order, personal=GUEST))

    both = [message("ORDER_STATUS", order, personal=GUEST) for order in (ORDER, other)]
    assert await fates(adapter, *both) == [DeliveryStatus.DELIVERED] * 2

    (sent,) = sandbox.requests(endpoints.UPDATE_ORDER_STATUS.path)
    assert len(sent["body"]["Data"]) == 2
    assert (sent["query"]["swan_id"], sent["query"].get("open_id")) == ("guest", None)


@pytest.mark.parametrize("operation", ["ORDER_IMPORT", "ORDER_STATUS", "ORDER_DELETE"])
async def test_an_erased_buyers_order_cannot_be_sent(
    adapter: Adapter, sandbox: Sandbox, operation: str
) -> None:
    assert await fates(adapter, message(operation, personal=None)) == [DeliveryStatus.REJECTED]

    assert sandbox.counts() == {}


@pytest.mark.parametrize("operation", ["ORDER_IMPORT", "ORDER_STATUS"])
async def test_what_became_unfit_meanwhile_is_refused(
    adapter: Adapter, sandbox: Sandbox, operation: str
) -> None:
    unfit = message(operation, replace(ORDER, status="REFUNDED"))

    (outcome,) = await deliver(adapter, unfit)

    assert outcome.result_status is DeliveryStatus.REJECTED
    assert outcome.failure is not None
    assert "REFUNDED" in outcome.failure.message
    assert sandbox.counts() == {}


async def test_statuses_fail_together_where_the_call_does(
    adapter: Adapter, sandbox: Sandbox
) -> None:
    sandbox.fault("errcode", 4, path=endpoints.UPDATE_ORDER_STATUS.path)

    assert await fates(adapter, message("ORDER_STATUS"), message("ORDER_DELETE")) == [
        DeliveryStatus.LATER,
        DeliveryStatus.LATER,
    ]


async def test_what_later_versions_want_is_sent_where_it_is_configured(
    sandbox: Sandbox, clients: PlatformClients, ledger: Store
) -> None:
    assert ORDER.payment is not None
    paid = replace(ORDER, payment=replace(ORDER.payment, reference="cash-intake-1"))
    shop = settings(sandbox.base_url, scene_type=2, pm_app_key="pm")
    adapter = build_adapters([shop], clients, ledger, lambda: NOW)["swan"]

    await deliver(adapter, message("ORDER_IMPORT", paid))

    (sent,) = sandbox.requests(endpoints.ADD_ORDER.path)
    assert sent["query"] | {"access_token": ""} == {
        "access_token": "",
        "open_id": "buyer",
        "scene_id": "cash-intake-1",
        "scene_type": "2",
        "pm_app_key": "pm",
    }


async def test_the_path_of_after_sales_statuses_can_be_set(
    sandbox: Sandbox, clients: PlatformClients, ledger: Store
) -> None:
    shop = settings(sandbox.base_url, after_sale_status_path="app/update/sub/status")
    adapter = build_adapters([shop], clients, ledger, lambda: NOW)["swan"]
    await deliver(adapter, message("ORDER_IMPORT", ORDER, [AFTER_SALE]))

    await deliver(adapter, message("AFTER_SALE_STATUS", ORDER, [AFTER_SALE]))

    assert sandbox.counts()["/rest/2.0/smartapp/app/update/sub/status"] == 1


@pytest.mark.parametrize(
    "operation", ["AFTER_SALE_IMPORT", "AFTER_SALE_UPDATE", "AFTER_SALE_STATUS"]
)
async def test_after_sales_are_an_array_or_an_object_as_configured(
    operation: str, sandbox: Sandbox, clients: PlatformClients, ledger: Store
) -> None:
    await deliver(
        build_adapters([settings(sandbox.base_url)], clients, ledger, lambda: NOW)["swan"],
        message("ORDER_IMPORT", ORDER, [AFTER_SALE]),
    )
    forms = []
    for form in ("array", "object"):
        shop = settings(sandbox.base_url, data_form=form)
        adapter = build_adapters([shop], clients, ledger, lambda: NOW)["swan"]
        sandbox.clear_log()
        await deliver(adapter, message(operation, ORDER, [AFTER_SALE]))
        forms.append(sandbox.requests()[-1]["body"]["Data"])

    listed, alone = forms
    assert listed == [alone]
    assert alone["ResourceID"] == ORDER.platform_id


SHIPPED = replace(
    ORDER,
    shipments=(
        Shipment(carrier_code="SFEXPRESS", carrier_name="顺丰速运", tracking_number="SF1"),
        Shipment(carrier_name="某某快递", tracking_number="X2"),
    ),
)
PARCELS = [
    {"ID": "SF1", "Name": "顺丰速运", "Code": "SFEXPRESS", "Type": 1, "Status": 0},
    {"ID": "X2", "Name": "某某快递", "Code": "", "Type": 1, "Status": 0},
]
LOGISTICS = "/rest/2.0/smartapp/ordercenter/app/add/main/logistics"


async def with_parcels(
    parcels: str, sandbox: Sandbox, clients: PlatformClients, ledger: Store
) -> Adapter:
    """A shop that sends parcels so."""
    shop = settings(sandbox.base_url, parcels=parcels)
    return build_adapters([shop], clients, ledger, lambda: NOW)["swan"]


@pytest.mark.parametrize("operation", ["ORDER_IMPORT", "ORDER_UPDATE"])
async def test_parcels_are_part_of_the_order(
    operation: str, sandbox: Sandbox, clients: PlatformClients, ledger: Store
) -> None:
    adapter = await with_parcels("express", sandbox, clients, ledger)
    await deliver(adapter, message("ORDER_IMPORT", ORDER))

    (result,) = await deliver(adapter, message(operation, SHIPPED))

    assert result.result_status is DeliveryStatus.DELIVERED
    sent = sandbox.requests()[-1]["body"]["Data"][0]["EXT"]["MainOrder"]
    assert sent["Express"] == PARCELS


@pytest.mark.parametrize("operation", ["ORDER_IMPORT", "ORDER_UPDATE"])
async def test_parcels_follow_the_order_by_a_call_of_their_own(
    operation: str, sandbox: Sandbox, clients: PlatformClients, ledger: Store
) -> None:
    adapter = await with_parcels("logistics", sandbox, clients, ledger)
    await deliver(adapter, message("ORDER_IMPORT", ORDER))

    (result,) = await deliver(adapter, message(operation, SHIPPED))

    assert result.result_status is DeliveryStatus.DELIVERED
    sent = [one["body"]["Data"][0] for one in sandbox.requests(LOGISTICS)]
    assert [record["EXT"]["MainOrder"]["Express"] for record in sent] == PARCELS
    (shop,) = sandbox.shops("baidu").values()
    kept = shop["orders"][ORDER.platform_id]["main"]["EXT"]["MainOrder"]
    assert kept["Express"] == PARCELS


async def test_a_parcel_that_is_not_taken_is_refused(
    sandbox: Sandbox, clients: PlatformClients, ledger: Store
) -> None:
    adapter = await with_parcels("logistics", sandbox, clients, ledger)
    sandbox.fault("errno", 72001, path=LOGISTICS)

    (result,) = await deliver(adapter, message("ORDER_IMPORT", SHIPPED))

    assert result.result_status is DeliveryStatus.REJECTED
    assert result.failure is not None
    assert (result.failure.endpoint, result.failure.platform_code) == (
        "add.main.logistics",
        "72001",
    )


@pytest.mark.parametrize("parcels", ["express", "logistics"])
async def test_a_parcel_needs_its_number(
    parcels: str, sandbox: Sandbox, clients: PlatformClients, ledger: Store
) -> None:
    adapter = await with_parcels(parcels, sandbox, clients, ledger)
    order = replace(ORDER, shipments=(Shipment(carrier_name="顺丰速运"),))

    (result,) = await deliver(adapter, message("ORDER_IMPORT", order))

    assert result.result_status is DeliveryStatus.REJECTED
    assert "trackingNumber" in str(result.failure)
    assert sandbox.requests(LOGISTICS) == []


async def test_what_goes_out_together(adapter: Adapter) -> None:
    assert adapter.deliveries is not None
    batch = adapter.deliveries.batch
    assert batch(message("ORDER_IMPORT")).most == 1
    assert (
        batch(message("ORDER_STATUS"))
        == batch(message("ORDER_DELETE"))
        == BatchKey(("statuses", "buyer", ""), 20)
    )
    others = [
        OrderPersonal(open_id="another"),
        OrderPersonal(swan_id="buyer"),
        OrderPersonal(swan_id="another"),
    ]
    keys = [batch(message("ORDER_STATUS", personal=one)) for one in (BUYER, *others)]
    assert len(set(keys)) == len(keys)


async def test_the_codes_are_told_beforehand(adapter: Adapter) -> None:
    writes = adapter.accepts_orders
    assert writes is not None
    assert writes.wire_form(message("ORDER_IMPORT", ORDER, [AFTER_SALE])).codes == Codes(
        "200", ("400",)
    )
    assert writes.wire_form(message("ORDER_UPDATE", CHANGED)).codes == Codes("200")
    assert writes.wire_form(
        message("ORDER_STATUS", replace(ORDER, status="SHIPPED"))
    ).codes == Codes("6")
    with pytest.raises(InvalidForPlatform, match="total: "):
        writes.wire_form(message("ORDER_IMPORT", replace(ORDER, total=1)))
    with pytest.raises(InvalidForPlatform, match="openId: Baidu needs it"):
        writes.wire_form(message("ORDER_STATUS", personal=None))
    assert ACCOUNT.app_id == "a392qXwK8L5GDUWhFoC01cKwoy7tmehg"
