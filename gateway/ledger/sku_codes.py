"""The merchant's own codes of lines, from the SKUs that the ledger has."""

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from gateway.store.documents import OrderDocument
from gateway.store.products import StoredProduct


def products_without_code(orders: Iterable[OrderDocument]) -> set[str]:
    """The platform ids of the products of which a line has no code."""
    return {
        item.platform_product_id for order in orders for item in order.items if item.code is None
    }


def sku_codes(products: Iterable[StoredProduct]) -> dict[tuple[str, str], str]:
    """The codes of SKUs, by the platform ids of their products and their own; empty for none."""
    return {
        (stored.document.platform_product_id, sku.platform_id): sku.code
        for stored in products
        for sku in stored.document.skus
        if sku.code is not None
    }


def with_sku_codes(order: OrderDocument, codes: Mapping[tuple[str, str], str]) -> OrderDocument:
    """The order, whose lines without a code have the one of their SKU, as `sku_codes` gives it."""
    items = (
        item
        if item.code is not None
        else replace(item, code=codes.get((item.platform_product_id, item.platform_sku_id or "")))
        for item in order.items
    )
    return replace(order, items=tuple(items))
