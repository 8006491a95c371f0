"""Maps the SKUs of a product to Sku, and SKU ids to attributes (manual 1.1, sku_list)."""

from collections.abc import Sequence
from functools import lru_cache

import msgspec

from gateway.platforms.wechat_store.wire.product import Sku as WireSku
from gateway.wechat.scalars import money, shown, whole
from schema.key import Key
from schema.lazy_fields import begin_lazy
from schema.loader_keys import Naming, SkuStatusQuery
from schema.product import Product
from schema.product_status import ProductStatus, status_of_sku
from schema.sku import Sku, SkuAttribute

#: Attributes mapped before, by the owner of their names and by their part of an id.
KnownAttributes = dict[Key, dict[str, SkuAttribute]]


def skus_from_wire(
    raw: Sequence[WireSku], product: Product, category: Key | None, attributes: KnownAttributes
) -> list[Sku]:
    """The SKUs in the platform's order; equal attributes share one object."""
    owner = category or product.key
    known = attributes.setdefault(owner, {})
    rest = _Rest(owner, known, product.known_status)
    return [_sku(sku, product.key, rest) for sku in raw]


class _Rest(msgspec.Struct):
    """Builds the lazy members of the SKUs of one product."""

    owner: Key
    known: dict[str, SkuAttribute]
    #: The product's; None if the answer does not report it.
    status: ProductStatus | None

    def make_known_status(self, sku: Sku) -> ProductStatus | None:
        return None if self.status is None else status_of_sku(self.status, sold_out=sku.stock == 0)

    def make_status_query(self, sku: Sku) -> SkuStatusQuery:
        return SkuStatusQuery(sku.product_key, sold_out=sku.stock == 0)

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


def attributes_from_sku_id(
    sku_id: str, owner: Key | None, known: dict[str, SkuAttribute]
) -> list[SkuAttribute]:
    """The attributes of one SKU, in the id's order; empty for the empty id of a single SKU.

    Args:
        sku_id: as the platform writes it.
        owner: the product or category whose SKU table has the names; None if there is none.
        known: attributes mapped before for the same owner, by their part of an id; filled here.
    """
    attributes = []
    for part in _parts(sku_id):
        attribute = known.get(part)
        if attribute is None:
            attribute = known[part] = _attribute(part, owner)
        attributes.append(attribute)
    return attributes


@lru_cache(maxsize=4_096)
def _parts(sku_id: str) -> Sequence[str]:
    """The pairs; a part without a colon continues a custom value that contains a semicolon."""
    parts: list[str] = []
    for part in sku_id.split(";"):
        if parts and part and ":" not in part:
            parts[-1] = f"{parts[-1]};{part}"
        elif part:
            parts.append(part)
    return parts


def _attribute(part: str, owner: Key | None) -> SkuAttribute:
    name, _, value = part.partition(":")
    own_name, own_value = name.startswith("$"), value.startswith("$")
    own = own_name and own_value
    return SkuAttribute(
        known_name=shown(name[1:]) if own_name else None,
        known_value=shown(value[1:]) if own_value else None,
        naming=None if owner is None or own else Naming(owner, name, value),
        name_id=None if own_name else name,
        value_id=None if own_value or not value else value,
        custom=own_name or own_value,
    )
