"""Splits entries into calls within the shopping list's size limits."""

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

from msgspec.structs import replace

from gateway.platforms.mini_program.wire.goods import Product

T = TypeVar("T")

MOST_ORDERS: Final = 10
MOST_WANTED: Final = 10
MOST_REMOVED: Final = 100
MOST_PRODUCTS: Final = 10
MOST_SKUS: Final = 16


def in_calls(entries: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    """The entries in order, `most` at a time."""
    for start in range(0, len(entries), most):
        yield entries[start : start + most]


def product_calls(products: Sequence[Product]) -> list[tuple[Product, ...]]:
    """The calls that update products.

    A product with more than 16 SKUs is split across consecutive calls: the platform merges
    the SKUs of repeated calls.
    """
    parts = [list(in_calls(product.sku_list, MOST_SKUS)) for product in products]
    calls: list[tuple[Product, ...]] = []
    for round_ in range(max(map(len, parts), default=0)):
        due = [
            replace(product, sku_list=tuple(skus[round_]))
            for product, skus in zip(products, parts, strict=True)
            if round_ < len(skus)
        ]
        calls += (tuple(call) for call in in_calls(due, MOST_PRODUCTS))
    return calls
