"""What a front end asks, each by one query: the examples that GraphiQL shows."""

import json
from pathlib import Path
from typing import Any

from tests.e2e.indexes import indexed
from tests.e2e.order_samples import IMPORT, PARCEL, mini_order
from tests.e2e.test_indexed_orders import fill, two_shops
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve
from tests.house.tree import ROOT
from tests.waiting import eventually

EXAMPLES = ROOT / "assets/src/examples"


async def answer(client: Client, name: str, **variables: Any) -> Any:
    """Answer the example of this name, with its own variables but for those given."""
    own = EXAMPLES / f"{name}.json"
    given = json.loads(own.read_text(encoding="utf-8")) if own.exists() else {}
    query = (EXAMPLES / f"{name}.graphql").read_text(encoding="utf-8")
    return (await client.ask(query, given | variables)).data


async def test_orders_to_ship_come_with_their_count_and_sales_by_day_and_shop(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with serve(shops=two_shops(sandbox, tmp_path)) as client:
        await fill(client)
        to_ship = (await answer(client, "to_ship", first=5))["orders"]
        every = (await answer(client, "to_ship", first=100))["orders"]
        sales = (await answer(client, "sales"))["orderStats"]
        changed = (await answer(client, "changed"))["orders"]

    assert to_ship["totalCount"] == every["totalCount"] == len(every["nodes"]) > 5
    times = [order["createdAt"] for order in every["nodes"]]
    assert times == sorted(times)
    assert to_ship["nodes"] == every["nodes"][:5]
    assert sum(row["orders"] for row in sales["rows"]) == 50
    groups = [(row["period"], row["shop"]["name"]) for row in sales["rows"]]
    assert len(set(groups)) == len(groups) == len(sales["rows"])
    assert changed["totalCount"] == 50
    updates = [order["updatedAt"] for order in changed["nodes"] if order["updatedAt"]]
    assert updates == sorted(updates, reverse=True)


async def test_orders_are_found_by_buyer_phone_parcel_and_goods(gateway: Client) -> None:
    order = mini_order(
        "M-FIND",
        status="SHIPPED",
        openId="oFinder",
        shippingAddress={"name": "司马小狗", "mobile": "13911112222"},
        shipments=[{**PARCEL, "trackingNumber": "SF1300000042"}],
    )
    imported = await gateway.ask(IMPORT, {"input": order})
    assert imported.data["orderImport"]["userErrors"] == []
    await indexed(gateway)
    found = {
        text: (await answer(gateway, "find", search=text))["orders"]["nodes"]
        for text in ("13911112222", "司马小狗", "SF1300000042", "M-FIND", "潮流 M-FIND")
    }
    of_buyer = (await answer(gateway, "buyer", openId="oFinder"))["orders"]

    assert {text: [one["platformId"] for one in nodes] for text, nodes in found.items()} == (
        {text: ["M-FIND"] for text in found}
    )
    assert [one["platformId"] for one in of_buyer["nodes"]] == ["M-FIND"]
    assert of_buyer["nodes"][0]["buyer"]["openId"] == "oFinder"


async def test_refused_pushes_and_a_shelfs_preview_are_shown(
    gateway: Client, sandbox: Sandbox
) -> None:
    body = {"errcode": 9710002, "errmsg": "invalid order"}
    sandbox.fault("body", body, path="/mall/importorder", times=1)
    await gateway.ask(IMPORT, {"input": mini_order("M-REFUSED")})
    refused = (await answer(gateway, "pushes"))["pushes"]
    shelves = (await answer(gateway, "shelves"))["shelves"]["nodes"]

    push = refused["nodes"][0]
    assert (push["operation"], push["state"]) == ("ORDER_IMPORT", "REJECTED")
    assert push["request"]["order_list"][0]["order_id"] == "M-REFUSED"
    assert push["response"] == body
    lists = [
        module
        for shelf in shelves
        for module in shelf["modules"]
        if module["__typename"] == "ShelfProductList"
    ]
    products = [product for module in lists for product in module["products"]]
    assert products
    for product in products:
        assert product["mainImage"]
        assert product["priceRange"]["min"]["amount"]


async def test_goods_and_after_sales_that_need_somebody_are_found(gateway: Client) -> None:
    # Its goods are read into the index as they pass.
    query = '{ products(first: 100, filter: {shops: ["flagship"]}) { totalCount } }'
    await gateway.ask(query, headers={"Cache-Control": "no-cache"})
    await indexed(gateway)

    async def of_several_shops() -> Any:
        found = (await answer(gateway, "same_goods", codes=["SC1016-01"]))["products"]["nodes"]
        return found if len({product["shop"]["name"] for product in found}) > 1 else None

    same = await eventually(of_several_shops)
    low = (await answer(gateway, "low_stock"))["products"]["nodes"]
    due = (await answer(gateway, "after_sales"))["afterSales"]["nodes"]

    assert low
    for product in low:
        assert any(sku["stock"] is not None and sku["stock"] <= 5 for sku in product["skus"])
    assert {"SC1016-01"} <= {sku["code"] for product in same for sku in product["skus"]}
    for product in same:
        others = {one["shop"]["name"] for one in product["counterparts"]}
        assert others == {one["shop"]["name"] for one in same} - {product["shop"]["name"]}
    deadlines = [one["answerBefore"] for one in due if one["answerBefore"]]
    assert deadlines == sorted(deadlines)
    assert {one["status"] for one in due} <= {"APPLYING", "PROCESSING", "IN_DISPUTE"}
