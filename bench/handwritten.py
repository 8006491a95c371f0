"""What a user would write by hand: Starlette, aiohttp and orjson, one function a question."""

import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import aiohttp
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_STATUS = {2: "AWAITING_SHIPMENT", 3: "SHIPPED", 5: "COMPLETED", 8: "IN_DISPUTE"}
_LISTING = {1: "ON_SHELF", 2: "OFF_SHELF"}


class Shop:
    """The platform, asked for each request anew."""

    def __init__(self, platform: str) -> None:
        self._platform = platform
        self._session: aiohttp.ClientSession

    async def open(self) -> None:
        """Open the connections."""
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=100))

    async def close(self) -> None:
        """Close them."""
        await self._session.close()

    async def _ask(self, path: str, body: dict[str, Any]) -> Any:
        url = f"{self._platform}{path}?access_token=bench"
        async with self._session.post(url, data=orjson.dumps(body)) as answer:
            found = orjson.loads(await answer.read())
        if found["errcode"] != 0:
            raise ValueError(found["errmsg"])
        return found

    async def orders(self) -> Any:
        """Question A."""
        listed = (await self._ask("/merchant/order/getbyfilter", {}))["order_list"]
        products = (await self._ask("/merchant/getbystatus", {"status": 0}))["products_info"]
        by_id = {product["product_id"]: product for product in products}
        listed.sort(key=lambda order: (order["order_create_time"], order["order_id"]), reverse=True)
        return {"orders": {"nodes": [_order(order, by_id) for order in listed[:50]]}}

    async def product(self) -> Any:
        """Question B."""
        found = (await self._ask("/merchant/get", {"product_id": "pBench0000"}))["product_info"]
        prices = [sku["price"] for sku in found["sku_list"]]
        return {
            "productByPlatformId": {
                "platformId": found["product_id"],
                "title": found["product_base"]["name"],
                "mainImage": found["product_base"]["main_img"],
                "priceRange": {
                    "min": {"amount": _yuan(min(prices))},
                    "max": {"amount": _yuan(max(prices))},
                },
            }
        }

    async def products(self) -> Any:
        """Question C."""
        found = (await self._ask("/merchant/getbystatus", {"status": 0}))["products_info"]
        found.sort(key=lambda product: product["product_id"])
        return {"products": {"nodes": [_product(product) for product in found[:50]]}}


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _order(order: dict[str, Any], products: dict[str, Any]) -> dict[str, Any]:
    return {
        "platformId": order["order_id"],
        "status": _STATUS.get(order["order_status"], "UNKNOWN"),
        "createdAt": datetime.fromtimestamp(order["order_create_time"], UTC).strftime(
            "%Y-%m-%dT%H:%M:%SZ"
        ),
        "total": {"amount": _yuan(order["order_total_price"])},
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
        "status": _LISTING.get(product["status"], "UNKNOWN"),
        "skus": [
            {
                "platformId": sku["sku_id"],
                "code": sku["product_code"],
                "price": {"amount": _yuan(sku["price"]), "fen": sku["price"]},
                "listPrice": {"amount": _yuan(sku["ori_price"])},
                "stock": sku["quantity"],
                "image": sku["icon_url"],
            }
            for sku in product["sku_list"]
        ],
    }


def create(platform: str) -> Starlette:
    """The endpoint; which question is asked, the operation's name tells."""
    shop = Shop(platform)
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
        await shop.open()
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 100)
        yield
        await shop.close()

    return Starlette(routes=[Route("/graphql", graphql, methods=["POST"])], lifespan=lifespan)
