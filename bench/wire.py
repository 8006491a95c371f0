"""The platform as the hand-made variants call it: aiohttp and orjson, a call for each question."""

from typing import Any, Final

import aiohttp
import orjson

STATUS: Final = {2: "AWAITING_SHIPMENT", 3: "SHIPPED", 5: "COMPLETED", 8: "IN_DISPUTE"}
LISTING: Final = {1: "ON_SHELF", 2: "OFF_SHELF"}


class PlatformSession:
    """The platform over a pool of connections; `kept` keeps its answers, parsed."""

    def __init__(self, platform: str, *, kept: bool = False) -> None:
        self._platform = platform
        self._kept = kept
        self._known: dict[tuple[str, bytes], Any] = {}
        self._session: aiohttp.ClientSession

    async def open(self) -> None:
        """Open the connections."""
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=100))

    async def close(self) -> None:
        """Close them."""
        await self._session.close()

    async def orders(self) -> list[dict[str, Any]]:
        """All orders."""
        found: list[dict[str, Any]] = (await self._ask("/merchant/order/getbyfilter", {}))[
            "order_list"
        ]
        return found

    async def products(self) -> list[dict[str, Any]]:
        """All products."""
        found: list[dict[str, Any]] = (await self._ask("/merchant/getbystatus", {"status": 0}))[
            "products_info"
        ]
        return found

    async def product(self, product_id: str) -> dict[str, Any]:
        """One product."""
        asked = {"product_id": product_id}
        found: dict[str, Any] = (await self._ask("/merchant/get", asked))["product_info"]
        return found

    async def _ask(self, path: str, asked: dict[str, Any]) -> Any:
        body = orjson.dumps(asked)
        if self._kept and (path, body) in self._known:
            return self._known[path, body]
        url = f"{self._platform}{path}?access_token=bench"
        async with self._session.post(url, data=body) as answer:
            found = orjson.loads(await answer.read())
        if found["errcode"] != 0:
            raise ValueError(found["errmsg"])
        if self._kept:
            self._known[path, body] = found
        return found


def newest(orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """From the newest backwards."""
    return sorted(
        orders, key=lambda order: (order["order_create_time"], order["order_id"]), reverse=True
    )


def yuan(fen: int) -> str:
    """An amount as the answer has it."""
    return f"{fen // 100}.{fen % 100:02d}"
