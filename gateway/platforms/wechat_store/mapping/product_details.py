"""Maps WeChat Store specifics of a product to WechatStoreProductDetails (manual 1.1)."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

import msgspec

from gateway.platforms.wechat_store.mapping.delivery import flat_rates_from_wire
from gateway.platforms.wechat_store.wire.product import (
    Attrext,
    DeliveryInfo,
    DetailBlock,
    Product,
    ProductBase,
)
from gateway.platforms.wechat_store.wire.product import Location as WireLocation
from gateway.platforms.wechat_store.wire.product_write import DetailBlock as SentBlock
from gateway.wechat.scalars import shown, text, whole, yes
from schema.key import Key
from schema.lazy_fields import begin_lazy
from schema.loader_keys import DetailQuery, PropertyQuery, SkuAttributeQuery
from schema.product_details import (
    DetailImage,
    DetailText,
    Location,
    ProductDelivery,
    WechatStoreProductDetails,
)

_NO_ATTREXT: Final = Attrext()
#: delivery_type: the fee comes from a template.
_BY_TEMPLATE: Final = 1


def details_from_wire(raw: Product, base: ProductBase, product: Key) -> WechatStoreProductDetails:
    """The details; loaders look up names in the last category."""
    attrext = raw.attrext or _NO_ATTREXT
    details = begin_lazy(WechatStoreProductDetails, _Rest(raw, base))
    details.product_key = product
    details.html = text(base.detail_html)
    details.purchase_limit = whole(base.buy_limit) or 0
    details.postage_free = yes(attrext.is_post_free)
    details.has_receipt = yes(attrext.is_has_receipt)
    details.under_guaranty = yes(attrext.is_under_guaranty)
    details.supports_replacement = yes(attrext.is_support_replace)
    return details


class _Rest(msgspec.Struct):
    """Builds the lazy members of the details."""

    raw: Product
    base: ProductBase

    def make_category_keys(self, details: WechatStoreProductDetails) -> tuple[Key, ...]:
        shop = details.product_key.shop
        return tuple(Key("Category", shop, str(id_)) for id_ in self.base.category_id or ())

    def make_property_query(self, details: WechatStoreProductDetails) -> PropertyQuery | None:
        keys = details.category_keys
        return _properties(self.base, keys[-1]) if keys else None

    def make_sku_attribute_query(
        self, details: WechatStoreProductDetails
    ) -> SkuAttributeQuery | None:
        keys = details.category_keys
        return _sku_attributes(self.base, keys[-1]) if keys else None

    def make_detail_query(self, details: WechatStoreProductDetails) -> DetailQuery:
        return detail_query(self.base, details.product_key)

    def make_known_blocks(
        self, _: WechatStoreProductDetails
    ) -> list[DetailText | DetailImage] | None:
        return None if self.base.detail is None else blocks_from_wire(self.base.detail)

    def make_origin(self, _: WechatStoreProductDetails) -> Location | None:
        location = (self.raw.attrext or _NO_ATTREXT).location
        return None if location is None else _location(location)

    def make_delivery(self, details: WechatStoreProductDetails) -> ProductDelivery | None:
        told = self.raw.delivery_info
        return None if told is None else _delivery(told, details.product_key.shop)


def _properties(base: ProductBase, category: Key) -> PropertyQuery:
    pairs = tuple(
        (_id_or_name(pair.id), _id_or_name(pair.vid))
        for pair in base.property or ()
        if pair.id is not None
    )
    return PropertyQuery(category, pairs)


def _id_or_name(value: int | str | None) -> int | str:
    return shown(value) or "" if isinstance(value, str) else value or ""


def _sku_attributes(base: ProductBase, category: Key) -> SkuAttributeQuery:
    choices = tuple(
        (str(info.id), tuple(map(str, info.vid or ())))
        for info in base.sku_info or ()
        if info.id is not None
    )
    return SkuAttributeQuery(category, choices)


def blocks_from_wire(raw: Sequence[DetailBlock | SentBlock]) -> list[DetailText | DetailImage]:
    """The paragraphs and pictures, from top to bottom."""
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


_SIZE = 16


def detail_query(base: ProductBase, product: Key) -> DetailQuery:
    """The key of the loader of the description, if the platform gave it back as HTML alone."""
    return DetailQuery(product, lossy_fingerprint(base))


def lossy_fingerprint(base: ProductBase) -> str:
    """Equal for two answers only if their properties and description are equal.

    The platform returns properties as names and the description as HTML (manual 1.4).
    """
    told = msgspec.json.encode((base.property, base.detail_html, base.detail))
    return blake2b(told, digest_size=_SIZE).hexdigest()
