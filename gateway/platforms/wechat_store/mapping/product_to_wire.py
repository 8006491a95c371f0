"""Maps product inputs to the documents that the platform accepts (manual 1.1, 1.3)."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
import strawberry

from gateway.platforms.wechat_store.mapping import product_parts as parts
from gateway.platforms.wechat_store.rules.sku import check_sku_fits
from gateway.platforms.wechat_store.wire import product_write as wire
from gateway.ports.writing.problems import Problems
from schema.errors import ErrorCode
from schema.inputs.product import ProductCreateInput, ProductUpdateInput

_Unset = msgspec.UnsetType
_UNSET: Final = msgspec.UNSET


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What is known about a product, in the platform's form; UNSET if unknown."""

    name: str | _Unset = _UNSET
    category_id: list[str] | _Unset = _UNSET
    property: list[wire.Property] | _Unset | None = _UNSET
    main_img: str | _Unset = _UNSET
    img: list[str] | _Unset = _UNSET
    detail: list[wire.DetailBlock] | _Unset = _UNSET
    buy_limit: int | _Unset | None = _UNSET
    sku_info: list[wire.SkuInfo] | _Unset | None = _UNSET
    sku_list: list[wire.Sku] | _Unset = _UNSET
    location: wire.Location | _Unset | None = _UNSET
    is_post_free: int | _Unset = _UNSET
    is_has_receipt: int | _Unset = _UNSET
    is_under_guaranty: int | _Unset = _UNSET
    is_support_replace: int | _Unset = _UNSET
    delivery_info: wire.DeliveryInfo | _Unset | None = _UNSET


#: Names of the input fields, by the platform's names.
SPELT: Final[Mapping[str, str]] = {
    "name": "title",
    "category_id": "categoryIds",
    "property": "properties",
    "main_img": "mainImage",
    "img": "images",
    "detail": "detail",
    "buy_limit": "purchaseLimit",
    "sku_info": "skuAttributes",
    "sku_list": "skus",
    "location": "origin",
    "is_post_free": "postageFree",
    "is_has_receipt": "hasReceipt",
    "is_under_guaranty": "underGuaranty",
    "is_support_replace": "supportsReplacement",
    "delivery_info": "delivery",
}
#: Parts that cannot be changed once the product has been on the shelf (manual 1.3).
_FROZEN: Final = ("name", "category_id", "property")


def new_product(given: ProductCreateInput, problems: Problems) -> wire.CreateRequest:
    """The document of a new product.

    Raises:
        InputRefused: problems were noted.
    """
    told = read_given(given, given.shop, problems)
    check_together(told, told, problems)
    problems.stop()
    return document(told)


def read_given(
    given: ProductCreateInput | ProductUpdateInput, shop: str, problems: Problems
) -> Given:
    """The given parts, each checked by itself; null clears a part that may be empty."""
    if given.weixin_store:
        problems.add("The shop is none of the Weixin Store: leave it out.", "weixinStore")

    def read(name: str, part: Callable[[Any, Problems], Any]) -> Any:
        value = getattr(given, name)
        return _UNSET if value is strawberry.UNSET else part(value, problems.below(_camel(name)))

    return Given(
        name=read("title", parts.title),
        category_id=read("category_ids", lambda ids, found: parts.category_ids(ids, shop, found)),
        property=read("properties", parts.properties),
        main_img=read("main_image", parts.image),
        img=read("images", parts.images),
        detail=read("detail", parts.detail),
        buy_limit=read("purchase_limit", parts.purchase_limit),
        sku_info=read("sku_attributes", parts.sku_table),
        sku_list=read("skus", parts.skus),
        location=read("origin", parts.location),
        is_post_free=read("postage_free", _flag),
        is_has_receipt=read("has_receipt", _flag),
        is_under_guaranty=read("under_guaranty", _flag),
        is_support_replace=read("supports_replacement", _flag),
        delivery_info=read("delivery", lambda it, found: parts.delivery(it, shop, found)),
    )


def check_together(told: Given, known: Given, problems: Problems) -> None:
    """Checks the rules across several parts if one of these is given and all are known."""
    skus, table = known.sku_list, known.sku_info
    if (told.sku_list, told.sku_info) != (_UNSET, _UNSET) and not (
        isinstance(skus, _Unset) or isinstance(table, _Unset)
    ):
        check_sku_fits(skus, table or (), problems)
    if (told.delivery_info, told.is_post_free) != (_UNSET, _UNSET) and (
        (known.delivery_info, known.is_post_free) == (None, 0)
    ):
        problems.add("Delivery may be left out only where postage is free.", "delivery")


def overlaid(told: Given, standing: Given) -> Given:
    """The given parts, with the current ones for the rest."""
    return Given(
        **{
            name: getattr(standing, name) if value is _UNSET else value
            for name, value in msgspec.structs.asdict(told).items()
        }
    )


def check_known(known: Given, problems: Problems) -> None:
    """Notes required parts that neither the caller nor the platform provides."""
    for name, value in msgspec.structs.asdict(known).items():
        if value is _UNSET:
            problems.add(
                "The platform wants it, but does not give it back as it takes it: send it too.",
                SPELT[name],
            )


def check_frozen(told: Given, standing: Given, problems: Problems) -> None:
    """Notes changes of frozen parts; what cannot be compared is left to the platform."""
    for name in changed_frozen(told, standing):
        problems.add(
            "This cannot be changed any more: the product was on the shelf.",
            SPELT[name],
            code=ErrorCode.CONFLICT,
        )


def changed_frozen(told: Given, standing: Given) -> list[str]:
    """The parts frozen by the first listing that would change."""
    return [
        name
        for name in _FROZEN
        if _UNSET not in (getattr(told, name), getattr(standing, name))
        and _comparable(getattr(told, name)) != _comparable(getattr(standing, name))
    ]


def document(known: Given) -> wire.CreateRequest:
    """The whole document; all of its parts are known."""
    told = msgspec.structs.asdict(known)
    base = {name: told[name] for name in wire.ProductBase.__struct_fields__}
    attrext = {name: told[name] for name in wire.Attrext.__struct_fields__}
    return wire.CreateRequest(
        product_base=wire.ProductBase(**base),
        sku_list=told["sku_list"],
        attrext=wire.Attrext(**attrext),
        delivery_info=told["delivery_info"],
    )


def _flag(given: bool | None, _: Problems) -> int:  # noqa: FBT001 - as the input has it
    return int(bool(given))


def _comparable(value: Any) -> Any:
    if not isinstance(value, list):
        return value or []
    return sorted(
        (item.id, item.vid) if isinstance(item, wire.Property) else (item,) for item in value
    )


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
