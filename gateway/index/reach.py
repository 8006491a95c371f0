"""Kinds of progress of the index, of which shops, and what an index reaches that has everything."""

from collections.abc import Mapping
from typing import Final

from gateway.ports import Adapter

#: Of orders, and of the after-sales that come with them.
ORDERS: Final = ("orders", "after_sales")
PRODUCTS: Final = "products"
#: Of the orders of partner stores, which those of `ORDERS` take in.
PARTNER_ORDERS: Final = "partner_orders"
#: Everything that there is: nothing was created before it, in unix seconds.
EVERYTHING: Final = 0


def indexed_kinds(adapters: Mapping[str, Adapter]) -> list[tuple[str, str]]:
    """The shops, and the kinds of their records, that the index is to have."""
    found: list[tuple[str, str]] = []
    for shop, one in adapters.items():
        if one.exports_orders or (one.index_orders and one.orders):
            found += [(shop, kind) for kind in ORDERS]
        if one.exports_products or (one.index_products and one.products):
            found.append((shop, PRODUCTS))
    return found
