"""From a product of the WeChat Store to Product (manual 1.1, 1.4, 1.5)."""

from collections.abc import Callable
from typing import Any, Final

from gateway.platforms.wechat_store.mapping.product_details import details_from_wire
from gateway.platforms.wechat_store.mapping.scalars import shown, text, whole
from gateway.platforms.wechat_store.mapping.sku import KnownAttributes, skus_from_wire
from gateway.platforms.wechat_store.wire.product import Product as WireProduct
from gateway.platforms.wechat_store.wire.product import ProductBase
from schema.key import Key
from schema.platform import Platform
from schema.product import Product
from schema.product_status import ProductStatus
from schema.shop import Shop

#: Manual 1.5. A product without stock stays ON_SHELF: SOLD_OUT is no status of this platform.
PRODUCT_STATUS: Final = {1: ProductStatus.ON_SHELF, 2: ProductStatus.OFF_SHELF}

_NO_BASE: Final = ProductBase()


def status_from_wire(raw: WireProduct) -> ProductStatus | None:
    """Where the product stands; None where this answer does not tell (manual 1.4 does not)."""
    status = whole(raw.status)
    return None if status is None else PRODUCT_STATUS.get(status, ProductStatus.UNKNOWN)


def product_from_wire(
    raw: WireProduct,
    shop: Shop,
    source: Callable[[], Any] | None = None,
    asked: ProductStatus | None = None,
    attributes: KnownAttributes | None = None,
) -> Product:
    """A product.

    Args:
        raw: the product as the platform told it.
        shop: the shop that has it.
        source: answers its document as received.
        asked: the status that the question was for, where the answer does not repeat it.
        attributes: of SKUs that were mapped before, to be shared; filled here.
    """
    base = raw.product_base or _NO_BASE
    key = Key("Product", shop.key_name, raw.product_id)
    # Of several ids the last names the category itself: SKU tables hang on leaves.
    categories = tuple(Key("Category", shop.key_name, str(id_)) for id_ in base.category_id or ())
    category = categories[-1] if categories else None
    return Product(
        key=key,
        shop=shop,
        platform=Platform.WECHAT_STORE,
        platform_id=raw.product_id,
        title=shown(base.name) or "",
        main_image=text(base.main_img),
        images=base.img or [],
        known_status=status_from_wire(raw) or asked,
        skus=skus_from_wire(
            raw.sku_list or (), key, category, {} if attributes is None else attributes
        ),
        details=details_from_wire(raw, base, key, categories),
        raw_source=source,
    )
