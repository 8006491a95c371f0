"""What a user would write by hand: Starlette, aiohttp and orjson, one function a question."""

import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.place import Place, serve
from bench.wire import LISTING, STATUS, PlatformSession, newest, yuan


def live(place: Place) -> None:
    """The platform is asked for each request."""
    _serve(place, keeps=False)


def kept(place: Place) -> None:
    """The platform's answers are kept in the process."""
    _serve(place, keeps=True)


def _serve(place: Place, *, keeps: bool) -> None:
    app = create(place.platform, keeps=keeps)
    tune_garbage_collector()
    serve(app, place)


def tune_garbage_collector() -> None:
    """Tune the garbage collector, as someone who measures would."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


class Shop:
    """Answers the three questions from the platform."""

    def __init__(self, platform: PlatformSession) -> None:
        self._platform = platform

    async def orders(self) -> Any:
        """Question A."""
        listed = newest(await self._platform.orders())
        by_id = {product["product_id"]: product for product in await self._platform.products()}
        return {"orders": {"nodes": [_order(order, by_id) for order in listed[:50]]}}

    async def product(self) -> Any:
        """Question B."""
        found = await self._platform.product("pBench0000")
        prices = [sku["price"] for sku in found["sku_list"]]
        return {
            "productByPlatformId": {
                "platformId": found["product_id"],
                "title": found["product_base"]["name"],
                "mainImage": found["product_base"]["main_img"],
                "priceRange": {
                    "min": {"amount": yuan(min(prices))},
                    "max": {"amount": yuan(max(prices))},
                },
            }
        }

    async def products(self) -> Any:
        """Question C."""
        found = sorted(await self._platform.products(), key=lambda raw: str(raw["product_id"]))
        return {"products": {"nodes": [_product(product) for product in found[:50]]}}


def _order(order: dict[str, Any], products: dict[str, Any]) -> dict[str, Any]:
    return {
        "platformId": order["order_id"],
        "status": STATUS.get(order["order_status"], "UNKNOWN"),
        "createdAt": datetime.fromtimestamp(order["order_create_time"], UTC).strftime(
            "%Y-%m-%dT%H:%M:%SZ"
        ),
        "total": {"amount": yuan(order["order_total_price"])},
        "items": [_item(line, products) for line in order["products"]],
    }


def _item(line: dict[str, Any], products: dict[str, Any]) -> dict[str, Any]:
    product = products.get(line["product_id"])
    return {
        "title": line["product_name"],
        "quantity": line["product_count"],
        "unitPrice": {"fen": line["product_price"]},
        "product": product
        and {
            "title": product["product_base"]["name"],
            "mainImage": product["product_base"]["main_img"],
            "totalStock": sum(sku["quantity"] for sku in product["sku_list"]),
        },
    }


def _product(product: dict[str, Any]) -> dict[str, Any]:
    return {
        "platformId": product["product_id"],
        "title": product["product_base"]["name"],
        "mainImage": product["product_base"]["main_img"],
        "status": LISTING.get(product["status"], "UNKNOWN"),
        "skus": [
            {
                "platformId": sku["sku_id"],
                "code": sku["product_code"],
                "price": {"amount": yuan(sku["price"]), "fen": sku["price"]},
                "listPrice": {"amount": yuan(sku["ori_price"])},
                "stock": sku["quantity"],
                "image": sku["icon_url"],
            }
            for sku in product["sku_list"]
        ],
    }


def create(platform: str, *, keeps: bool) -> Starlette:
    """The endpoint; which question is asked, the operation's name tells."""
    session = PlatformSession(platform, kept=keeps)
    shop = Shop(session)
    questions: dict[str, Callable[[], Awaitable[Any]]] = {
        "A": shop.orders,
        "B": shop.product,
        "C": shop.products,
    }

    async def graphql(request: Request) -> Response:
        query = orjson.loads(await request.body())["query"]
        data = await questions[query[6]]()
        return Response(orjson.dumps({"data": data}), media_type="application/json")

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await session.open()
        yield
        await session.close()

    return Starlette(routes=[Route("/graphql", graphql, methods=["POST"])], lifespan=lifespan)
