"""The gateway and a merchant client that nobody here wrote see what either of them wrote.

The client is wechatpy 1.8.18; its known bugs are worked around by calling the right method.
"""

from copy import deepcopy
from typing import Any, Final

from tests.e2e.product_samples import CREATE, new_product
from tests.e2e.product_samples import sample as product_sample
from tests.e2e.storefront_samples import (
    CHANGE_GROUP,
    CLOSE,
    CREATE_GROUP,
    CREATE_SHELF,
    CREATE_TEMPLATE,
    GROUP,
    RENAME_GROUP,
    SHELF,
    SHIP,
    TEMPLATE,
    UPDATE_SHELF,
    UPDATE_TEMPLATE,
    id_of,
    new_group,
    new_shelf,
    sample,
    template,
)
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client

FRESH: Final = {"Cache-Control": "no-cache"}


async def _write(gateway: Client, mutation: str, **variables: Any) -> dict[str, Any]:
    payload: dict[str, Any] = (await gateway.ask(mutation, variables)).data["done"]
    assert payload["userErrors"] == []
    thing: dict[str, Any] = next(iter(payload.values()))
    return thing


async def _read(gateway: Client, kind: str, what: str, platform_id: object) -> Any:
    query = f"query ($id: ID!) {{ node(id: $id) {{ ... on {kind} {{ {what} }} }} }}"
    return (await gateway.ask(query, {"id": id_of(kind, platform_id)}, FRESH)).data["node"]


async def test_products(gateway: Client, merchant: Any) -> None:
    created = (await gateway.ask(CREATE, new_product())).data["productCreate"]["product"]
    seen = merchant.get(created["platformId"])["product_info"]
    assert seen["product_base"]["name"] == created["title"]

    made = merchant.create(product_sample("create"))["product_id"]
    merchant.update_product_status(made, 1)
    what = "title status skus { platformId stock }"
    listed = await _read(gateway, "Product", what, made)
    assert (listed["title"], listed["status"]) == ("testaddproduct", "ON_SHELF")
    merchant.stock.add(made, 5, listed["skus"][0]["platformId"])
    assert (await _read(gateway, "Product", what, made))["skus"][0]["stock"] == 805


async def test_groups(gateway: Client, merchant: Any) -> None:
    group = await _write(gateway, CREATE_GROUP, input=new_group())
    number = int(group["platformId"])
    assert merchant.group.get(number) == {"group_id": number, **sample("group.add")["group_detail"]}
    await _write(gateway, RENAME_GROUP, id=group["id"], name="网关")
    await _write(
        gateway, CHANGE_GROUP, id=group["id"], remove=[group["products"]["nodes"][0]["id"]]
    )
    assert merchant.group.get(number)["group_name"] == "网关"
    assert len(merchant.group.get(number)["product_list"]) == 1

    product = sample("group.add")["group_detail"]["product_list"][0]
    merchant.group.update(number, "客户端")
    merchant.group.update_product(number, [{"product_id": product, "mod_action": 1}])
    read = await _read(gateway, "ProductGroup", GROUP, number)
    assert read["name"] == "客户端"
    assert id_of("Product", product) in [node["id"] for node in read["products"]["nodes"]]
    merchant.group.delete(number)
    assert await _read(gateway, "ProductGroup", GROUP, number) is None


async def test_shelves(gateway: Client, merchant: Any) -> None:
    shelf = await _write(gateway, CREATE_SHELF, input=new_shelf())
    number = int(shelf["platformId"])
    given = sample("shelf.add")
    seen = merchant.shelf.get(number)
    assert seen["shelf_info"] == given["shelf_data"]
    assert (seen["shelf_name"], seen["shelf_banner"]) == (
        given["shelf_name"],
        given["shelf_banner"],
    )
    await _write(gateway, UPDATE_SHELF, input={"id": shelf["id"], "name": "网关"})
    assert merchant.shelf.get(number)["shelf_name"] == "网关"

    # The method of `merchant.shelf` posts to shelf/add; the flat one is right.
    merchant.update_shelf(number, {**given, "shelf_banner": "", "shelf_name": "客户端"})
    read = await _read(gateway, "Shelf", SHELF, number)
    assert (read["name"], read["banner"]) == ("客户端", None)
    merchant.shelf.delete(number)
    assert await _read(gateway, "Shelf", SHELF, number) is None


async def test_delivery_templates(gateway: Client, merchant: Any) -> None:
    made = await _write(gateway, CREATE_TEMPLATE, shop="flagship", input=template())
    number = int(made["platformId"])
    given = sample("express.add")["delivery_template"]
    assert merchant.express.get(number) == {"Id": number, **given}
    await _write(gateway, UPDATE_TEMPLATE, id=made["id"], input={**template(), "name": "网关"})
    assert merchant.express.get(number) == {"Id": number, **given, "Name": "网关"}

    changed = deepcopy(given)
    changed |= {"Name": "客户端", "Assumer": 1}
    merchant.express.update(number, changed)
    read = await _read(gateway, "DeliveryTemplate", TEMPLATE, number)
    assert (read["name"], read["payer"], read["fees"]) == ("客户端", "SELLER", made["fees"])
    merchant.express.delete(number)
    assert await _read(gateway, "DeliveryTemplate", TEMPLATE, number) is None


async def test_orders(gateway: Client, merchant: Any, sandbox: Sandbox) -> None:
    first, second = sandbox.order()["order_id"], sandbox.order()["order_id"]
    parcel = {"carrier": "059Yunda", "trackingNumber": "1900659372473"}
    await _write(gateway, SHIP, input={"id": id_of("Order", first), **parcel})
    seen = merchant.order.get(first)
    assert (seen["order_status"], seen["delivery_company"], seen["delivery_id"]) == (
        3,
        "059Yunda",
        "1900659372473",
    )
    closed = await _write(gateway, CLOSE, id=id_of("Order", first))
    assert str(merchant.order.get(first)["order_status"]) == closed["platformStatus"]

    merchant.order.set_delivery(second, "京东", "JD1", is_others=1)
    what = "status platformStatus shipments { carrier { code name } trackingNumber }"
    assert await _read(gateway, "Order", what, second) == {
        "status": "SHIPPED",
        "platformStatus": "3",
        "shipments": [{"carrier": {"code": None, "name": "京东"}, "trackingNumber": "JD1"}],
    }
    merchant.order.close(second)
    read = await _read(gateway, "Order", what, second)
    assert read["platformStatus"] == closed["platformStatus"]
    # Nobody told the gateway what this code means, and no source does.
    assert read["status"] == "UNKNOWN"
