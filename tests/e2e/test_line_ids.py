"""Ids and codes of lines, parcels and after-sales, by GraphQL over HTTP."""

from typing import Any, Final

from tests.e2e.order_samples import PARCEL, baidu_order, mini_order
from tests.fixtures_served import Client

_FIELDS: Final = """
  order {
    id
    items { id platformProductId platformSkuId code }
    shipments { id trackingNumber items { platformSkuId quantity } }
    afterSales { items { id } }
  }
  userErrors { code field message }
"""
IMPORT: Final = (
    f"mutation($input: OrderImportInput!) {{ done: orderImport(input: $input) {{ {_FIELDS} }} }}"
)
UPDATE: Final = (
    f"mutation($input: OrderUpdateInput!) {{ done: orderUpdate(input: $input) {{ {_FIELDS} }} }}"
)
SYNC: Final = """
mutation ($input: ProductsSyncInput!) {
  productsSync(input: $input) {
    products { skus { platformId code } } userErrors { code field message }
  }
}"""
WANT: Final = """
mutation ($input: WantedItemsImportInput!) {
  wantedItemsImport(input: $input) {
    wantedItems { platformSkuId code } userErrors { code field message }
  }
}"""
FLAGSHIP: Final = """
{ orders(first: 3, filter: {shops: ["flagship"]}) {
    nodes { id items { id code sku { code } } shipments { id } }
} }"""


async def _done(gateway: Client, mutation: str, given: dict[str, Any]) -> dict[str, Any]:
    payload: dict[str, Any] = (await gateway.ask(mutation, {"input": given})).data["done"]
    assert payload["userErrors"] == []
    order: dict[str, Any] = payload["order"]
    return order


def _line(sku: str, **more: Any) -> dict[str, Any]:
    (line,) = mini_order("M1")["items"]
    changed: dict[str, Any] = line | {"platformSkuId": sku, "quantity": 1, **more}
    return changed


async def test_lines_of_equal_goods_have_ids_of_their_own(gateway: Client) -> None:
    items = [_line("s1"), _line("s2"), _line("s1")]
    first = await _done(gateway, IMPORT, mini_order("M1", items=items, total={"fen": 30200}))
    second = await _done(gateway, IMPORT, mini_order("M2", items=items, total={"fen": 30200}))

    ids = [line["id"] for order in (first, second) for line in order["items"]]
    assert len(set(ids)) == 6
    again = await _done(gateway, UPDATE, {"id": first["id"], "status": "COMPLETED"})
    assert [line["id"] for line in again["items"]] == ids[:3]


async def test_a_corrected_parcel_keeps_its_id(gateway: Client) -> None:
    order = await _done(gateway, IMPORT, mini_order("M1", status="SHIPPED", shipments=[PARCEL]))
    (parcel,) = order["shipments"]
    wrong, right = PARCEL | {"trackingNumber": "WRONG"}, PARCEL | {"trackingNumber": "RIGHT"}

    two = await _done(gateway, UPDATE, {"id": order["id"], "shipments": [wrong, PARCEL]})
    corrected = await _done(gateway, UPDATE, {"id": order["id"], "shipments": [right, PARCEL]})

    ids = {one["trackingNumber"]: one["id"] for one in two["shipments"]}
    assert ids[PARCEL["trackingNumber"]] == parcel["id"]
    assert ids["WRONG"] != parcel["id"]
    assert [(one["trackingNumber"], one["id"]) for one in corrected["shipments"]] == [
        ("RIGHT", ids["WRONG"]),
        (PARCEL["trackingNumber"], parcel["id"]),
    ]


async def test_lines_of_after_sales_have_ids(gateway: Client) -> None:
    items = [
        {"platformProductId": "1014093064", "quantity": 1, "refund": {"fen": 100}},
        {"platformProductId": "1014093064", "quantity": 1, "refund": {"fen": 200}},
    ]
    given = {
        "status": "APPLYING",
        "kind": "REFUND_ONLY",
        "refund": {"fen": 300},
        "createdAt": "2024-02-01T08:00:00Z",
        "items": items,
    }
    after_sales = [{"platformId": name, **given} for name in ("R1", "R2")]

    order = await _done(gateway, IMPORT, baidu_order("B1", afterSales=after_sales))

    ids = [item["id"] for one in order["afterSales"] for item in one["items"]]
    assert len(set(ids)) == 4


async def test_a_line_without_a_code_has_the_one_of_its_sku(gateway: Client) -> None:
    product = {
        "platformProductId": "p1",
        "title": "T恤",
        "images": ["https://img.example/1.jpg"],
        "categoryPath": ["衣服"],
        "pagePath": "/pages/product?id=p1",
    }
    skus = [{"platformId": name, "status": "ON_SALE"} for name in ("s1", "s2")]
    coded = [skus[0] | {"code": "TEE-1"}, skus[1]]
    for given in (coded, skus):
        synced = {"shop": "mini", "products": [product | {"skus": given}]}
        done = (await gateway.ask(SYNC, {"input": synced})).data["productsSync"]
        assert done["userErrors"] == []
        assert done["products"][0]["skus"] == [
            {"platformId": "s1", "code": "TEE-1"},
            {"platformId": "s2", "code": None},
        ]

    items = [_line("s1"), _line("s2"), _line("s1", code="OTHER")]
    order = await _done(gateway, IMPORT, mini_order("M1", items=items, total={"fen": 30200}))
    wanted = [
        product
        | {"platformSkuId": sku, "title": "T恤", "status": "ON_SALE"}
        | ({} if code is None else {"code": code})
        for sku, code in (("s1", None), ("s2", "TEE-2"))
    ]
    lines = {"shop": "mini", "openId": "oMiniSampleBuyer00000000001", "items": wanted}
    kept = (await gateway.ask(WANT, {"input": lines})).data["wantedItemsImport"]

    assert [line["code"] for line in order["items"]] == ["TEE-1", None, "OTHER"]
    assert kept["userErrors"] == []
    assert kept["wantedItems"] == [
        {"platformSkuId": "s1", "code": "TEE-1"},
        {"platformSkuId": "s2", "code": "TEE-2"},
    ]


async def test_a_platform_s_own_orders_have_ids_and_the_codes_of_their_skus(
    gateway: Client,
) -> None:
    first = (await gateway.ask(FLAGSHIP)).data["orders"]["nodes"]
    again = (await gateway.ask(FLAGSHIP, {}, {"Cache-Control": "no-cache"})).data["orders"]["nodes"]

    assert first == again
    lines = [line for order in first for line in order["items"]]
    ids = [line["id"] for line in lines]
    assert len(set(ids)) == len(ids) > 0
    assert all(line["code"] == line["sku"]["code"] is not None for line in lines)
