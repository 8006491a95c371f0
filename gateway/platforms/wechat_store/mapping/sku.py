"""From the SKUs of a product to Sku (manual 1.1, sku_list)."""

from collections.abc import Sequence

from gateway.platforms.wechat_store.mapping.scalars import money, text, whole
from gateway.platforms.wechat_store.mapping.sku_id import attributes_from_sku_id
from gateway.platforms.wechat_store.wire.product import Sku as WireSku
from schema.key import Key
from schema.sku import Sku, SkuAttribute

#: Attributes made before, by who has their names and by their part of an id.
KnownAttributes = dict[Key, dict[str, SkuAttribute]]


def skus_from_wire(
    raw: Sequence[WireSku], product: Key, category: Key | None, attributes: KnownAttributes
) -> list[Sku]:
    """The SKUs in the platform's order; those that share an attribute share its object."""
    owner = category or product
    known = attributes.setdefault(owner, {})
    return [_sku(sku, product, owner, known) for sku in raw]


def _sku(raw: WireSku, product: Key, owner: Key, known: dict[str, SkuAttribute]) -> Sku:
    sku_id = raw.sku_id or ""
    return Sku(
        key=Key("Sku", product.shop, product.platform_id, sku_id),
        product_key=product,
        platform_id=sku_id,
        code=text(raw.product_code),
        attributes=attributes_from_sku_id(sku_id, owner, known),
        price=money(raw.price),
        list_price=money(raw.ori_price),
        stock=whole(raw.quantity),
        image=text(raw.icon_url),
    )
