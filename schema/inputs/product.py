"""Products to create or to change."""

import strawberry
from strawberry import UNSET

from schema.declare import described, public_choice, public_input
from schema.delivery import DeliveryService
from schema.inputs.money import MoneyInput


@public_input
class PropertyInput:
    """PropertyInput."""

    name_id: str = described("")
    value_id: str = described("")


@public_choice
class DetailBlockInput:
    """DetailBlockInput."""

    text: str | None = described("", default=UNSET)
    image: str | None = described("", default=UNSET)


@public_input
class SkuAttributeChoiceInput:
    """SkuAttributeChoiceInput."""

    name_id: str = described("")
    value_ids: list[str] = described("")


@public_input
class SkuInput:
    """SkuInput."""

    platform_id: str | None = described("", default=None)
    price: MoneyInput = described("")
    list_price: MoneyInput = described("")
    stock: int = described("")
    image: str | None = described("", default=None)
    code: str | None = described("", default=None)


@public_input
class LocationInput:
    """LocationInput."""

    country: str = described("")
    province: str = described("")
    city: str = described("")
    address: str = described("")


@public_input
class FlatRateInput:
    """FlatRateInput."""

    service: DeliveryService = described("")
    price: MoneyInput = described("")


@public_choice
class ProductDeliveryInput:
    """ProductDeliveryInput."""

    template_id: strawberry.ID | None = described("", default=UNSET)
    flat_rates: list[FlatRateInput] | None = described("", default=UNSET)


@public_input
class ProductCreateInput:
    """ProductCreateInput."""

    shop: str = described("")
    title: str = described("")
    category_ids: list[strawberry.ID] = described("")
    properties: list[PropertyInput] | None = described("", default=None)
    main_image: str = described("")
    images: list[str] = described("")
    detail: list[DetailBlockInput] = described("")
    purchase_limit: int | None = described("", default=None)
    sku_attributes: list[SkuAttributeChoiceInput] | None = described("", default=None)
    skus: list[SkuInput] = described("")
    origin: LocationInput | None = described("", default=None)
    postage_free: bool | None = described("", default=None)
    has_receipt: bool | None = described("", default=None)
    under_guaranty: bool | None = described("", default=None)
    supports_replacement: bool | None = described("", default=None)
    delivery: ProductDeliveryInput | None = described("", default=None)


@public_input
class ProductUpdateInput:
    """Only what is given changes. The platform gives `properties` and `detail` back in another form than it takes: unless the gateway wrote them last, they must be sent, else INVALID. Title, categories and properties are frozen once the product was listed."""

    id: strawberry.ID = described("")
    title: str | None = described("", default=UNSET)
    category_ids: list[strawberry.ID] | None = described("", default=UNSET)
    properties: list[PropertyInput] | None = described("", default=UNSET)
    main_image: str | None = described("", default=UNSET)
    images: list[str] | None = described("", default=UNSET)
    detail: list[DetailBlockInput] | None = described("", default=UNSET)
    purchase_limit: int | None = described("", default=UNSET)
    sku_attributes: list[SkuAttributeChoiceInput] | None = described("", default=UNSET)
    skus: list[SkuInput] | None = described("", default=UNSET)
    origin: LocationInput | None = described("", default=UNSET)
    postage_free: bool | None = described("", default=UNSET)
    has_receipt: bool | None = described("", default=UNSET)
    under_guaranty: bool | None = described("", default=UNSET)
    supports_replacement: bool | None = described("", default=UNSET)
    delivery: ProductDeliveryInput | None = described("", default=UNSET)
