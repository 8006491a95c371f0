"""Each read of a Weixin Store is reached by a field of the schema."""

from collections.abc import AsyncIterator
from typing import Final, NamedTuple

import pytest

from schema.key import Key
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve, weixin_shop


class Read(NamedTuple):
    """A query by which an endpoint is asked, and the field that leads to it."""

    endpoint: str
    field: str
    query: str


def _id(kind: str, platform_id: str) -> str:
    return Key(kind, "weixin", platform_id).encode()


_ORDER: Final = _id("Order", "3790000000000000001")

READS: Final = [
    Read("order.list.get", "Query.orders", "orders(first: 1) { nodes { id } }"),
    Read(
        "order.search", "Query.orders", 'orders(filter: {search: "13800000000"}) { nodes { id } }'
    ),
    Read(
        "order.get", "Query.order", f'order(id: "{_id("Order", "3790000000000000001")}") {{ id }}'
    ),
]

ORDER: Final = """
{
  orders(first: 1) {
    nodes {
      platform platformId status platformStatus createdAt updatedAt paidAt paymentMethod
      buyer { openId }
      items {
        id platformProductId platformSkuId code title quantity unitPrice { fen } total { fen }
        gift quantityInAfterSale quantityRefunded attributes { name value }
      }
      total { fen } subtotal { fen } shippingFee { fen } discount { fen }
      shipments { trackingNumber items { platformProductId quantity } }
      shippingAddress { name mobile street province city district }
      paymentReference
      details {
        ... on WeixinStoreOrderDetails {
          customerNote merchantNote scene gift shipBefore addressRequested
          prices { paid { fen } consistent }
        }
      }
      raw
    }
    sources { shop { key } state }
  }
}
"""


@pytest.fixture
async def weixin(serve: Serve, sandbox: Sandbox) -> AsyncIterator[Client]:
    """Ask a gateway with a Weixin Store alone."""
    async with serve(shops=[weixin_shop(sandbox)]) as client:
        yield client


@pytest.mark.parametrize("read", READS, ids=[read.endpoint for read in READS])
async def test_a_field_asks_the_platform(weixin: Client, sandbox: Sandbox, read: Read) -> None:
    await weixin.ask(f"{{ {read.query} }}", headers={"Cache-Control": "no-cache"})

    path = f"/ec/{read.endpoint.replace('.', '/')}"
    assert [one for one in sandbox.requests() if one["endpoint"].endswith(path)]


async def test_an_order_is_shown_whole(weixin: Client, sandbox: Sandbox) -> None:
    (shop,) = sandbox.shops("weixin_store").values()
    newest = max(shop["orders"].values(), key=lambda one: one["create_time"])
    detail = newest["order_detail"]
    prices, address = detail["price_info"], detail["delivery_info"]["address_info"]

    answer = (await weixin.ask(ORDER)).data["orders"]

    assert answer["sources"] == [{"shop": {"key": "weixin"}, "state": "LIVE"}]
    (order,) = answer["nodes"]
    assert (order["platform"], order["platformId"]) == ("WEIXIN_STORE", newest["order_id"])
    assert order["platformStatus"] == str(newest["status"])
    assert order["buyer"] == {"openId": newest["openid"]}
    assert order["total"] == {"fen": prices["order_price"]}
    assert order["discount"] == {"fen": prices["discounted_price"]}
    assert [item["platformSkuId"] for item in order["items"]] == [
        line["sku_id"] for line in detail["product_infos"]
    ]
    assert {item["gift"] for item in order["items"]} == {False}
    assert order["shippingAddress"]["province"] == address["province_name"]
    assert order["shippingAddress"]["street"] == "****"
    assert order["details"]["prices"] == {
        "paid": {"fen": prices["order_price"]},
        "consistent": True,
    }
    assert order["details"]["shipBefore"] is not None
    assert order["raw"]["order_id"] == newest["order_id"]
    assert address["detail_info"] not in str(order["raw"])
