"""From a line of an order to OrderItem (manual 6.2, products)."""

from typing import Final

from gateway.platforms.wechat_store.mapping.scalars import money, shown, whole
from gateway.platforms.wechat_store.mapping.sku_id import attributes_from_sku_id
from gateway.platforms.wechat_store.wire.order import OrderProduct
from schema.key import Key
from schema.lazy_fields import begin_lazy
from schema.money import Money
from schema.order_item import OrderItem
from schema.sku import SkuAttribute


def item_from_wire(raw: OrderProduct, shop: str) -> OrderItem:
    """A line; the platform tells no total of a line, so it is price × count."""
    product_id = raw.product_id or ""
    item = begin_lazy(OrderItem, _REST)
    item.product_key = Key("Product", shop, product_id) if product_id else None
    item.platform_product_id = product_id
    item.platform_sku_id = raw.product_sku
    item.title = shown(raw.product_name) or ""
    item.image = raw.product_img or None
    item.quantity = whole(raw.product_count) or 0
    item.unit_price = money(raw.product_price) or Money(fen=0)
    return item


class _Rest:
    """Makes what is left out of any line, out of what stands in it."""

    def make_sku_key(self, item: OrderItem) -> Key | None:
        product, sku_id = item.product_key, item.platform_sku_id
        if product is None or sku_id is None:
            return None
        return Key("Sku", product.shop, product.platform_id, sku_id)

    def make_images(self, item: OrderItem) -> list[str]:
        return [] if item.image is None else [item.image]

    def make_total(self, item: OrderItem) -> Money:
        return Money(fen=item.unit_price.fen * item.quantity)

    def make_attributes(self, item: OrderItem) -> list[SkuAttribute]:
        sku_id = item.platform_sku_id
        return attributes_from_sku_id(sku_id, item.product_key, {}) if sku_id else []


_REST: Final = _Rest()
