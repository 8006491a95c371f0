"""The same questions on Strawberry as it is documented: FastAPI, DataLoader, aiohttp."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, TypeAlias, cast

import strawberry
from fastapi import FastAPI
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.fastapi import BaseContext, GraphQLRouter

from bench.place import Place, serve
from bench.wire import LISTING, STATUS, PlatformSession, newest, yuan


class Context(BaseContext):
    """One request: the platform, and the loader of products."""

    def __init__(self, platform: PlatformSession) -> None:
        super().__init__()
        self.platform = platform
        self.products: DataLoader[str, Product | None] = DataLoader(self._load)

    async def _load(self, ids: list[str]) -> list["Product | None"]:
        found = {raw["product_id"]: raw for raw in await self.platform.products()}
        return [_product(found[id_]) if id_ in found else None for id_ in ids]


Info: TypeAlias = strawberry.Info[Context, None]


@strawberry.type
class Money:
    """An amount."""

    fen: int

    @strawberry.field
    def amount(self) -> str:
        """In yuan."""
        return yuan(self.fen)


@strawberry.type
class PriceRange:
    """The least and the highest price."""

    min: Money
    max: Money


@strawberry.type
class Sku:
    """A variant of a product."""

    platform_id: str
    code: str | None
    price: Money
    list_price: Money
    stock: int
    image: str | None


@strawberry.type
class Product:
    """A product."""

    platform_id: str
    title: str
    main_image: str | None
    status: str
    skus: list[Sku]

    @strawberry.field
    def total_stock(self) -> int:
        """Of all SKUs."""
        return sum(sku.stock for sku in self.skus)

    @strawberry.field
    def price_range(self) -> PriceRange:
        """Over all SKUs."""
        prices = [sku.price.fen for sku in self.skus]
        return PriceRange(min=Money(fen=min(prices)), max=Money(fen=max(prices)))


@strawberry.type
class OrderItem:
    """A line of an order."""

    title: str
    quantity: int
    unit_price: Money
    product_id: strawberry.Private[str]

    @strawberry.field
    async def product(self, info: Info) -> Product | None:
        """By the request's loader."""
        return await info.context.products.load(self.product_id)


@strawberry.type
class Order:
    """An order."""

    platform_id: str
    status: str
    created_at: str
    total: Money
    items: list[OrderItem]


@strawberry.type
class OrderConnection:
    """A page of orders."""

    nodes: list[Order]


@strawberry.type
class ProductConnection:
    """A page of products."""

    nodes: list[Product]


@strawberry.input
class Filter:
    """Which shops."""

    shops: list[str] | None = None


@strawberry.type
class Query:
    """The root."""

    @strawberry.field
    async def orders(
        self,
        info: Info,
        first: int = 50,
        filter: Filter | None = None,  # noqa: A002, ARG002 - the schema has it; one shop
    ) -> OrderConnection:
        """The newest orders."""
        listed = await info.context.platform.orders()
        return OrderConnection(nodes=[_order(raw) for raw in newest(listed)[:first]])

    @strawberry.field
    async def products(
        self,
        info: Info,
        first: int = 50,
        filter: Filter | None = None,  # noqa: A002, ARG002 - the schema has it; one shop
    ) -> ProductConnection:
        """Products by id."""
        found = await info.context.platform.products()
        found = sorted(found, key=lambda raw: str(raw["product_id"]))
        return ProductConnection(nodes=[_product(raw) for raw in found[:first]])

    @strawberry.field
    async def product_by_platform_id(
        self,
        info: Info,
        shop: str,  # noqa: ARG002 - there is one shop
        platform_id: str,
    ) -> Product | None:
        """One product."""
        return _product(await info.context.platform.product(platform_id))


def _order(raw: dict[str, Any]) -> Order:
    return Order(
        platform_id=raw["order_id"],
        status=STATUS.get(raw["order_status"], "UNKNOWN"),
        created_at=datetime.fromtimestamp(raw["order_create_time"], UTC).strftime(
            "%Y-%m-%dT%H:%M:%SZ"
        ),
        total=Money(fen=raw["order_total_price"]),
        items=[
            OrderItem(
                title=line["product_name"],
                quantity=line["product_count"],
                unit_price=Money(fen=line["product_price"]),
                product_id=line["product_id"],
            )
            for line in raw["products"]
        ],
    )


def _product(raw: dict[str, Any]) -> Product:
    return Product(
        platform_id=raw["product_id"],
        title=raw["product_base"]["name"],
        main_image=raw["product_base"]["main_img"],
        status=LISTING.get(raw["status"], "UNKNOWN"),
        skus=[
            Sku(
                platform_id=sku["sku_id"],
                code=sku["product_code"],
                price=Money(fen=sku["price"]),
                list_price=Money(fen=sku["ori_price"]),
                stock=sku["quantity"],
                image=sku["icon_url"],
            )
            for sku in raw["sku_list"]
        ],
    )


def _create(platform: str) -> FastAPI:
    """The application."""
    session = PlatformSession(platform)
    # As documented; the declared type has no room for instances.
    extensions: Any = [ParserCache(), ValidationCache()]
    schema = strawberry.Schema(query=Query, extensions=extensions)

    async def context() -> Context:
        return Context(session)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await session.open()
        yield
        await session.close()

    app = FastAPI(lifespan=lifespan)
    router = GraphQLRouter(schema, context_getter=context)
    app.include_router(cast("Any", router), prefix="/graphql")
    return app


def live(place: Place) -> None:
    """Serve it."""
    serve(_create(place.platform), place)
