"""Every field of every platform's requests can be given by the API, and is seen on the wire."""

from importlib import import_module
from pathlib import Path
from typing import Any, Final

from gateway.registry import PLATFORMS
from gateway.upstream.endpoint import Endpoint
from schema.key import Key
from tests.e2e.mutations import run, told
from tests.e2e.order_samples import DELETE, IMPORT, SET_STATUS, UPDATE, baidu_order, mini_order
from tests.e2e.product_samples import CREATE, given, new_product
from tests.e2e.product_samples import UPDATE as UPDATE_PRODUCT
from tests.e2e.request_fields import fields_of, fields_seen
from tests.e2e.storefront_samples import SHIP, UPDATE_SHELF, id_of, new_shelf
from tests.e2e.test_after_sale_writes import IMPORT_THEM, named, refund
from tests.e2e.test_after_sale_writes import SET_STATUS as SET_AFTER_SALE_STATUS
from tests.e2e.test_after_sale_writes import UPDATE as UPDATE_AFTER_SALE
from tests.e2e.test_every_read import READS
from tests.e2e.test_product_status import DELETE as DELETE_PRODUCT
from tests.e2e.test_product_status import SET_STATUS as LIST_PRODUCTS
from tests.e2e.test_shipping_reports import SET_PAGE as SET_ORDER_PAGE
from tests.e2e.test_stock import ADJUST
from tests.e2e.test_storefront_writes import PRINTED_ORDER, WRITES
from tests.e2e.test_wanted_items import (
    BUYER,
    CLEAR,
    SET_PATH,
    SYNC_PRODUCTS,
    TAKE_OFF,
    line,
    product,
)
from tests.e2e.test_wanted_items import IMPORT as IMPORT_WANTED
from tests.e2e.uploads import PNG, upload
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve
from tests.inbox.test_webhooks import shops

#: Fields that hold no others: the manuals' own, and those of later versions of the platforms.
FIELDS: Final = 514
#: Calls that `gateway doctor` and background tasks make, and no field.
BY_ITSELF: Final = {"is_trade_managed", "get_order_list"}
PAGE: Final = {
    "state": "SHOWN_AND_OPENS",
    "name": "详情",
    "h5": "https://example.com/1",
    "swan": "baiduboxapp://swan/x",
    "ios": "app://1",
    "android": "app://1",
    "miniProgramPath": "/pages/1",
}
LINES: Final = [{"name": "优惠", "amount": {"fen": 1}, "quantity": 1}]
PAID: Final = {"paid": True, "paidAt": "2024-01-31T08:01:00+08:00"}


def _rows() -> list[Endpoint[Any, Any]]:
    """The calls of all platforms but the one whose rooms have tests of their own."""
    tables = [
        import_module(f"gateway.platforms.{platform.name}.endpoints")
        for platform in PLATFORMS
        if platform.name != "weixin_store"
    ]
    rows = [row for table in tables for row in table.ENDPOINTS]
    return [row for row in rows if row.name not in BY_ITSELF]


async def _ask_the_store(gateway: Client) -> None:
    for read in READS:
        await gateway.ask(f"{{ {read.query} }}", headers={"Cache-Control": "no-cache"})
    created = (await gateway.ask(CREATE, new_product())).data["productCreate"]["product"]
    template = {"delivery": {"templateId": id_of("DeliveryTemplate", 123456)}}
    for more in ({}, template):
        await gateway.ask(CREATE, new_product(**more))
        await gateway.ask(
            UPDATE_PRODUCT, {"input": {"id": created["id"], **given("create"), **more}}
        )
    for delta in (1, -1):
        await gateway.ask(ADJUST, {"id": created["skus"][0]["id"], "delta": delta})
    await gateway.ask(LIST_PRODUCTS, {"ids": [created["id"]], "status": "ON_SHELF"})
    await gateway.ask(DELETE_PRODUCT, {"id": created["id"]})
    await gateway.ask(
        "{ orders(filter: {statuses: [SHIPPED]"
        ', createdFrom: "2026-01-01T00:00:00Z", createdTo: "2026-01-02T00:00:00Z"}) {'
        " totalCount } }"
    )
    # What they delete is there until then.
    for write in sorted(WRITES, key=lambda one: one.endpoint.endswith(".del")):
        if write.endpoint != "order.setdelivery":
            done = (await gateway.ask(write.mutation, write.variables)).data["done"]
            assert told(done) == [], write.endpoint
    cover = new_shelf("shelf.add.cover")
    changed = {name: cover[name] for name in ("name", "banner", "modules")}
    await gateway.ask(UPDATE_SHELF, {"input": {"id": id_of("Shelf", 12345), **changed}})
    parcel = {"id": id_of("Order", PRINTED_ORDER), "otherCarrier": "京东物流"}
    await gateway.ask(SHIP, {"input": {**parcel, "trackingNumber": "1"}})
    await upload(gateway, PNG)


def _line(**more: Any) -> dict[str, Any]:
    return {
        "platformProductId": "1014093064",
        "platformSkuId": "s1",
        "title": "红将军",
        "description": "脆甜",
        "quantity": 1,
        "unitPrice": {"fen": 100},
        "listPrice": {"fen": 200},
        "images": ["https://example.com/1.jpeg"],
        "attributes": [{"name": "规格", "value": "5斤"}],
        "categoryPath": ["水果"],
        "page": PAGE,
        **more,
    }


def _order(make: Any, name: str, **more: Any) -> dict[str, Any]:
    whole = {
        "items": [_line()],
        "total": {"fen": 100},
        "shippingFee": {"fen": 0},
        "discounts": LINES,
        "charges": LINES,
        "page": PAGE,
        "reviewPage": PAGE,
        "remark": "轻放",
        "payment": {"method": "WECHAT_PAY", "reference": "42", **PAID},
    }
    order: dict[str, Any] = make(name, **whole | more)
    return order


def _shipped(name: str, **more: Any) -> dict[str, Any]:
    """An order of Baidu in a parcel."""
    parcel = {"carrierCode": "SFEXPRESS", "carrierName": "顺丰速运", "trackingNumber": "SF1"}
    return _order(baidu_order, name, status="SHIPPED", shipments=[parcel], **more)


async def _ask_baidu(gateway: Client) -> None:
    paid = {"amount": {"fen": 10}, "method": "ONLINE", "discounts": LINES, "charges": LINES, **PAID}
    returned = {"platformProductId": "1014093064", "quantity": 1, "refund": {"fen": 10}}
    after_sale = {"items": [{**returned, "payment": paid}], "page": PAGE}
    first = _shipped("B1", afterSales=[refund("a1", **after_sale)])
    guest = _shipped("B2", openId=None, swanId="guest-1")
    for order in (first, guest):
        assert told(await run(gateway, IMPORT, order)) == []
    for name in ("B1", "B2"):
        order = {"id": Key("Order", "swan", name).encode()}
        changes = {
            name: first[name] for name in ("title", "items", "reviewPage", "page", "payment")
        }
        created = {"createdAt": "2024-01-30T08:00:00+08:00", "updatedAt": "2024-02-01T08:00:00Z"}
        more = {name: first[name] for name in ("discounts", "charges", "shippingFee", "total")}
        assert told(await run(gateway, UPDATE, {**order, **changes, **created, **more})) == []
        assert told(await run(gateway, SET_STATUS, [{**order, "status": "SHIPPED"}])) == []
        given = {"orderId": order["id"], "afterSales": [refund("a2", **after_sale)]}
        assert told(await run(gateway, IMPORT_THEM, given)) == []
        sale = {"id": named("a2", name)}
        assert told(await run(gateway, UPDATE_AFTER_SALE, {**sale, **after_sale})) == []
        status = [{**sale, "status": "PROCESSING"}]
        assert told(await run(gateway, SET_AFTER_SALE_STATUS, status)) == []


async def _ask_the_mini_program(gateway: Client) -> None:
    address = {
        "name": "张三",
        "nationalCode": "440105",
        "country": "中国",
        "province": "广东省",
        "city": "广州市",
        "district": "海珠区",
        "street": "新港中路397号",
        "mobile": "13800138000",
    }
    parcel = {
        "carrierCode": "2011",
        "trackingNumber": "SF1",
        "shippedAt": "2024-02-01T08:00:00+08:00",
        "page": PAGE,
        "items": [{"platformProductId": "1014093064", "platformSkuId": "s1"}],
    }
    invoice = {
        "type": "COMPANY",
        "title": "公司",
        "taxNumber": "91440101",
        "companyAddress": "广州",
        "telephone": "020-1",
        "bankName": "银行",
        "bankAccount": "6222",
        "page": PAGE,
    }
    more = {"shippingAddress": address, "shipments": [parcel], "invoice": invoice}
    shipped = _order(mini_order, "M1", status="SHIPPED", **more)
    assert told(await run(gateway, IMPORT, shipped)) == []
    assert told(await run(gateway, IMPORT, _order(mini_order, "M2", history=True))) == []
    order = {"id": Key("Order", "mini", "M1").encode()}
    update = {**order, "status": "COMPLETED", "page": PAGE, **more}
    assert told(await run(gateway, UPDATE, update)) == []
    assert told(await run(gateway, DELETE, order["id"])) == []
    await _report_shipping(gateway, address)
    wanted = line("s1", description="棉", listPrice={"fen": 1}, version=1, skuVersion=1)
    wanted["productAttributes"] = [{"name": "材质", "value": "棉"}]
    await gateway.ask(
        IMPORT_WANTED, {"input": {"shop": "mini", "openId": BUYER, "items": [wanted]}}
    )
    key = {"platformProductId": "p1", "platformSkuId": "s1"}
    await gateway.ask(TAKE_OFF, {"openId": BUYER, "items": [key]})
    await gateway.ask(CLEAR, {"openId": BUYER})
    sku = {
        "platformId": "s1",
        "price": {"fen": 1},
        "listPrice": {"fen": 2},
        "status": "ON_SALE",
        "version": 1,
        "attributes": [{"name": "尺码", "value": "L"}],
    }
    synced = product(description="棉", version=1, skus=[sku])
    synced["productAttributes"] = [{"name": "材质", "value": "棉"}]
    await gateway.ask(SYNC_PRODUCTS, {"input": {"shop": "mini", "products": [synced]}})
    await gateway.ask(SET_PATH, {"shop": "mini", "path": "/pages/cart"})
    page = {"shop": "mini", "path": "/pages/order?id=${商品订单号}"}
    await gateway.ask(SET_ORDER_PAGE, page)
    await gateway.ask('{ partnerOrder(shop: "mini", partnerAppId: "wx1", platformId: "1") { id } }')


async def _report_shipping(gateway: Client, address: dict[str, str]) -> None:
    """By both keys of a payment, in two parcels, with each number that SF takes."""
    numbers = {"merchantId": "1900000001", "merchantTradeNumber": "M1"}
    unnamed = {"payment": {"method": "OTHER", **PAID, **numbers}}
    two = {"items": [_line(quantity=2)], "total": {"fen": 200}}
    for name, more in (("M3", {"shippingAddress": address}), ("M4", unnamed)):
        assert told(await run(gateway, IMPORT, _order(mini_order, name, **two, **more))) == []
        order = {"id": Key("Order", "mini", name).encode()}
        found = await gateway.ask("query($id: ID!) { order(id: $id) { items { id } } }", order)
        held = [{"itemId": found.data["order"]["items"][0]["id"], "quantity": 1}]
        parcels = [
            {"carrier": "sf", "trackingNumber": number, "items": held} for number in ("SF1", "SF2")
        ]
        # The same report once more changes nothing, and the payment is looked at.
        for correct in (False, True):
            given = {**order, "parcels": parcels, "correct": correct}
            assert told((await gateway.ask(SHIP, {"input": given})).data["done"]) == []


async def test_every_field_of_every_request_is_seen_on_the_wire(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    later: dict[str, dict[str, Any]] = {
        "baidu": {"scene_type": 2, "pm_app_key": "pm", "parcels": "express"},
        "mini_program": {"test_data": True, "list_query": True},
        "wechat_store": {},
    }
    served = [shop | later[shop["platform"]] for shop in shops(sandbox, tmp_path)]
    by_calls = [
        shop | ({"parcels": "logistics"} if shop["platform"] == "baidu" else {}) for shop in served
    ]
    sandbox.set_order_status(PRINTED_ORDER, 2)
    async with serve(shops=served) as gateway:
        await _ask_the_store(gateway)
        await _ask_baidu(gateway)
        await _ask_the_mini_program(gateway)
    async with serve(shops=by_calls) as gateway:
        for order in (_shipped("B3"), _shipped("B4", openId=None, swanId="guest-1")):
            assert told(await run(gateway, IMPORT, order)) == []

    expected = fields_of(_rows())
    assert sorted(expected - fields_seen(sandbox, _rows())) == []
    assert len(expected) == FIELDS
