"""Converts a product from the platform's answer to the form it accepts, as far as possible."""

import msgspec

from gateway.platforms.wechat_store.mapping.product_parts import BY_RATES, BY_TEMPLATE
from gateway.platforms.wechat_store.mapping.product_to_wire import Given
from gateway.platforms.wechat_store.rules.names import NOT_WHOLE
from gateway.platforms.wechat_store.wire import product as read
from gateway.platforms.wechat_store.wire import product_write as wire
from gateway.wechat.scalars import number, shown, whole, yes

_NO_BASE = read.ProductBase()
_NO_ATTREXT = read.Attrext()
_UNSET = msgspec.UNSET


def standing_product(raw: read.Product, original: wire.ProductBase | None) -> Given:
    """The current product in the form that the platform accepts.

    Args:
        raw: the answer.
        original: what the gateway sent last, if the lossy parts have not been changed since.
    """
    base = raw.product_base or _NO_BASE
    attrext = raw.attrext or _NO_ATTREXT
    return Given(
        name=_name(base, original),
        category_id=[str(id_) for id_ in base.category_id] if base.category_id else _UNSET,
        property=_properties(base, original),
        main_img=base.main_img or _UNSET,
        img=base.img or _UNSET,
        detail=_detail(base, original),
        buy_limit=whole(base.buy_limit) or None,
        sku_info=[
            wire.SkuInfo(id=str(axis.id or ""), vid=[str(value) for value in axis.vid or ()])
            for axis in base.sku_info or ()
        ]
        or None,
        sku_list=_skus(raw.sku_list),
        location=_location(attrext.location),
        is_post_free=int(yes(attrext.is_post_free)),
        is_has_receipt=int(yes(attrext.is_has_receipt)),
        is_under_guaranty=int(yes(attrext.is_under_guaranty)),
        is_support_replace=int(yes(attrext.is_support_replace)),
        delivery_info=_delivery(raw.delivery_info),
    )


def whole_parts(standing: Given, marked: Given) -> Given:
    """The current product without the parts that the platform sent with broken characters.

    `marked` is the same with U+FFFD for such characters. Writing them back would lose them for
    good, or make a guess at their encoding permanent.
    """
    return Given(
        **{
            name: _UNSET
            if value is not _UNSET and NOT_WHOLE in msgspec.json.encode(getattr(marked, name))
            else value
            for name, value in msgspec.structs.asdict(standing).items()
        }
    )


def as_answered(product_id: str, sent: wire.CreateRequest) -> read.Product:
    """What was sent, in the form of the platform's answer."""
    told = {**msgspec.to_builtins(sent), "product_id": product_id}
    return msgspec.convert(told, type=read.Product)


def _name(base: read.ProductBase, original: wire.ProductBase | None) -> str | msgspec.UnsetType:
    if not base.name:
        return _UNSET
    plain = shown(base.name) or base.name
    # A name that contains an entity looks like an escaped one: what was sent decides.
    if original is not None and original.name in {base.name, plain}:
        return original.name
    return plain


def _properties(
    base: read.ProductBase, original: wire.ProductBase | None
) -> list[wire.Property] | msgspec.UnsetType | None:
    if not base.property:
        return None
    return _UNSET if original is None else original.property


def _detail(
    base: read.ProductBase, original: wire.ProductBase | None
) -> list[wire.DetailBlock] | msgspec.UnsetType:
    if base.detail:
        return [wire.DetailBlock(text=block.text, img=block.img) for block in base.detail]
    return _UNSET if original is None else original.detail


def _skus(raw: list[read.Sku] | None) -> list[wire.Sku] | msgspec.UnsetType:
    skus = []
    for sku in raw or ():
        price, list_price, stock = whole(sku.price), whole(sku.ori_price), whole(sku.quantity)
        if price is None or list_price is None or stock is None:
            return _UNSET
        skus.append(
            wire.Sku(
                sku_id=sku.sku_id or "",
                price=price,
                icon_url=sku.icon_url or None,
                product_code=sku.product_code or None,
                ori_price=list_price,
                quantity=stock,
            )
        )
    return skus or _UNSET


def _location(raw: read.Location | None) -> wire.Location | None:
    if raw is None or not any((raw.country, raw.province, raw.city, raw.address)):
        return None
    return wire.Location(
        country=raw.country or "",
        province=raw.province or "",
        city=raw.city or "",
        address=raw.address or "",
    )


def _delivery(raw: read.DeliveryInfo | None) -> wire.DeliveryInfo | msgspec.UnsetType | None:
    if raw is None or raw.delivery_type is None:
        return None
    template = number(str(raw.template_id or 0))
    if whole(raw.delivery_type) == BY_TEMPLATE:
        if template is None:
            # The platform accepts only numbers, and another number would be another template.
            return _UNSET
        return wire.DeliveryInfo(delivery_type=BY_TEMPLATE, template_id=template)
    rates = [
        wire.Express(id=whole(rate.id) or 0, price=whole(rate.price) or 0)
        for rate in raw.express or ()
    ]
    return wire.DeliveryInfo(delivery_type=BY_RATES, template_id=template or 0, express=rates)
