"""From the SKUs of a product to Sku (manual 1.1, sku_list)."""

from collections.abc import Sequence

import msgspec

from gateway.platforms.wechat_store.mapping.scalars import money, whole
from gateway.platforms.wechat_store.mapping.sku_id import attributes_from_sku_id
from gateway.platforms.wechat_store.wire.product import Sku as WireSku
from schema.key import Key
from schema.lazy_fields import begin_lazy
from schema.sku import Sku, SkuAttribute

#: Attributes made before, by who has their names and by their part of an id.
KnownAttributes = dict[Key, dict[str, SkuAttribute]]


def skus_from_wire(
    raw: Sequence[WireSku], product: Key, category: Key | None, attributes: KnownAttributes
) -> list[Sku]:
    """The SKUs in the platform's order; those that share an attribute share its object."""
    owner = category or product
    known = attributes.setdefault(owner, {})
    rest = _Rest(owner, known)
    return [_sku(sku, product, rest) for sku in raw]


class _Rest(msgspec.Struct):
    """Makes what is left out of the SKUs of one product."""

    owner: Key
    known: dict[str, SkuAttribute]

    def make_key(self, sku: Sku) -> Key:
        product = sku.product_key
        return Key("Sku", product.shop, product.platform_id, sku.platform_id)

    def make_attributes(self, sku: Sku) -> list[SkuAttribute]:
        return attributes_from_sku_id(sku.platform_id, self.owner, self.known)


def _sku(raw: WireSku, product: Key, rest: _Rest) -> Sku:
    sku = begin_lazy(Sku, rest)
    sku.product_key = product
    sku.platform_id = raw.sku_id or ""
    sku.code = raw.product_code or None
    sku.price = money(raw.price)
    sku.list_price = money(raw.ori_price)
    sku.stock = whole(raw.quantity)
    sku.image = raw.icon_url or None
    return sku
