"""Parts of a product in the platform's form, each checked by its own rules (manual 1.1)."""

from collections.abc import Sequence
from typing import Final

from strawberry import UNSET

from gateway.platforms.wechat_store.mapping.delivery import SERVICE_IDS
from gateway.platforms.wechat_store.mapping.images import check_uploaded
from gateway.platforms.wechat_store.mapping.regions import check_region
from gateway.platforms.wechat_store.rules.names import check_name
from gateway.platforms.wechat_store.rules.sku import check_sku_ids, check_table
from gateway.platforms.wechat_store.wire import product_write as wire
from gateway.ports.writing.inputs import read_id, read_money
from gateway.ports.writing.problems import Problems
from gateway.wechat.scalars import number
from schema.errors import ErrorCode
from schema.inputs.product import (
    DetailBlockInput,
    FlatRateInput,
    LocationInput,
    ProductDeliveryInput,
    PropertyInput,
    SkuAttributeChoiceInput,
    SkuInput,
)

#: delivery_type.
BY_RATES: Final = 0
BY_TEMPLATE: Final = 1


def title(given: str | None, problems: Problems) -> str:
    """The name, not blank."""
    check_name(given or "", problems)
    return given or ""


def category_ids(given: Sequence[str] | None, shop: str, problems: Problems) -> list[str]:
    """The platform ids of categories of the same shop."""
    if not given:
        problems.add("A product has a category.")
    keys = [
        read_id(id_, "Category", shop, problems, index) for index, id_ in enumerate(given or ())
    ]
    return [key.platform_id for key in keys if key is not None]


def properties(
    given: Sequence[PropertyInput] | None, problems: Problems
) -> list[wire.Property] | None:
    """Pairs of ids from the category's table; None: there are none."""
    for index, pair in enumerate(given or ()):
        for of, id_, field in (
            ("property", pair.name_id, "nameId"),
            ("value", pair.value_id, "valueId"),
        ):
            if not id_:
                problems.add(f"Give the id of the {of}.", index, field)
            elif number(id_) is None:
                message = f"This is no id of a {of}: see `Category.properties`."
                problems.add(message, index, field)
        for name, field in ((pair.name, "name"), (pair.value, "value")):
            if name:
                problems.add("This platform takes ids, not names.", index, field)
    return [
        wire.Property(id=pair.name_id or "", vid=pair.value_id or "") for pair in given or ()
    ] or None


def image(given: str | None, problems: Problems) -> str:
    """The URL of the main picture."""
    check_uploaded(given or "", problems)
    return given or ""


def images(given: Sequence[str] | None, problems: Problems) -> list[str]:
    """The URLs of the pictures: at least one."""
    if not given:
        problems.add("A product has at least one picture.")
    for index, address in enumerate(given or ()):
        check_uploaded(address, problems, index)
    return list(given or ())


def detail(given: Sequence[DetailBlockInput] | None, problems: Problems) -> list[wire.DetailBlock]:
    """The description: at least one paragraph or picture."""
    if not given:
        problems.add("A product has a description: at least one paragraph or picture.")
    blocks = []
    for index, block in enumerate(given or ()):
        if block.image is not UNSET and block.image is not None:
            check_uploaded(block.image, problems, index, "image")
            blocks.append(wire.DetailBlock(img=block.image))
        else:
            blocks.append(wire.DetailBlock(text=block.text or ""))
    return blocks


def purchase_limit(given: int | None, problems: Problems) -> int | None:
    """How many units one buyer may buy; None: no limit."""
    if given is not None and given < 0:
        problems.add("Give 1 or more, or 0 for no limit.")
    return given or None


def sku_table(
    given: Sequence[SkuAttributeChoiceInput] | None, problems: Problems
) -> list[wire.SkuInfo] | None:
    """The attributes in which the SKUs differ; None: there is only one SKU."""
    table = [wire.SkuInfo(id=one.name_id, vid=list(one.value_ids)) for one in given or ()]
    check_table(table, problems)
    return table or None


def skus(given: Sequence[SkuInput] | None, problems: Problems) -> list[wire.Sku]:
    """The SKUs: at least one, each cheaper than its list price."""
    if not given:
        problems.add("A product has at least one SKU.")
    found = [_sku(sku, problems.below(index)) for index, sku in enumerate(given or ())]
    check_sku_ids(found, problems)
    return found


def _sku(given: SkuInput, problems: Problems) -> wire.Sku:
    price = read_money(given.price, problems, "price")
    list_price = read_money(given.list_price, problems, "listPrice")
    if price is not None and list_price is not None and price.fen >= list_price.fen:
        problems.add("The price must be below the list price.", "price")
    if given.stock < 0:
        problems.add("Give 0 or more.", "stock")
    if given.image:
        check_uploaded(given.image, problems, "image")
    if given.attributes:
        problems.add("This platform has them in `platformId`, by id.", "attributes")
    if given.barcode:
        problems.add("This platform has no barcodes: leave it out.", "barcode")
    return wire.Sku(
        sku_id=given.platform_id or "",
        price=price.fen if price else 0,
        icon_url=given.image or None,
        product_code=given.code or None,
        ori_price=list_price.fen if list_price else 0,
        quantity=given.stock,
    )


def location(given: LocationInput | None, problems: Problems) -> wire.Location | None:
    """Where the product ships from; None: not given."""
    if given is None:
        return None
    check_region(given.country, given.province, given.city, problems)
    if not given.address.strip():
        problems.add("Give the address within the city.", "address")
    return wire.Location(
        country=given.country, province=given.province, city=given.city, address=given.address
    )


def delivery(
    given: ProductDeliveryInput | None, shop: str, problems: Problems
) -> wire.DeliveryInfo | None:
    """The delivery fees; None: not given."""
    if given is None:
        return None
    if given.template_id is not UNSET and given.template_id is not None:
        key = read_id(given.template_id, "DeliveryTemplate", shop, problems, "templateId")
        template = number(key.platform_id) if key is not None else 0
        if template is None:
            problems.add("There is no such template.", "templateId", code=ErrorCode.NOT_FOUND)
        return wire.DeliveryInfo(delivery_type=BY_TEMPLATE, template_id=template or 0)
    rates = _rates(given.flat_rates or (), problems.below("flatRates"))
    # The manual's sample sends 0 as the template's number if there is none.
    return wire.DeliveryInfo(delivery_type=BY_RATES, template_id=0, express=rates)


def _rates(given: Sequence[FlatRateInput], problems: Problems) -> list[wire.Express]:
    if not given:
        problems.add("Give a price for at least one delivery service.")
    found: list[wire.Express] = []
    for index, rate in enumerate(given):
        price = read_money(rate.price, problems, index, "price")
        service = SERVICE_IDS.get(rate.service)
        if service is None:
            problems.add("The platform has no such delivery service.", index, "service")
        elif service in {one.id for one in found}:
            problems.add("This service is listed twice.", index, "service")
        else:
            found.append(wire.Express(id=service, price=price.fen if price else 0))
    return found
