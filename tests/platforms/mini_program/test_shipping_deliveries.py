"""What the outbox reports of shipping, and what follows a refusal or a lost answer."""

import dataclasses
from typing import Any, Final

import pytest
from msgspec.structs import replace

from gateway.ledger.requirements import InvalidForPlatform
from gateway.outbox.message import OrderPayload, OutboxMessage, written
from gateway.ports import Adapter, DeliveryResult, DeliveryStatus
from gateway.store.documents import (
    OrderDocument,
    OrderItem,
    OrderPersonal,
    Payment,
    Shipment,
    ShipmentItem,
    ShippingAddress,
)
from tests.fixtures_sandbox import Sandbox
from tests.platforms.mini_program.documents import PAID, PERSONAL
from tests.platforms.mini_program.samples import sample
from tests.sandbox.calls import ask_mini, import_orders

UPLOAD: Final = "/wxa/sec/order/upload_shipping_info"
LOOK: Final = "/wxa/sec/order/get_order"
CARRIERS: Final = "/cgi-bin/express/delivery/open_msg/get_delivery_list"

CADDY: Final = OrderItem(
    platform_product_id="caddy", title="Tea caddy", quantity=2, unit_price=4600
)
PARCEL: Final = Shipment(
    carrier_code="2011", tracking_number="SF0000000000001", shipped_at=1789997600
)
#: upload_shipping_info.request.json
SHIPPED: Final = OrderDocument(
    platform_id="TEA1",
    status="SHIPPED",
    created_at=1789990000,
    updated_at=1789997600,
    items=(CADDY,),
    total=9200,
    payment=Payment(
        method="WECHAT_PAY",
        paid=True,
        paid_at=1789990055,
        reference="4200000000000000000000000001",
    ),
    shipments=(PARCEL,),
)
BUYER: Final = OrderPersonal(
    open_id="oInvented1", shipping_address=ShippingAddress(mobile="13800000001")
)


def message(
    order: OrderDocument = SHIPPED, personal: OrderPersonal | None = BUYER, *, lost: bool = False
) -> OutboxMessage:
    return OutboxMessage(
        operation="SHIPPING_UPLOAD",
        payload=written(OrderPayload(order=order)),
        personal=personal,
        lost=lost,
    )


def replace_operation(push: OutboxMessage) -> OutboxMessage:
    """The same order as an update."""
    return dataclasses.replace(push, operation="ORDER_UPDATE")


async def deliver(adapter: Adapter, push: OutboxMessage) -> DeliveryResult:
    assert adapter.deliveries is not None
    (result,) = await adapter.deliveries.deliver([push])
    return result


def bodies(sandbox: Sandbox, endpoint: str = UPLOAD) -> list[Any]:
    return [one["body"] for one in sandbox.requests(endpoint)]


@pytest.fixture(autouse=True)
def paid(sandbox: Sandbox) -> None:
    """The buyer has paid by WeChat Pay."""
    (order,) = sample("importorder.add.request")["order_list"]
    order["ext_info"]["user_open_id"] = "oInvented1"
    import_orders(sandbox, "add-order", order | {"order_id": "TEA1"})
    sandbox.clear_log()


def report(adapter: Adapter, order: OrderDocument, personal: OrderPersonal = BUYER) -> Any:
    """The report of an order as it is checked when a mutation is accepted."""
    assert adapter.accepts_orders is not None
    return adapter.accepts_orders.wire_form(message(order, personal)).record


async def test_what_is_sent_is_the_sample(adapter: Adapter, sandbox: Sandbox) -> None:
    sent = await deliver(adapter, message())

    assert sent.result_status is DeliveryStatus.DELIVERED
    assert bodies(sandbox) == [sample("upload_shipping_info.request")]
    assert (sent.request is not None, sent.response is not None) == (True, True)


async def test_a_payment_is_named_by_the_numbers_of_the_merchant(
    adapter: Adapter, sandbox: Sandbox
) -> None:
    payment = Payment(
        method="WECHAT_PAY", paid=True, merchant_id="1900000001", merchant_trade_number="TEA1"
    )

    sent = await deliver(adapter, message(replace(SHIPPED, payment=payment)))

    assert sent.result_status is DeliveryStatus.DELIVERED
    (body,) = bodies(sandbox)
    assert body["order_key"] == {
        "order_number_type": 1,
        "mchid": "1900000001",
        "out_trade_no": "TEA1",
    }


async def test_several_parcels_are_a_split_delivery(adapter: Adapter, sandbox: Sandbox) -> None:
    held = ShipmentItem(platform_product_id="caddy", quantity=1)
    other = Shipment(carrier_name="中通快递", tracking_number="Z1", items=(held,))
    parcels = (replace(PARCEL, items=(held,)), other)

    await deliver(adapter, message(replace(SHIPPED, shipments=parcels)))

    (body,) = bodies(sandbox)
    assert (body["delivery_mode"], body["is_all_delivered"]) == (2, True)
    assert body["shipping_list"] == [
        {
            "tracking_no": "SF0000000000001",
            "express_company": "SF",
            "item_desc": "Tea caddy*1",
            "contact": {"receiver_contact": "138****0001"},
        },
        {"tracking_no": "Z1", "express_company": "ZTO", "item_desc": "Tea caddy*1"},
    ]


def test_a_part_of_an_order_is_a_split_delivery_too(adapter: Adapter) -> None:
    held = ShipmentItem(platform_product_id="caddy", quantity=1)

    made = report(adapter, replace(SHIPPED, shipments=(replace(PARCEL, items=(held,)),)))

    assert (made.delivery_mode, made.is_all_delivered) == (2, False)


async def test_what_needs_no_delivery_is_reported_without_a_parcel(
    adapter: Adapter, sandbox: Sandbox
) -> None:
    sent = await deliver(adapter, message(replace(SHIPPED, shipments=())))

    assert sent.result_status is DeliveryStatus.DELIVERED
    (body,) = bodies(sandbox)
    assert (body["logistics_type"], body["delivery_mode"]) == (3, 1)
    assert body["shipping_list"] == [{"item_desc": "Tea caddy*2"}]
    assert bodies(sandbox, CARRIERS) == []


def test_the_sender_stands_in_for_a_receiver_without_a_number(adapter: Adapter) -> None:
    order = replace(SHIPPED, brand_phone="400-000-1234")

    made = report(adapter, order, OrderPersonal(open_id="oInvented1"))

    assert made.shipping_list[0].contact.consignor_contact == "****1234"


def test_a_long_description_is_cut(adapter: Adapter) -> None:
    made = report(adapter, replace(SHIPPED, items=(replace(CADDY, title="茶" * 130),)))

    assert made.shipping_list[0].item_desc == "茶" * 120


@pytest.mark.parametrize(
    ("order", "personal", "path"),
    [
        (SHIPPED, replace(BUYER, open_id=None), ("openId",)),
        (SHIPPED, OrderPersonal(open_id="o"), ("shippingAddress", "mobile")),
        (replace(SHIPPED, shipments=(PARCEL,) * 16), BUYER, ("shipments",)),
        (
            replace(SHIPPED, shipments=(replace(PARCEL, tracking_number=None),)),
            BUYER,
            ("shipments", "0", "trackingNumber"),
        ),
        (
            replace(SHIPPED, shipments=(Shipment(tracking_number="1"),)),
            BUYER,
            ("shipments", "0", "carrierName"),
        ),
    ],
)
def test_what_the_platform_would_refuse_is_not_sent(
    adapter: Adapter, order: OrderDocument, personal: OrderPersonal, path: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidForPlatform) as refused:
        report(adapter, order, personal)

    assert [one.path for one in refused.value.violations] == [path]


@pytest.mark.parametrize(
    ("payment", "reported"),
    [
        (None, False),
        (Payment(method="WECHAT_PAY", paid=True), False),
        (Payment(method="WECHAT_PAY", paid=False, reference="1"), False),
        (Payment(method="WECHAT_PAY", paid=True, merchant_id="1"), False),
        (Payment(method="WECHAT_PAY", paid=True, reference="1"), True),
    ],
)
def test_a_payment_that_cannot_be_found_is_not_reported(
    adapter: Adapter, payment: Payment | None, *, reported: bool
) -> None:
    assert adapter.accepts_orders is not None

    asked = message(replace(SHIPPED, payment=payment))

    assert adapter.accepts_orders.reports_shipping(asked) is reported


async def test_a_carrier_that_the_platform_does_not_list_is_refused(
    adapter: Adapter, sandbox: Sandbox
) -> None:
    parcel = replace(PARCEL, carrier_code=None, carrier_name="同城跑腿")

    refused = await deliver(adapter, message(replace(SHIPPED, shipments=(parcel,))))

    assert refused.result_status is DeliveryStatus.REJECTED
    assert refused.failure is not None
    assert "has no 同城跑腿" in refused.failure.message
    assert bodies(sandbox) == []


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (-1, DeliveryStatus.AGAIN),
        (10060001, DeliveryStatus.AGAIN),
        (10060012, DeliveryStatus.AGAIN),
        (10060019, DeliveryStatus.AGAIN),
        (10060002, DeliveryStatus.REJECTED),
        (10060003, DeliveryStatus.REJECTED),
        (10060004, DeliveryStatus.REJECTED),
        (10060006, DeliveryStatus.REJECTED),
        (10060023, DeliveryStatus.REJECTED),
        (10060028, DeliveryStatus.REJECTED),
        (268440065, DeliveryStatus.REJECTED),
        (45009, DeliveryStatus.LATER),
    ],
)
async def test_each_refusal_has_its_consequence(
    adapter: Adapter, sandbox: Sandbox, code: int, status: DeliveryStatus
) -> None:
    sandbox.fault("errcode", code, path=UPLOAD)

    refused = await deliver(adapter, message())

    assert (refused.result_status, refused.lost) == (status, False)
    assert refused.failure is not None
    assert refused.failure.platform_code == str(code)
    looked = code in {10060002, 10060003, 10060023, 268440065}
    assert len(bodies(sandbox, LOOK)) == int(looked)


@pytest.mark.parametrize("code", [10060002, 10060003, 10060023, 268440065])
async def test_a_report_that_the_platform_has_already_is_delivered(
    adapter: Adapter, sandbox: Sandbox, code: int
) -> None:
    await deliver(adapter, message())
    sandbox.fault("errcode", code, path=UPLOAD)

    again = await deliver(adapter, message())

    assert again.result_status is DeliveryStatus.DELIVERED
    assert again.response is not None
    assert len(bodies(sandbox, LOOK)) == 1


async def test_a_used_re_shipment_is_told(adapter: Adapter) -> None:
    numbers = ("SF0000000000001", "SF2", "SF3")

    results = [
        await deliver(
            adapter,
            message(replace(SHIPPED, shipments=(replace(PARCEL, tracking_number=number),))),
        )
        for number in numbers
    ]

    statuses = [one.result_status for one in results]
    assert statuses == [DeliveryStatus.DELIVERED] * 2 + [DeliveryStatus.REJECTED]
    assert results[-1].failure is not None
    assert results[-1].failure.platform_code == "10060003"


async def test_a_lost_report_that_arrived_is_not_sent_again(
    adapter: Adapter, sandbox: Sandbox
) -> None:
    sandbox.fault("reset", path=UPLOAD, after=True)
    lost = await deliver(adapter, message())
    assert (lost.result_status, lost.lost) == (DeliveryStatus.AGAIN, True)

    found = await deliver(adapter, message(lost=True))

    assert found.result_status is DeliveryStatus.DELIVERED
    assert (len(bodies(sandbox)), len(bodies(sandbox, LOOK))) == (1, 1)


async def test_a_lost_report_that_did_not_arrive_is_sent_again(
    adapter: Adapter, sandbox: Sandbox
) -> None:
    found = await deliver(adapter, message(lost=True))

    assert found.result_status is DeliveryStatus.DELIVERED
    assert (len(bodies(sandbox, LOOK)), len(bodies(sandbox))) == (1, 1)


async def test_a_lost_report_of_an_unknown_payment_waits(
    adapter: Adapter, sandbox: Sandbox
) -> None:
    payment = Payment(method="WECHAT_PAY", paid=True, reference="unknown")

    waiting = await deliver(adapter, message(replace(SHIPPED, payment=payment), lost=True))

    assert waiting.result_status is DeliveryStatus.AGAIN
    assert (len(bodies(sandbox, LOOK)), len(bodies(sandbox))) == (1, 1)


@pytest.mark.parametrize(
    ("path", "lost"), [(CARRIERS, False), (LOOK, True)], ids=["carriers", "payment"]
)
@pytest.mark.parametrize(
    ("code", "status"),
    [
        (-1, DeliveryStatus.AGAIN),
        (45009, DeliveryStatus.LATER),
        (47001, DeliveryStatus.REJECTED),
    ],
)
async def test_nothing_is_sent_while_what_it_needs_cannot_be_read(
    adapter: Adapter, sandbox: Sandbox, path: str, code: int, status: DeliveryStatus, *, lost: bool
) -> None:
    sandbox.fault("errcode", code, path=path, times=None)

    refused = await deliver(adapter, message(lost=lost))

    assert refused.result_status is status
    assert bodies(sandbox) == []


async def test_a_look_that_fails_after_a_refusal_is_tried_again(
    adapter: Adapter, sandbox: Sandbox
) -> None:
    sandbox.fault("errcode", 10060003, path=UPLOAD)
    sandbox.fault("http_status", 503, path=LOOK, times=None)

    waiting = await deliver(adapter, message())

    assert (waiting.result_status, waiting.lost) == (DeliveryStatus.AGAIN, False)


def test_an_order_that_a_payment_alone_tells_of_is_not_sent(adapter: Adapter) -> None:
    assert adapter.accepts_orders is not None
    alone = replace(SHIPPED, platform_id="4200000000000000000000000001")

    update = replace_operation(message(alone))

    assert adapter.accepts_orders.wire_form(update).record is None
    assert adapter.accepts_orders.reports_shipping(update)


def test_the_shopping_lists_order_is_one_that_is_reported(adapter: Adapter) -> None:
    assert adapter.accepts_orders is not None
    asked = message(PAID, PERSONAL)
    assert adapter.accepts_orders.reports_shipping(asked)


def test_the_sandbox_keeps_what_was_reported(sandbox: Sandbox) -> None:
    told = ask_mini(sandbox, UPLOAD, sample("upload_shipping_info.request"))
    found = ask_mini(sandbox, LOOK, sample("sec.get_order.request"))

    assert told == sample("upload_shipping_info.response")
    assert found["order"]["order_state"] == 2
    (parcel,) = found["order"]["shipping"]["shipping_list"]
    assert (parcel["tracking_no"], parcel["express_company"]) == ("SF0000000000001", "SF")
