"""Maps product inputs to the drafts that the platform accepts (reference, section 5)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec
from strawberry import UNSET

from gateway.platforms.weixin_store.mapping import product_parts as parts
from gateway.platforms.weixin_store.mapping.product import NO_BRAND
from gateway.platforms.weixin_store.rules.product import check_images, check_skus
from gateway.platforms.weixin_store.wire import product as read
from gateway.platforms.weixin_store.wire import product_write as wire
from gateway.ports.writing.problems import Problems
from gateway.wechat.scalars import text, whole
from schema.errors import ErrorCode
from schema.inputs.product import (
    ProductCreateInput,
    ProductUpdateInput,
    WeixinStoreProductInput,
)

Made = TypeVar("Made")
_Unset = msgspec.UnsetType
_UNSET: Final = msgspec.UNSET

#: `deliver_method`: goods that a carrier brings.
_BY_CARRIER: Final = 0
#: `listing`: whether the draft goes into its audit at once.
_SUBMIT: Final = 1
#: Services that the platform wants of every product, and those that a draft may have besides.
_REQUIRED_SERVICES: Final = ("seven_day_return", "freight_insurance")
_SERVICES: Final = (
    *_REQUIRED_SERVICES,
    "damage_guarantee",
    "fake_one_pay_three",
    "exchange_support",
)
#: Fields of the input that other platforms have.
_ELSEWHERE: Final = {
    "purchase_limit": "purchaseLimit",
    "sku_attributes": "skuAttributes",
    "origin": "origin",
    "postage_free": "postageFree",
    "has_receipt": "hasReceipt",
    "under_guaranty": "underGuaranty",
    "supports_replacement": "supportsReplacement",
}
_LOST: Final = "\N{REPLACEMENT CHARACTER}"


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What an input tells of a product, in the platform's form; UNSET: nothing."""

    title: str | _Unset = _UNSET
    categories: list[wire.CategoryId] | _Unset = _UNSET
    properties: list[wire.WrittenAttribute] | _Unset = _UNSET
    main_image: str | _Unset = _UNSET
    images: list[str] | _Unset = _UNSET
    detail_images: list[str] | _Unset = _UNSET
    skus: list[wire.Sku] | _Unset = _UNSET
    template: str | _Unset | None = _UNSET
    short_title: str | _Unset | None = _UNSET
    brand_id: str | _Unset | None = _UNSET
    weight: int | _Unset | None = _UNSET
    detail_text: str | _Unset | None = _UNSET
    return_address_id: str | _Unset | None = _UNSET
    seven_day_return: bool | _Unset = _UNSET
    freight_insurance: bool | _Unset = _UNSET
    submit: bool = False


def new_product(given: ProductCreateInput) -> wire.CreateRequest:
    """The draft of a new product.

    Raises:
        InputRefused: a rule is broken.
    """
    problems = Problems()
    told = read_given(given, given.shop, problems)
    document = _document(told, read.ProductCopy(), (), problems)
    skus: list[wire.Sku] = document.pop("skus")
    for index, sku in enumerate(skus):
        if sku.sku_id is not None:
            message = "The platform gives new SKUs their ids: leave it out."
            problems.add(message, "skus", index, "platformId")
    problems.stop()
    members = {name: document[name] for name in wire.Document.__struct_fields__}
    return wire.CreateRequest(**members, skus=[_new(sku) for sku in skus])


def changed_product(
    told: Given,
    product: str,
    standing: read.ProductCopy,
    listed: Sequence[read.Sku],
    problems: Problems,
) -> wire.UpdateRequest:
    """The whole new draft of a product.

    Args:
        told: the changes.
        product: the platform's id.
        standing: the draft as it is now, or the listed copy of a product without one.
        listed: the SKUs of the listed copy: their stock is that of now, the draft's may be older.
        problems: collects what is invalid.

    Raises:
        InputRefused: a rule is broken.
    """
    _check_readable(told, standing, problems)
    document = _document(told, standing, listed, problems)
    problems.stop()
    return wire.UpdateRequest(product_id=product, **document)


def read_given(
    given: ProductCreateInput | ProductUpdateInput, shop: str, problems: Problems
) -> Given:
    """The given parts, each checked by itself."""
    for name, spelt in _ELSEWHERE.items():
        if getattr(given, name):
            message = "This platform has no place for it: leave it out."
            problems.add(message, spelt, code=ErrorCode.UNSUPPORTED_BY_PLATFORM)
    own = given.weixin_store or WeixinStoreProductInput()

    def part(name: str, make: Callable[[Any, Problems], Made]) -> Made | _Unset:
        value = getattr(given, name)
        # A null of a new product is the same as nothing.
        if value is UNSET or (value is None and isinstance(given, ProductCreateInput)):
            return _UNSET
        return make(value, problems.below(_camel(name)))

    def of_own(name: str, make: Callable[[Any, Problems], Made]) -> Made | _Unset:
        value = getattr(own, name)
        return (
            _UNSET if value is UNSET else make(value, problems.below("weixinStore", _camel(name)))
        )

    return Given(
        title=part("title", parts.title),
        categories=part("category_ids", lambda ids, found: parts.categories(ids, shop, found)),
        properties=part("properties", parts.properties),
        main_image=part("main_image", parts.image),
        images=part("images", parts.images),
        detail_images=part("detail", parts.detail_images),
        skus=part("skus", parts.skus),
        template=part("delivery", lambda it, found: parts.template(it, shop, found)),
        short_title=of_own("short_title", parts.short_title),
        brand_id=of_own("brand_id", _plain),
        weight=of_own("weight_grams", parts.weight),
        detail_text=of_own("detail_text", _plain),
        return_address_id=of_own("return_address_id", _plain),
        seven_day_return=of_own("seven_day_return", _flag),
        freight_insurance=of_own("freight_insurance", _flag),
        submit=own.submit is True,
    )


def _document(
    told: Given, standing: read.ProductCopy, listed: Sequence[read.Sku], problems: Problems
) -> dict[str, Any]:
    """The members of the whole draft, what is not told from the one as it is now."""
    return {
        "title": _told(told.title, standing.title or ""),
        "short_title": _told(told.short_title, standing.short_title or None),
        "head_imgs": _head_images(told, standing.head_imgs or [], problems),
        "desc_info": _description(told, standing.desc_info or read.Description()),
        **_categories(told, standing),
        "attrs": _told(told.properties, _attributes(standing.attrs)),
        "spu_code": standing.spu_code or None,
        "brand_id": _told(told.brand_id, text(standing.brand_id)) or NO_BRAND,
        "deliver_method": whole(standing.deliver_method) or _BY_CARRIER,
        "express_info": _delivery(told, standing.express_info or read.Delivery()),
        "aftersale_desc": standing.aftersale_desc or None,
        "after_sale_info": _return_address(told, standing.after_sale_info),
        "extra_service": _services(told, standing.extra_service),
        "skus": _skus(told, standing, listed, problems),
        "listing": _SUBMIT if told.submit else None,
        "release_mode": whole(standing.release_mode),
        "limited_info": standing.limited_info,
        "deliver_acct_type": standing.deliver_acct_type,
        "product_qua_infos": standing.product_qua_infos,
        "size_chart": standing.size_chart,
        "timing_onsale_info": standing.timing_onsale_info,
        "spu_deliver_info": standing.spu_deliver_info,
    }


def _head_images(told: Given, standing: list[str], problems: Problems) -> list[str]:
    """The main image, then the others."""
    main = told.main_image
    if isinstance(main, _Unset):
        if isinstance(told.images, _Unset):
            return standing
        images = told.images
    else:
        # Without other images it replaces the former main one.
        others = _told(told.images, standing[1:])
        images = [main, *(one for one in others if one != main)]
    check_images(images, problems)
    return images


def _description(told: Given, standing: read.Description) -> wire.Description:
    return wire.Description(
        imgs=_told(told.detail_images, standing.imgs or []),
        desc=_told(told.detail_text, standing.desc or None),
    )


def _categories(told: Given, standing: read.ProductCopy) -> dict[str, Any]:
    """Both trees' paths: the platform prefers the new one, and the old one is then empty."""
    path = _told(
        told.categories,
        [wire.CategoryId(cat_id=str(one.cat_id)) for one in standing.cats_v2 or ()],
    )
    if path:
        return {"cats": [], "cats_v2": path}
    old = [wire.CategoryId(cat_id=str(one.cat_id)) for one in standing.cats or ()]
    return {"cats": old, "cats_v2": None}


def _delivery(told: Given, standing: read.Delivery) -> wire.Delivery | None:
    template = _told(told.template, text(standing.template_id))
    weight = _told(told.weight, whole(standing.weight))
    if template is None and weight is None:
        return None
    return wire.Delivery(template_id=template, weight=weight)


def _return_address(told: Given, standing: read.ReturnAddress | None) -> wire.ReturnAddress | None:
    known = text(standing.after_sale_address_id) if standing is not None else None
    address = _told(told.return_address_id, known)
    return None if address in {None, "0"} else wire.ReturnAddress(after_sale_address_id=address)


def _services(told: Given, standing: object) -> dict[str, Any]:
    """`extra_service`: those that the platform wants are there, off if nobody turned them on."""
    known: Mapping[str, Any] = standing if isinstance(standing, dict) else {}
    services = {name: known[name] for name in _SERVICES if known.get(name) is not None}
    for name in _REQUIRED_SERVICES:
        given = getattr(told, name)
        if isinstance(given, _Unset):
            services.setdefault(name, 0)
        elif not given:
            services[name] = 0
        else:
            # 2 and 3 say of which goods it holds: they stay.
            services[name] = services.get(name) or 1
    return services


def _skus(
    told: Given, standing: read.ProductCopy, listed: Sequence[read.Sku], problems: Problems
) -> list[wire.Sku]:
    known = [_as_written(sku, listed) for sku in standing.skus or ()]
    if isinstance(told.skus, _Unset):
        return known
    found = problems.below("skus")
    check_skus(told.skus, found)
    by_id = {sku.sku_id: sku for sku in known}
    by_attributes = {_distinction(sku): sku for sku in known}
    skus = []
    for index, sku in enumerate(told.skus):
        former = by_attributes.get(_distinction(sku))
        if sku.sku_id is not None:
            former = by_id.get(sku.sku_id)
            if former is None and known:
                found.add("The product has no SKU of this id.", index, "platformId")
        skus.append(sku if former is None else _joined(sku, former))
    return skus


def _new(sku: wire.Sku) -> wire.NewSku:
    return wire.NewSku(**{name: getattr(sku, name) for name in wire.NewSku.__struct_fields__})


def _as_written(sku: read.Sku, listed: Sequence[read.Sku]) -> wire.Sku:
    """A SKU of the draft as it is sent back."""
    stock = next((one.stock_num for one in listed if one.sku_id == sku.sku_id), sku.stock_num)
    return wire.Sku(
        sku_id=str(sku.sku_id),
        out_sku_id=sku.out_sku_id or None,
        thumb_img=sku.thumb_img or None,
        sale_price=whole(sku.sale_price) or 0,
        market_price=whole(sku.market_price) or None,
        stock_num=whole(stock) or 0,
        sku_code=sku.sku_code or None,
        bar_code=sku.bar_code or None,
        sku_attrs=_attributes(sku.sku_attrs),
        status=whole(sku.status) or None,
        sku_deliver_info=_sku_delivery(sku.sku_deliver_info),
    )


def _sku_delivery(raw: read.SkuDelivery | None) -> wire.SkuDelivery | None:
    if raw is None:
        return None
    return wire.SkuDelivery(
        **{name: whole(value) for name, value in msgspec.structs.asdict(raw).items()}
    )


def _joined(sku: wire.Sku, former: wire.Sku) -> wire.Sku:
    """A SKU that the product has, with what the input has no place for."""
    return msgspec.structs.replace(
        sku,
        sku_id=former.sku_id,
        out_sku_id=former.out_sku_id,
        status=former.status,
        sku_deliver_info=former.sku_deliver_info,
        sku_attrs=sku.sku_attrs or former.sku_attrs,
    )


def _distinction(sku: wire.Sku) -> frozenset[tuple[str, str]]:
    return frozenset((one.attr_key, one.attr_value) for one in sku.sku_attrs or ())


def _attributes(raw: Sequence[Any] | None) -> list[wire.WrittenAttribute]:
    return [
        wire.WrittenAttribute(attr_key=one.attr_key or "", attr_value=one.attr_value or "")
        for one in raw or ()
    ]


def _check_readable(told: Given, standing: read.ProductCopy, problems: Problems) -> None:
    """Notes parts that came with broken characters, and are not given: they would be sent so."""
    sku_texts = [
        (sku.sku_code, *((one.attr_key, one.attr_value) for one in sku.sku_attrs or ()))
        for sku in standing.skus or ()
    ]
    description = standing.desc_info or read.Description()
    for part, given, path in (
        (standing.title, told.title, ("title",)),
        (standing.short_title, told.short_title, ("weixinStore", "shortTitle")),
        (description.desc, told.detail_text, ("weixinStore", "detailText")),
        (
            [(one.attr_key, one.attr_value) for one in standing.attrs or ()],
            told.properties,
            ("properties",),
        ),
        (sku_texts, told.skus, ("skus",)),
    ):
        if given is _UNSET and _LOST in str(part):
            message = (
                "The platform sent this with broken characters, and it cannot be written back so:"
                " give it too."
            )
            problems.add(message, *path)


def _told(given: Made | _Unset, standing: Made) -> Made:
    return standing if isinstance(given, _Unset) else given


def _plain(given: str | None, _: Problems) -> str | None:
    return given or None


def _flag(given: bool | None, _: Problems) -> bool:  # noqa: FBT001 - as the input has it
    return bool(given)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
