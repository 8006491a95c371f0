"""Products as orders showed them: what the ledger knows of those that were never synced."""

from collections.abc import Iterable

from gateway.ledger.payments import is_of_payment
from gateway.store.documents import OrderDocument, OrderItem, ProductDocument, ProductSku
from gateway.store.products import ProductEntry


def products_seen(orders: Iterable[OrderDocument]) -> list[ProductEntry]:
    """Each product of the orders once, as its newest order shows it, with every SKU seen."""
    seen: dict[str, tuple[OrderDocument, OrderItem]] = {}
    skus: dict[str, dict[str, ProductSku]] = {}
    for order in sorted(orders, key=lambda order: order.created_at):
        # The line of a payment names no product.
        for item in () if is_of_payment(order) else order.items:
            product = item.platform_product_id
            seen[product] = (order, item)
            skus.setdefault(product, {})[item.platform_sku_id or ""] = _sku(item)
    return [
        ProductEntry(_product(item, skus[product]), "UNKNOWN", order.created_at)
        for product, (order, item) in seen.items()
    ]


def _product(item: OrderItem, skus: dict[str, ProductSku]) -> ProductDocument:
    path = item.page.mini_program_path if item.page else None
    return ProductDocument(
        platform_product_id=item.platform_product_id,
        title=item.title,
        description=item.description,
        images=item.images,
        category_path=item.category_path,
        page_path=path,
        page=item.page if path is None else None,
        skus=tuple(skus[name] for name in sorted(skus)),
    )


def _sku(item: OrderItem) -> ProductSku:
    return ProductSku(
        platform_id=item.platform_sku_id or "",
        code=item.code,
        price=item.unit_price,
        list_price=item.list_price,
        attributes=item.attributes,
    )
