"""Orders as callers of the API and files of bulk imports name them."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from bench.scale.shops import MINI, SHOPS

IMPORT: Final = """
mutation ($input: OrderImportInput!) { done: orderImport(input: $input) {
  order { id } push { id state } userErrors { code message } } }
"""
IMPORT_MANY: Final = """
mutation ($input: [OrderImportInput!]!) { done: ordersImport(input: $input) {
  orders { id } pushes { id state } userErrors { code message } } }
"""


class OrderInputs:
    """Makes orders whose ids begin with a prefix; each comes once."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._numbers: Iterator[int] = itertools.count(1)
        self.made = 0

    def many(self, shop: str, count: int, **changes: Any) -> list[dict[str, Any]]:
        """So many orders of a shop."""
        return [self.one(shop, **changes) for _ in range(count)]

    def one(self, shop: str, **changes: Any) -> dict[str, Any]:
        """An order of a shop, as its platform takes it."""
        self.made += 1
        number = next(self._numbers)
        mini = SHOPS[shop].platform == MINI
        now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        item: dict[str, Any] = {
            "platformProductId": f"p{number % 300:04d}",
            "platformSkuId": "s1",
            "title": f"手工粗陶马克杯 {number % 300}",
            "quantity": 2,
            "unitPrice": {"fen": 9_900},
            "images": ["https://img.example.com/1.jpg"],
            "categoryPath": ["日用", "马克杯"],
        }
        payment: dict[str, Any] = {"paid": True, "paidAt": now}
        order = {
            "shop": shop,
            "openId": f"o{self._prefix}-{number % 5_000:020d}",
            "platformId": f"{self._prefix}-{number}",
            "status": "AWAITING_SHIPMENT",
            "createdAt": now,
            "items": [item],
            "total": {"fen": 20_300},
            "shippingFee": {"fen": 500},
            "shippingAddress": {"name": f"收件人{number}", "city": "广州市", "street": "示例路1号"},
            "payment": payment,
        }
        if mini:
            item["page"] = {"miniProgramPath": "/pages/product"}
            payment |= {"method": "WECHAT_PAY", "reference": f"42{number:026d}"}
            order |= {"brandPhone": "400-000-0000", "contactPage": "/pages/contact"}
            order["page"] = {"miniProgramPath": "/pages/order"}
        else:
            payment["method"] = "ONLINE"
            order |= {"title": "马克杯", "kind": "PHYSICAL"}
            order["page"] = {"state": "SHOWN_AND_OPENS", "swan": "baiduboxapp://swan/scale"}
        return order | changes
