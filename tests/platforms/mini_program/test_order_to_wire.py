from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from gateway.ledger.requirements import InvalidForPlatform
from gateway.platform_kit.connection import PlatformClients, ShopConnection
from gateway.platforms.mini_program.endpoints import ADD_ORDER, DELETE_ORDER, UPDATE_ORDER
from gateway.platforms.mini_program.errors import ERRORS
from gateway.platforms.mini_program.mapping.order_to_wire import Brand, changed_order, new_order
from gateway.platforms.mini_program.mapping.outcomes import refusals
from gateway.platforms.mini_program.mapping.status import can_update
from gateway.platforms.mini_program.sandbox.state import MINI
from gateway.platforms.mini_program.wire.order import DeleteOrder, ImportOrders, UpdateOrders
from gateway.store.documents import (
    OrderDocument,
    OrderPersonal,
    PageLink,
    Payment,
    PaymentLine,
    Shipment,
)
from gateway.wechat.tokens import stable_tokens
from schema.order_status import OrderStatus
from tests.fixtures_sandbox import Sandbox
from tests.platforms.mini_program.documents import ITEM, PAID, PARCEL, PERSONAL, SHIPPED
from tests.platforms.mini_program.samples import sample

NOBODY = Brand()
BRAND = Brand(phone="400-111-1111", contact_page="/pages/other")


def tree(wire: msgspec.Struct) -> Any:
    """Answer what is sent, as decoded JSON."""
    return msgspec.json.decode(msgspec.json.encode(wire))


def violations(document: OrderDocument, personal: OrderPersonal = PERSONAL) -> list[str]:
    """Answer the fields for which an order is not fit to be imported."""
    with pytest.raises(InvalidForPlatform) as caught:
        new_order(document, personal, NOBODY)
    return [".".join(violation.path) for violation in caught.value.violations]


def update_violations(document: OrderDocument, personal: OrderPersonal = PERSONAL) -> list[str]:
    with pytest.raises(InvalidForPlatform) as caught:
        changed_order(document, personal)
    return [".".join(violation.path) for violation in caught.value.violations]


def test_an_import_is_the_sample() -> None:
    order = new_order(PAID, PERSONAL, BRAND)

    assert tree(order) == sample("importorder.add.request")["order_list"][0]


def test_an_update_is_the_sample() -> None:
    order = changed_order(SHIPPED, PERSONAL)

    assert tree(order) == sample("importorder.update.request")["order_list"][0]


def test_an_order_that_names_no_brand_takes_the_shops() -> None:
    document = replace(PAID, brand_phone=None, contact_page=None)

    brand = new_order(document, PERSONAL, BRAND).ext_info.brand_info

    assert tree(brand) == {
        "phone": "400-111-1111",
        "contact_detail_page": {"path": "/pages/other"},
    }


@pytest.mark.parametrize(
    ("payment", "method"),
    [
        pytest.param(Payment(method="UNKNOWN", paid=True, paid_at=5), 0, id="unknown"),
        pytest.param(Payment(method="ONLINE", paid=True, paid_at=5), 2, id="online"),
        pytest.param(Payment(method="OTHER", paid=True, paid_at=5), 2, id="other"),
    ],
)
def test_how_it_was_paid(payment: Payment, method: int) -> None:
    order = new_order(replace(PAID, payment=payment), PERSONAL, NOBODY)

    assert (order.ext_info.payment_method, order.pay_finish_time) == (method, 5)
    assert order.trans_id is None


def test_what_is_left_out_is_not_sent() -> None:
    bare = replace(
        ITEM, platform_sku_id=None, list_price=None, images=(), description=None, attributes=()
    )
    document = replace(PAID, items=(bare,), discounts=(), total=2 * 9900 + 500)

    order = tree(new_order(document, OrderPersonal(open_id="buyer"), NOBODY))

    assert "desc" not in order
    assert order["ext_info"].keys() == {
        "product_info",
        "express_info",
        "brand_info",
        "payment_method",
        "user_open_id",
        "order_detail_page",
    }
    assert order["ext_info"]["express_info"] == {"price": 500}
    (line,) = order["ext_info"]["product_info"]["item_list"]
    assert line["sku_id"] == line["item_code"] == ITEM.platform_product_id
    assert line["original_price"] == line["unit_price"] == 9900
    assert line.keys().isdisjoint({"thumb_url", "desc", "stock_attr_info"})


@pytest.mark.parametrize(
    ("changes", "paths"),
    [
        ({"shipping_fee": None}, ["shippingFee", "total"]),
        ({"total": 20201}, ["total"]),
        ({"charges": (PaymentLine(name="包装", amount=1, quantity=1),)}, ["total"]),
        ({"payment": None}, ["payment"]),
        ({"payment": Payment(method="CASH_ON_DELIVERY", paid=False)}, ["payment.paid"]),
        ({"payment": Payment(method="ONLINE", paid=True)}, ["payment.paidAt"]),
        ({"page": None}, ["page.miniProgramPath"]),
        ({"page": PageLink(h5="https://h5")}, ["page.miniProgramPath"]),
        ({"brand_phone": None, "contact_page": None}, ["brandPhone", "contactPage"]),
        ({"items": ()}, ["items", "total"]),
        (
            {"items": (ITEM, replace(ITEM, category_path=())), "total": 2 * 20200 - 400},
            ["items.1.categoryPath"],
        ),
        ({"items": (replace(ITEM, page=None),)}, ["items.0.page.miniProgramPath"]),
        ({"payment": Payment(method="WECHAT_PAY", paid=True, paid_at=5)}, ["payment.reference"]),
        ({"status": "SHIPPED"}, ["shipments"]),
        (
            {"status": "SHIPPED", "shipments": (Shipment(),)},
            [
                "shipments.0.carrierName",
                "shipments.0.trackingNumber",
                "shipments.0.shippedAt",
                "shipments.0.page.miniProgramPath",
                "shipments.0.items",
            ],
        ),
    ],
)
def test_what_an_import_needs(changes: dict[str, Any], paths: list[str]) -> None:
    assert sorted(violations(replace(PAID, **changes))) == sorted(paths)


def test_an_import_needs_the_buyer() -> None:
    assert violations(PAID, OrderPersonal()) == ["openId"]


def test_what_an_update_needs() -> None:
    assert update_violations(replace(SHIPPED, shipping_fee=None)) == ["shippingFee"]
    assert update_violations(replace(SHIPPED, shipments=())) == ["shipments"]
    assert update_violations(SHIPPED, OrderPersonal()) == ["openId"]


def test_a_closed_order_is_updated_without_parcels() -> None:
    document = replace(PAID, status="CLOSED", payment=None, page=None)

    order = changed_order(document, OrderPersonal(open_id="buyer"))

    assert tree(order) == {
        "order_id": "1517713509sample0001",
        "status": 12,
        "ext_info": {"user_open_id": "buyer"},
    }


@pytest.mark.parametrize(
    ("status", "imported", "updated"),
    [
        (OrderStatus.AWAITING_PAYMENT, None, None),
        (OrderStatus.AWAITING_CONFIRMATION, None, None),
        (OrderStatus.CONFIRMED, None, None),
        (OrderStatus.PROCESSING, None, None),
        (OrderStatus.AWAITING_SHIPMENT, 3, None),
        (OrderStatus.PARTIALLY_SHIPPED, None, None),
        (OrderStatus.SHIPPED, 4, 4),
        (OrderStatus.COMPLETED, 100, 100),
        (OrderStatus.CLOSED, None, 12),
        (OrderStatus.REFUNDED, 5, 5),
        (OrderStatus.IN_DISPUTE, None, None),
        (OrderStatus.HIDDEN, None, None),
        (OrderStatus.UNKNOWN, None, None),
    ],
)
def test_every_status(status: OrderStatus, imported: int | None, updated: int | None) -> None:
    document = replace(SHIPPED, status=status.name)

    assert can_update(status.name) is (updated is not None)
    if imported is None:
        assert violations(document) == ["status"]
    else:
        assert new_order(document, PERSONAL, NOBODY).status == imported
    if updated is None:
        assert update_violations(document) == ["status"]
    else:
        assert changed_order(document, PERSONAL).status == updated


def test_a_status_without_a_call_is_not_supported_rather_than_wrong() -> None:
    with pytest.raises(InvalidForPlatform, match="the shopping list has no CLOSED there") as caught:
        new_order(replace(PAID, status="CLOSED"), PERSONAL, NOBODY)

    assert [violation.unsupported for violation in caught.value.violations] == [True]


@pytest.mark.parametrize(
    ("code", "name", "sent"),
    [
        ("2001", None, (2001, "圆通")),
        ("2001", "圆通速递", (2001, "圆通速递")),
        (None, "京东物流", (9999, "京东物流")),
        ("9999", "京东物流", (9999, "京东物流")),
        ("jd", "京东物流", (9999, "京东物流")),
    ],
)
def test_every_parcel_has_a_carrier(
    code: str | None, name: str | None, sent: tuple[int, str]
) -> None:
    parcel = replace(PARCEL, carrier_code=code, carrier_name=name)

    order = new_order(replace(SHIPPED, shipments=(parcel,)), PERSONAL, NOBODY)

    (written,) = order.ext_info.express_info.express_package_info_list
    assert (written.express_company_id, written.express_company_name) == sent


@pytest.fixture
def line(sandbox: Sandbox, clients: PlatformClients) -> ShopConnection:
    tokens = stable_tokens(MINI.app_id, MINI.secret)
    return clients.connect("mini", sandbox.base_url, ERRORS, tokens)


async def test_the_platform_takes_what_is_written(line: ShopConnection, sandbox: Sandbox) -> None:
    imported = ImportOrders(
        is_history=1, is_test=1, order_list=(new_order(PAID, PERSONAL, NOBODY),)
    )
    await line.client.call(ADD_ORDER, imported)
    updated = UpdateOrders(order_list=(changed_order(SHIPPED, PERSONAL),))
    answer = await line.client.call(UPDATE_ORDER, updated)

    assert answer.value.failed == ()
    first, second = sandbox.requests()[-2:]
    assert first["body"] == sample("importorder.add.request")
    assert second["body"] == sample("importorder.update.request")
    query = {name: value for name, value in first["query"].items() if name != "access_token"}
    assert query == {"action": "add-order", "is_history": "1", "is_test": "1"}
    query = {name: value for name, value in second["query"].items() if name != "access_token"}
    assert query == {"action": "update-order", "is_history": "0"}

    await line.client.call(
        DELETE_ORDER, DeleteOrder(user_open_id=PERSONAL.open_id or "", order_id=PAID.platform_id)
    )
    (shop,) = sandbox.shops("mini_program").values()
    assert PAID.platform_id in shop["deleted_orders"]


async def test_an_update_of_an_order_that_is_not_there_names_it(line: ShopConnection) -> None:
    updated = UpdateOrders(order_list=(changed_order(SHIPPED, PERSONAL),))

    answer = (await line.client.call(UPDATE_ORDER, updated)).value

    (refused,) = refusals([PAID.platform_id], answer).values()
    assert (refused.code, refused.passing) == ("10001", False)
