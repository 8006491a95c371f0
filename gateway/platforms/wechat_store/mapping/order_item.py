"""From a line of an order to OrderItem (manual 6.2, products)."""

from gateway.platforms.wechat_store.mapping.scalars import money, shown, text, whole
from gateway.platforms.wechat_store.mapping.sku_id import attributes_from_sku_id
from gateway.platforms.wechat_store.wire.order import OrderProduct
from schema.key import Key
from schema.money import Money
from schema.order_item import OrderItem


def item_from_wire(raw: OrderProduct, shop: str) -> OrderItem:
    """A line; the platform tells no total of a line, so it is price × count."""
    product_id = raw.product_id or ""
    product = Key("Product", shop, product_id) if product_id else None
    price = money(raw.product_price) or Money(fen=0)
    quantity = whole(raw.product_count) or 0
    image = text(raw.product_img)
    sku_id = raw.product_sku
    named = product is not None and sku_id is not None
    return OrderItem(
        product_key=product,
        sku_key=Key("Sku", shop, product_id, sku_id or "") if named else None,
        platform_product_id=product_id,
        platform_sku_id=sku_id,
        title=shown(raw.product_name) or "",
        image=image,
        images=[] if image is None else [image],
        quantity=quantity,
        unit_price=price,
        total=Money(fen=price.fen * quantity),
        attributes=attributes_from_sku_id(sku_id, product, {}) if sku_id else [],
    )
