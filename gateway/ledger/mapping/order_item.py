"""A line of an order, from the ledger."""

from gateway.ledger.mapping.parts import attributes, money, page_link
from gateway.store.documents import OrderItem
from schema.key import Key
from schema.money import Money
from schema.order_item import OrderItem as PublicOrderItem


def line_total(item: OrderItem) -> int:
    """What the line costs, in fen."""
    return item.unit_price * item.quantity if item.total is None else item.total


def order_item(item: OrderItem, shop: str) -> PublicOrderItem:
    """The line, with the keys of its product and SKU in the same shop."""
    product = item.platform_product_id
    return PublicOrderItem(
        product_key=Key("Product", shop, product),
        sku_key=Key("Sku", shop, product, item.platform_sku_id or ""),
        platform_product_id=product,
        platform_sku_id=item.platform_sku_id,
        code=item.code,
        title=item.title,
        description=item.description,
        image=item.images[0] if item.images else None,
        images=list(item.images),
        quantity=item.quantity,
        unit_price=Money(fen=item.unit_price),
        list_price=money(item.unit_price if item.list_price is None else item.list_price),
        total=Money(fen=line_total(item)),
        attributes=attributes(item.attributes),
        category_path=list(item.category_path) or None,
        page=page_link(item.page),
    )
