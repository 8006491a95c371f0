"""Parts of a product in the platform's form, each checked by its own rules (reference, 5)."""

from collections.abc import Sequence

from strawberry import UNSET

from gateway.platforms.weixin_store.rules.product import (
    check_detail_images,
    check_price,
    check_short_title,
    check_title,
    check_uploaded,
)
from gateway.platforms.weixin_store.wire import product_write as wire
from gateway.ports.writing.inputs import read_id, read_money
from gateway.ports.writing.problems import Problems
from schema.errors import ErrorCode
from schema.inputs.product import DetailBlockInput, ProductDeliveryInput, PropertyInput, SkuInput


def title(given: str | None, problems: Problems) -> str:
    """The title."""
    check_title(given or "", problems)
    return given or ""


def short_title(given: str | None, problems: Problems) -> str | None:
    """The short title; None: there is none."""
    check_short_title(given or "", problems)
    return given or None


def categories(given: Sequence[str] | None, shop: str, problems: Problems) -> list[wire.CategoryId]:
    """The path from the root of the tree to the leaf, of categories of the same shop."""
    if not given:
        problems.add("A product has a category.")
    keys = [
        read_id(id_, "Category", shop, problems, index) for index, id_ in enumerate(given or ())
    ]
    return [wire.CategoryId(cat_id=key.platform_id) for key in keys if key is not None]


def properties(
    given: Sequence[PropertyInput] | None, problems: Problems
) -> list[wire.WrittenAttribute]:
    """Pairs of names."""
    for index, pair in enumerate(given or ()):
        for id_, field in ((pair.name_id, "nameId"), (pair.value_id, "valueId")):
            if id_:
                problems.add("This platform takes names, not ids.", index, field)
        for name, field in ((pair.name, "name"), (pair.value, "value")):
            if not name:
                problems.add("Give the name.", index, field)
    names = [pair.name for pair in given or () if pair.name]
    if len(set(names)) < len(names):
        problems.add("A property is listed once.")
    return [
        wire.WrittenAttribute(attr_key=pair.name or "", attr_value=pair.value or "")
        for pair in given or ()
    ]


def image(given: str | None, problems: Problems) -> str:
    """The address of the main image."""
    check_uploaded(given or "", problems)
    return given or ""


def images(given: Sequence[str] | None, problems: Problems) -> list[str]:
    """The addresses of the images; how many there are is checked with the main one."""
    for index, address in enumerate(given or ()):
        check_uploaded(address, problems, index)
    return list(given or ())


def detail_images(given: Sequence[DetailBlockInput] | None, problems: Problems) -> list[str]:
    """The addresses of the images of the product's page."""
    found = []
    for index, block in enumerate(given or ()):
        if block.image is not UNSET and block.image is not None:
            check_uploaded(block.image, problems, index, "image")
            found.append(block.image)
        else:
            problems.add(
                "This platform has one text above all images: give it as `weixinStore.detailText`.",
                index,
                "text",
                code=ErrorCode.UNSUPPORTED_BY_PLATFORM,
            )
    check_detail_images(found, problems)
    return found


def template(given: ProductDeliveryInput | None, shop: str, problems: Problems) -> str | None:
    """The delivery template's id; None: there is none."""
    if given is None:
        return None
    if given.template_id is UNSET or given.template_id is None:
        problems.add(
            "This platform has delivery templates only.",
            "flatRates",
            code=ErrorCode.UNSUPPORTED_BY_PLATFORM,
        )
        return None
    key = read_id(given.template_id, "DeliveryTemplate", shop, problems, "templateId")
    return None if key is None else key.platform_id


def weight(given: int | None, problems: Problems) -> int | None:
    """The weight in grams; None: it has none."""
    if given is not None and given < 0:
        problems.add("Give 0 or more.")
    return given


def skus(given: Sequence[SkuInput] | None, problems: Problems) -> list[wire.Sku]:
    """The SKUs, as far as the input tells them apart."""
    return [_sku(sku, problems.below(index)) for index, sku in enumerate(given or ())]


def _sku(given: SkuInput, problems: Problems) -> wire.Sku:
    noted = len(problems.found)
    price = read_money(given.price, problems, "price")
    list_price = read_money(given.list_price, problems, "listPrice")
    if price is not None and list_price is not None and len(problems.found) == noted:
        check_price(price.fen, list_price.fen, problems)
    if given.stock < 0:
        problems.add("Give 0 or more.", "stock")
    if given.image:
        check_uploaded(given.image, problems, "image")
    for index, one in enumerate(given.attributes or ()):
        for name, field in ((one.name, "name"), (one.value, "value")):
            if not name.strip():
                problems.add("Give the name.", "attributes", index, field)
    return wire.Sku(
        sku_id=given.platform_id or None,
        thumb_img=given.image or None,
        sale_price=price.fen if price else 0,
        market_price=list_price.fen if list_price else None,
        stock_num=given.stock,
        sku_code=given.code or None,
        bar_code=given.barcode or None,
        sku_attrs=[
            wire.WrittenAttribute(attr_key=one.name, attr_value=one.value)
            for one in given.attributes or ()
        ],
    )
