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


def with_sku_codes(order: OrderDocument, products: Mapping[str, StoredProduct]) -> OrderDocument:
    """The order, whose lines without a code have the one of their SKU, if it is known."""
    known = {
        (product, sku.platform_id): sku.code
        for product, stored in products.items()
        for sku in stored.document.skus
        if sku.code is not None
    }
    if not known:
        return order
    items = (
        item
        if item.code is not None
        else replace(item, code=known.get((item.platform_product_id, item.platform_sku_id or "")))
        for item in order.items
    )
    return replace(order, items=tuple(items))
