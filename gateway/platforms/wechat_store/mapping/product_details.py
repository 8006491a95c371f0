"""From what only the WeChat Store tells of a product to WechatStoreProductDetails (manual 1.1)."""

from collections.abc import Sequence
from typing import Final

from gateway.platforms.wechat_store.mapping.delivery import flat_rates_from_wire
from gateway.platforms.wechat_store.mapping.lossy import lossy_fingerprint
from gateway.platforms.wechat_store.mapping.scalars import shown, text, whole, yes
from gateway.platforms.wechat_store.wire.product import (
    Attrext,
    DeliveryInfo,
    DetailBlock,
    Product,
    ProductBase,
)
from gateway.platforms.wechat_store.wire.product import Location as WireLocation
from gateway.platforms.wechat_store.wire.product_write import DetailBlock as SentBlock
from schema.key import Key
from schema.product_details import (
    DetailImage,
    DetailText,
    Location,
    ProductDelivery,
    WechatStoreProductDetails,
)
from schema.queries import DetailQuery, PropertyQuery, SkuAttributeQuery

_NO_ATTREXT: Final = Attrext()
#: delivery_type: the fee comes from a template.
_BY_TEMPLATE: Final = 1


def details_from_wire(
    raw: Product, base: ProductBase, product: Key, categories: tuple[Key, ...]
) -> WechatStoreProductDetails:
    """The details; what loaders look up is asked of the last category."""
    attrext = raw.attrext or _NO_ATTREXT
    category = categories[-1] if categories else None
    return WechatStoreProductDetails(
        product_key=product,
        category_keys=categories,
        property_query=None if category is None else _properties(base, category),
        sku_attribute_query=None if category is None else _sku_attributes(base, category),
        detail_query=DetailQuery(product, lossy_fingerprint(base)),
        known_blocks=None if base.detail is None else blocks_from_wire(base.detail),
        html=text(base.detail_html),
        purchase_limit=whole(base.buy_limit) or 0,
        origin=None if attrext.location is None else _location(attrext.location),
        postage_free=yes(attrext.is_post_free),
        has_receipt=yes(attrext.is_has_receipt),
        under_guaranty=yes(attrext.is_under_guaranty),
        supports_replacement=yes(attrext.is_support_replace),
        delivery=None if raw.delivery_info is None else _delivery(raw.delivery_info, product.shop),
    )


def _properties(base: ProductBase, category: Key) -> PropertyQuery:
    pairs = tuple(
        (_id_or_name(pair.id), _id_or_name(pair.vid))
        for pair in base.property or ()
        if pair.id is not None
    )
    return PropertyQuery(category, pairs)


def _id_or_name(value: int | str | None) -> str:
    return shown(value) or "" if isinstance(value, str) else str(value or "")


def _sku_attributes(base: ProductBase, category: Key) -> SkuAttributeQuery:
    choices = tuple(
        (str(info.id), tuple(map(str, info.vid or ())))
        for info in base.sku_info or ()
        if info.id is not None
    )
    return SkuAttributeQuery(category, choices)


def blocks_from_wire(raw: Sequence[DetailBlock | SentBlock]) -> list[DetailText | DetailImage]:
    """The paragraphs and pictures, from the top."""
    blocks: list[DetailText | DetailImage] = []
    for block in raw:
        if block.text is not None:
            blocks.append(DetailText(text=block.text))
        if block.img is not None:
            blocks.append(DetailImage(url=block.img))
    return blocks


def _location(raw: WireLocation) -> Location:
    return Location(
        country=text(raw.country),
        province=text(raw.province),
        city=text(raw.city),
        address=text(raw.address),
    )


def _delivery(raw: DeliveryInfo, shop: str) -> ProductDelivery:
    if whole(raw.delivery_type) == _BY_TEMPLATE and raw.template_id:
        template = Key("DeliveryTemplate", shop, str(raw.template_id))
        return ProductDelivery(template_key=template, flat_rates=[])
    return ProductDelivery(flat_rates=flat_rates_from_wire(raw.express or ()))
