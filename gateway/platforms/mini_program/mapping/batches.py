"""Cuts what is to be sent into calls of the sizes that the shopping list takes."""

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
    """The entries in their order, `most` at a time."""
    for start in range(0, len(entries), most):
        yield entries[start : start + most]


def product_calls(products: Sequence[Product]) -> list[tuple[Product, ...]]:
    """The calls that bring products up to date.

    A product with more than 16 SKUs is sent in parts, in calls that follow one another: the
    platform adds up the SKUs of repeated calls.
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
