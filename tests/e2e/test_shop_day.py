"""A shop's day: everything an order needs, from the delivery template to its end, by GraphQL."""

from dataclasses import dataclass
from typing import Any

from tests.e2e.product_samples import new_product
from tests.e2e.storefront_samples import ERRORS, template
from tests.e2e.uploads import PNG, upload
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client

SHOWN_SHELF = """
... on Shelf {
  name banner
  modules { ... on ShelfProductList { count entry { group { name } } products { title } } }
}"""


@dataclass(frozen=True)
class Day:
    """Asks the gateway, and has every step read back as the platform has it now."""

    gateway: Client

    async def do(self, mutation: str, kind: str, of: str, **variables: Any) -> str:
        """Carry out a mutation whose payload has the thing `of`; answers its id."""
        query = f"mutation ({kind}) {{ done: {mutation} {{ {of} {{ id }} {ERRORS} }} }}"
        payload = (await self.gateway.ask(query, variables)).data["done"]
        assert payload["userErrors"] == []
        id_: str = payload[of]["id"]
        return id_

    async def read(self, what: str, id_: str) -> Any:
        """Read a thing by its id, twice: as the gateway keeps it, and as the platform has it."""
        query = f"query ($id: ID!) {{ node(id: $id) {{ {what} }} }}"
        kept = (await self.gateway.ask(query, {"id": id_})).data["node"]
        fresh = (await self.gateway.ask(query, {"id": id_}, {"Cache-Control": "no-cache"})).data
        assert fresh["node"] == kept
        return kept


async def test_a_shop_s_day(gateway: Client, sandbox: Sandbox) -> None:
    day = Day(gateway)

    fees = await _opens(day)
    pictures = [
        (await upload(gateway, PNG + bytes([n]))).data["imageUpload"]["url"] for n in (1, 2)
    ]
    product = await _offers(day, fees, pictures)
    group, shelf = await _presents(day, product, pictures)
    await _sells(day, sandbox, product)
    await _clears(day, product, group, shelf, fees)


async def _opens(day: Day) -> str:
    fees = await day.do(
        'deliveryTemplateCreate(shop: "flagship", input: $input)',
        "$input: DeliveryTemplateInput!",
        "deliveryTemplate",
        input=template(),
    )
    read = await day.read("... on DeliveryTemplate { name valuation fees { service } }", fees)
    assert read == {
        "name": "testexpress",
        "valuation": "BY_PIECE",
        "fees": [{"service": "SURFACE_MAIL"}, {"service": "EXPRESS"}, {"service": "EMS"}],
    }
    return fees


async def _offers(day: Day, fees: str, pictures: list[str]) -> str:
    given = new_product(title="杯子", delivery={"templateId": fees})["input"]
    given |= {"mainImage": pictures[0], "images": pictures, "detail": [{"image": pictures[1]}]}
    given["skus"] = [sku | {"image": pictures[0], "stock": 3} for sku in given["skus"]]
    product = await day.do(
        "productCreate(input: $input)", "$input: ProductCreateInput!", "product", input=given
    )
    sku = (await day.read("... on Product { skus { id } }", product))["skus"][0]["id"]
    await day.do("skuAdjustStock(id: $id, delta: 7)", "$id: ID!", "sku", id=sku)
    on_shelf = f"""
    mutation ($ids: [ID!]!) {{
      done: productSetStatus(ids: $ids, status: ON_SHELF) {{ products {{ id }} {ERRORS} }}
    }}"""
    listed = (await day.gateway.ask(on_shelf, {"ids": [product]})).data["done"]
    assert listed == {"products": [{"id": product}], "userErrors": []}
    read = await day.read(
        """... on Product {
          title status mainImage images totalStock skus { stock }
          details { ... on WechatStoreProductDetails { delivery { template { id name } } } }
        }""",
        product,
    )
    assert read == {
        "title": "杯子",
        "status": "ON_SHELF",
        "mainImage": pictures[0],
        "images": pictures,
        "totalStock": 13,
        "skus": [{"stock": 10}, {"stock": 3}],
        "details": {"delivery": {"template": {"id": fees, "name": "testexpress"}}},
    }
    return product


async def _presents(day: Day, product: str, pictures: list[str]) -> tuple[str, str]:
    group = await day.do(
        "productGroupCreate(input: $input)",
        "$input: ProductGroupCreateInput!",
        "productGroup",
        input={"shop": "flagship", "name": "新品"},
    )
    await day.do(
        "productGroupChangeProducts(id: $id, add: [$product])",
        "$id: ID!, $product: ID!",
        "productGroup",
        id=group,
        product=product,
    )
    await day.do(
        'productGroupRename(id: $id, name: "今日新品")', "$id: ID!", "productGroup", id=group
    )
    read = await day.read("... on ProductGroup { name products { nodes { id } } }", group)
    assert read == {"name": "今日新品", "products": {"nodes": [{"id": product}]}}
    shelf = await day.do(
        "shelfCreate(input: $input)",
        "$input: ShelfCreateInput!",
        "shelf",
        input={
            "shop": "flagship",
            "name": "首页",
            "banner": pictures[0],
            "modules": [{"productList": {"groupId": group, "count": 4}}],
        },
    )
    assert await day.read(SHOWN_SHELF, shelf) == {
        "name": "首页",
        "banner": pictures[0],
        "modules": [
            {
                "count": 4,
                "entry": {"group": {"name": "今日新品"}},
                "products": [{"title": "杯子"}],
            }
        ],
    }
    return group, shelf


async def _sells(day: Day, sandbox: Sandbox, product: str) -> None:
    what = "... on Order { status items { quantity product { id } } shipments { trackingNumber } }"
    platform_id = (await day.read("... on Product { platformId }", product))["platformId"]
    sold = sandbox.order(product_id=platform_id, count=2, paid=False)["order_id"]
    found = await day.gateway.ask(
        """query ($id: String!) { orderByPlatformId(shop: "flagship", platformId: $id) {
          id status platformStatus
        } }""",
        {"id": sold},
    )
    order = found.data["orderByPlatformId"]["id"]
    assert found.data["orderByPlatformId"]["status"] == "UNKNOWN"
    sandbox.set_order_status(sold, 2)
    # The platform tells the gateway nothing of a payment here: what is kept is passed by.
    paid = await day.gateway.ask(
        "query ($id: ID!) { order(id: $id) { status } }",
        {"id": order},
        {"Cache-Control": "no-cache"},
    )
    assert paid.data == {"order": {"status": "AWAITING_SHIPMENT"}}
    await day.do(
        'orderShip(input: {id: $id, carrier: "003shunfeng", trackingNumber: "SF1"})',
        "$id: ID!",
        "order",
        id=order,
    )
    shipped = await day.read(what, order)
    assert shipped == {
        "status": "SHIPPED",
        "items": [{"quantity": 2, "product": {"id": product}}],
        "shipments": [{"trackingNumber": "SF1"}],
    }
    await day.do("orderClose(id: $id)", "$id: ID!", "order", id=order)
    assert await day.read(what, order) == {**shipped, "status": "CLOSED"}


async def _clears(day: Day, product: str, group: str, shelf: str, fees: str) -> None:
    deletions = {
        shelf: "shelfDelete",
        group: "productGroupDelete",
        product: "productDelete",
        fees: "deliveryTemplateDelete",
    }
    for id_, mutation in deletions.items():
        query = f"mutation ($id: ID!) {{ done: {mutation}(id: $id) {{ deletedId {ERRORS} }} }}"
        payload = (await day.gateway.ask(query, {"id": id_})).data["done"]
        assert payload == {"deletedId": id_, "userErrors": []}
        assert await day.read("id", id_) is None
