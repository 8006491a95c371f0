"""The same questions on Ariadne as its documentation sets it up: SDL, resolvers over dicts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final

from ariadne import ObjectType, QueryType, make_executable_schema
from ariadne.asgi import GraphQL
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.dataloader import DataLoader

from bench.place import Place, serve
from bench.wire import LISTING, STATUS, PlatformSession, newest, yuan

SDL: Final = """
  input OrderFilter { shops: [String!] }
  input ProductFilter { shops: [String!] }
  type Money { amount: String! fen: Int! }
  type PriceRange { min: Money! max: Money! }
  type Sku {
    platformId: String! code: String price: Money listPrice: Money stock: Int image: String
  }
  type Product {
    platformId: String! title: String! mainImage: String status: String! totalStock: Int
    priceRange: PriceRange skus: [Sku!]!
  }
  type OrderItem { title: String! quantity: Int! unitPrice: Money product: Product }
  type Order {
    platformId: String! status: String! createdAt: String total: Money! items: [OrderItem!]!
  }
  type OrderConnection { nodes: [Order!]! }
  type ProductConnection { nodes: [Product!]! }
  type Query {
    orders(first: Int, filter: OrderFilter): OrderConnection
    products(first: Int, filter: ProductFilter): ProductConnection
    productByPlatformId(shop: String!, platformId: String!): Product
  }
"""

query = QueryType()
money = ObjectType("Money")
product = ObjectType("Product")
order = ObjectType("Order")
item = ObjectType("OrderItem")
sku = ObjectType("Sku")


@query.field("orders")
async def _orders(_: Any, info: Any, first: int = 50, **__: Any) -> Any:
    return {"nodes": newest(await info.context["platform"].orders())[:first]}


@query.field("products")
async def _products(_: Any, info: Any, first: int = 50, **__: Any) -> Any:
    found = await info.context["platform"].products()
    return {"nodes": sorted(found, key=lambda raw: str(raw["product_id"]))[:first]}


@query.field("productByPlatformId")
async def _product_by_platform_id(_: Any, info: Any, *, platformId: str, **__: Any) -> Any:  # noqa: N803 - as the schema spells it
    return await info.context["platform"].product(platformId)


@money.field("amount")
def _amount(fen: int, _: Any) -> str:
    return yuan(fen)


@money.field("fen")
def _fen(fen: int, _: Any) -> int:
    return fen


@product.field("totalStock")
def _total_stock(raw: dict[str, Any], _: Any) -> int:
    return sum(one["quantity"] for one in raw["sku_list"])


@product.field("priceRange")
def _price_range(raw: dict[str, Any], _: Any) -> Any:
    prices = [one["price"] for one in raw["sku_list"]]
    return {"min": min(prices), "max": max(prices)}


product.set_field("platformId", lambda raw, _: raw["product_id"])
product.set_field("title", lambda raw, _: raw["product_base"]["name"])
product.set_field("mainImage", lambda raw, _: raw["product_base"]["main_img"])
product.set_field("status", lambda raw, _: LISTING.get(raw["status"], "UNKNOWN"))
product.set_field("skus", lambda raw, _: raw["sku_list"])


@order.field("createdAt")
def _created_at(raw: dict[str, Any], _: Any) -> str:
    at = datetime.fromtimestamp(raw["order_create_time"], UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


order.set_field("platformId", lambda raw, _: raw["order_id"])
order.set_field("status", lambda raw, _: STATUS.get(raw["order_status"], "UNKNOWN"))
order.set_field("total", lambda raw, _: raw["order_total_price"])
order.set_field("items", lambda raw, _: raw["products"])


@item.field("product")
async def _product_of_item(raw: dict[str, Any], info: Any) -> Any:
    return await info.context["products"].load(raw["product_id"])


item.set_field("title", lambda raw, _: raw["product_name"])
item.set_field("quantity", lambda raw, _: raw["product_count"])
item.set_field("unitPrice", lambda raw, _: raw["product_price"])

sku.set_field("platformId", lambda raw, _: raw["sku_id"])
sku.set_field("code", lambda raw, _: raw["product_code"])
sku.set_field("listPrice", lambda raw, _: raw["ori_price"])
sku.set_field("stock", lambda raw, _: raw["quantity"])
sku.set_field("image", lambda raw, _: raw["icon_url"])


def _create(platform: str) -> Starlette:
    """The application."""
    session = PlatformSession(platform)
    schema = make_executable_schema(SDL, query, money, product, order, item, sku)

    async def load(ids: list[str]) -> list[Any]:
        found = {raw["product_id"]: raw for raw in await session.products()}
        return [found.get(id_) for id_ in ids]

    def context(request: Any, _: Any = None) -> dict[str, Any]:
        loader: DataLoader[str, Any] = DataLoader(load)
        return {"request": request, "platform": session, "products": loader}

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await session.open()
        yield
        await session.close()

    return Starlette(
        routes=[Route("/graphql", GraphQL(schema, context_value=context))], lifespan=lifespan
    )


def live(place: Place) -> None:
    """Serve it."""
    serve(_create(place.platform), place)
