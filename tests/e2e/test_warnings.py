"""What a platform has no place for is a warning; what would be untrue is refused elsewhere."""

from typing import Any, Final

from tests.e2e.order_samples import PARCEL, baidu_order, mini_order
from tests.fixtures_served import Client

WARNINGS: Final = "userErrors { code } warnings { code field message }"
IMPORT: Final = f"""
mutation ($input: [OrderImportInput!]!) {{ done: ordersImport(input: $input) {{ {WARNINGS} }} }}"""
UPDATE: Final = f"""
mutation ($input: OrderUpdateInput!) {{
  done: orderUpdate(input: $input) {{ order {{ id }} {WARNINGS} }}
}}"""
AFTER_SALES: Final = f"""
mutation ($input: AfterSaleImportInput!) {{
  done: afterSaleImport(input: $input) {{ afterSales {{ id }} {WARNINGS} }}
}}"""
UPDATE_AFTER_SALE: Final = f"""
mutation ($input: AfterSaleUpdateInput!) {{
  done: afterSaleUpdate(input: $input) {{ {WARNINGS} }}
}}"""
ID: Final = """
query ($shop: String!, $id: String!) { orderByPlatformId(shop: $shop, platformId: $id) { id } }"""
WANT: Final = f"""
mutation ($input: WantedItemsImportInput!) {{
  done: wantedItemsImport(input: $input) {{ {WARNINGS} }}
}}"""
CLEAR: Final = f"""
mutation ($shop: String!, $openId: String!) {{
  done: wantedItemsClear(shop: $shop, openId: $openId) {{ {WARNINGS} }}
}}"""


async def warned(gateway: Client, document: str, given: Any) -> dict[str, str]:
    """The messages of the warnings by their paths; nothing was refused."""
    variables = given if document is CLEAR else {"input": given}
    payload = (await gateway.ask(document, variables)).data["done"]
    assert payload["userErrors"] == []
    return {".".join(one["field"] or ()): one["message"] for one in payload["warnings"]}


async def id_of(gateway: Client, shop: str, platform_id: str) -> str:
    found = (await gateway.ask(ID, {"shop": shop, "id": platform_id})).data
    name: str = found["orderByPlatformId"]["id"]
    return name


async def test_what_baidu_has_no_place_for(gateway: Client) -> None:
    order = baidu_order(
        "b1",
        remark="请尽快发货",
        shippingAddress={"name": "测试用户"},
        shipments=[PARCEL],
        brandPhone="400-000-0000",
        page={"miniProgramPath": "/pages/order"},
    )
    order["items"][0] |= {"platformSkuId": "s1", "categoryPath": ["水果"], "total": {"fen": 2000}}

    imported = await warned(gateway, IMPORT, [baidu_order("b0"), order])
    adopted = await warned(gateway, IMPORT, [{**order, "platformId": "b2", "adopt": True}])
    name = await id_of(gateway, "swan", "b1")
    updated = await warned(gateway, UPDATE, {"id": name, "remark": "x", "title": "梨"})
    untouched = await warned(gateway, UPDATE, {"id": name, "title": "枣"})

    assert list(imported) == [
        "1.remark",
        "1.shippingAddress",
        "1.brandPhone",
        "1.page.miniProgramPath",
        "1.items.0.platformSkuId",
        "1.items.0.total",
        "1.items.0.categoryPath",
        "1.shipments",
    ]
    kept = "The platform has no place for it: only the gateway keeps it."
    assert imported["1.remark"] == kept
    assert "unitPrice × quantity" in imported["1.items.0.total"]
    assert (adopted, updated, untouched) == ({}, {"remark": kept}, {})


async def test_what_the_shopping_list_has_no_place_for(gateway: Client) -> None:
    order = mini_order(
        "m1",
        title="衣服",
        kind="PHYSICAL",
        updatedAt="2024-02-01T08:00:00+08:00",
        charges=[{"name": "包装", "amount": {"fen": 100}}],
        discounts=[{"name": "券", "amount": {"fen": 100}}],
        shippingAddress={"mobile": "13800000000", "phone": "020-00000000"},
        page={"miniProgramPath": "/pages/order?id=1", "h5": "https://example.com/1"},
    )
    order["items"][0]["images"] = ["https://example.com/1.jpeg", "https://example.com/2.jpeg"]

    imported = await warned(gateway, IMPORT, [order])
    name = await id_of(gateway, "mini", "m1")
    changes = {"status": "COMPLETED", "shippingFee": {"fen": 400}, "payment": order["payment"]}
    updated = await warned(gateway, UPDATE, {"id": name, **changes})

    assert list(imported) == [
        "0.title",
        "0.kind",
        "0.updatedAt",
        "0.charges",
        "0.discounts",
        "0.items.0.images",
        "0.page.h5",
        "0.shippingAddress.phone",
    ]
    assert imported["0.discounts"] == "The platform takes the sum of the discounts only."
    assert updated == {
        "payment": "The platform's update takes its reference only.",
        "shippingFee": "The platform's update takes it with the parcels only.",
    }


async def test_what_an_after_sale_has_no_place_for(gateway: Client) -> None:
    await warned(gateway, IMPORT, [baidu_order("b1")])
    name = await id_of(gateway, "swan", "b1")
    after_sale = {
        "platformId": "R1",
        "status": "APPLYING",
        "kind": "REFUND_ONLY",
        "createdAt": "2024-02-01T08:00:00Z",
        "page": {"miniProgramPath": "/pages/refund"},
    }
    items = [{"platformProductId": "1014093064", "quantity": 1, "refund": {"fen": 5}}]
    given = {"orderId": name, "afterSales": [{**after_sale, "items": items}]}

    payload = (await gateway.ask(AFTER_SALES, {"input": given})).data["done"]
    (of_order,) = payload["afterSales"]
    updated = await warned(
        gateway, UPDATE_AFTER_SALE, {"id": of_order["id"], "page": after_sale["page"]}
    )

    paths = [".".join(one["field"]) for one in payload["warnings"]]
    assert paths == ["afterSales.0.page.miniProgramPath"]
    assert list(updated) == ["page.miniProgramPath"]


async def test_what_a_want_to_buy_list_has_no_place_for_or_cannot_tell(gateway: Client) -> None:
    line = {
        "platformProductId": "p1",
        "title": "潮流T恤",
        "images": ["https://example.com/1.jpeg"],
        "status": "ON_SALE",
        "categoryPath": ["衣服"],
        "pagePath": "/pages/product",
        "quantity": 2,
    }
    list_ = {"shop": "mini", "openId": "oMiniSampleBuyer00000000001"}

    imported = await warned(gateway, WANT, {**list_, "items": [line]})
    cleared = await warned(gateway, CLEAR, list_)
    again = await warned(gateway, CLEAR, list_)

    assert list(imported) == ["items.0.quantity"]
    assert list(cleared) == list(again) == [""]
    assert "lines that were not added here are unknown" in cleared[""]
