"""Maps products of the WeChat Store to Product (manual 1.1, 1.4, 1.5)."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from gateway.platforms.wechat_store.mapping.product_details import (
    blocks_from_wire,
    detail_query,
    details_from_wire,
)
from gateway.platforms.wechat_store.mapping.sku import KnownAttributes, skus_from_wire
from gateway.platforms.wechat_store.mapping.status import (
    product_status_from_wire,
    status_by_stock,
)
from gateway.platforms.wechat_store.wire.product import Product as WireProduct
from gateway.platforms.wechat_store.wire.product import ProductBase
from gateway.wechat.scalars import shown
from schema.key import Key
from schema.lazy_fields import begin_lazy
from schema.loader_keys import DetailQuery
from schema.platform import Platform
from schema.product import Product
from schema.product_details import WechatStoreProductDetails, text_of_blocks
from schema.product_status import ProductStatus
from schema.shop import Shop
from schema.sku import Sku

_NO_BASE: Final = ProductBase()


def product_from_wire(
    raw: WireProduct,
    shop: Shop,
    source: Callable[[], Any] | None = None,
    asked: ProductStatus | None = None,
    attributes: KnownAttributes | None = None,
) -> Product:
    """A product.

    Args:
        raw: the product as the platform sent it.
        shop: the shop that has it.
        source: returns its document as received.
        asked: the status that was asked for, if the answer does not repeat it; None: any.
        attributes: attributes of SKUs mapped before, to be shared; filled here.
    """
    base = raw.product_base or _NO_BASE
    product = begin_lazy(Product, _Rest(raw, base, {} if attributes is None else attributes))
    product.key = Key("Product", shop.key_name, raw.product_id)
    product.shop = shop
    product.platform = Platform.WECHAT_STORE
    product.platform_id = raw.product_id
    product.title = shown(base.name) or ""
    product.main_image = base.main_img or None
    product.images = base.img or []
    status = product_status_from_wire(raw)
    if status is None and asked is not None:
        status = status_by_stock(asked, raw)
    product.known_status = status
    product.raw_source = source
    return product


class _Rest(msgspec.Struct):
    """Builds the lazy members of a product."""

    raw: WireProduct
    base: ProductBase
    attributes: KnownAttributes

    def make_skus(self, product: Product) -> list[Sku]:
        ids = self.base.category_id
        # The last of several ids is the category itself: SKU tables belong to leaves.
        category = Key("Category", product.key.shop, str(ids[-1])) if ids else None
        return skus_from_wire(self.raw.sku_list or (), product, category, self.attributes)

    def make_known_description(self, _: Product) -> str | None:
        return text_of_blocks(blocks_from_wire(self.base.detail or ()))

    def make_description_query(self, product: Product) -> DetailQuery:
        return detail_query(self.base, product.key)

    def make_details(self, product: Product) -> WechatStoreProductDetails:
        return details_from_wire(self.raw, self.base, product.key)
