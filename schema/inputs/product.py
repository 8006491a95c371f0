"""Inputs of products: to create and to update."""

import strawberry
from strawberry import UNSET

from schema.declare import described, public_choice, public_input
from schema.delivery import DeliveryService
from schema.money import MoneyInput
from schema.sku import SkuAttributeInput


@public_input
class PropertyInput:
    """A property of a product: by the ids in `Category.properties`, or by names.

    The WeChat Store takes ids, the Weixin Store names; both of a pair are required.
    """

    name_id: str | None = described("The id of the property.", default=None)
    value_id: str | None = described("The id of the value.", default=None)
    name: str | None = described("The property's name, such as 材质.", default=None)
    value: str | None = described(
        "The value, such as 棉. Several choices are joined with `;`; a number has one space before"
        " its unit.",
        default=None,
    )


@public_choice
class DetailBlockInput:
    """A block of a product description: a paragraph or an image."""

    text: str | None = described("A paragraph.", default=UNSET)
    image: str | None = described("A URL returned by `imageUpload`.", default=UNSET)


@public_input
class SkuAttributeChoiceInput:
    """An attribute in which the SKUs differ, with the values that they take."""

    name_id: str = described(
        "The id of the attribute. For a custom attribute, `$` followed by the name that buyers see."
    )
    value_ids: list[str] = described(
        "The ids of its values. For a custom value, `$` followed by the name that buyers see."
    )


@public_input
class SkuInput:
    """A SKU: one variant of the product, with its price and stock."""

    platform_id: str | None = described(
        "In the WeChat Store `id1:vid1;id2:vid2`: each attribute of `skuAttributes` with one of its"
        " values; omitted or empty if the product has only one SKU. In the Weixin Store the id of a"
        " SKU that the product has; without it, the SKU of the same `attributes`, else a new one.",
        default=None,
    )
    price: MoneyInput = described(
        "The price of one unit; less than `listPrice`, or equal to it in the Weixin Store."
    )
    list_price: MoneyInput = described("The price of one unit before discounts.")
    stock: int = described("The number of units in stock; 0 or more.")
    image: str | None = described("A URL returned by `imageUpload`.", default=None)
    code: str | None = described("The merchant's own code.", default=None)
    barcode: str | None = described(
        "The barcode, such as an EAN. Of the Weixin Store only.", default=None
    )
    attributes: list[SkuAttributeInput] | None = described(
        "What tells it apart from the product's other SKUs, by name. Of the Weixin Store only.",
        default=None,
    )


@public_input
class LocationInput:
    """Where a product ships from; see `provinces`."""

    country: str = described("The country: 中国.")
    province: str = described("The province or municipality, as named by `provinces`.")
    city: str = described("The city, as named by `provinces`.")
    address: str = described("The address within the city.")


@public_input
class FlatRateInput:
    """A flat shipping fee of one delivery service."""

    service: DeliveryService = described("The delivery service.")
    price: MoneyInput = described("The shipping fee.")


@public_choice
class ProductDeliveryInput:
    """The shipping fees of a product: a delivery template, or flat rates."""

    template_id: strawberry.ID | None = described(
        "The id of a delivery template of the same shop.", default=UNSET
    )
    flat_rates: list[FlatRateInput] | None = described(
        "One flat rate for each delivery service.", default=UNSET
    )


@public_input
class WeixinStoreProductInput:
    """What a product of the Weixin Store has beside the fields of all platforms.

    Omitted fields stay unchanged; null clears `shortTitle`, `brandId`, `detailText`,
    `returnAddressId`.
    """

    short_title: str | None = described(
        "A shorter title, such as for gifts; at most 20 characters.", default=UNSET
    )
    brand_id: str | None = described("The platform's own id of the brand.", default=UNSET)
    weight_grams: int | None = described(
        "The weight of one unit in grams; required if the delivery template counts by weight.",
        default=UNSET,
    )
    detail_text: str | None = described(
        "The text of its page, above the images in `detail`.", default=UNSET
    )
    return_address_id: str | None = described(
        "The platform's own id of the address that returned goods are sent to.", default=UNSET
    )
    submit: bool | None = described(
        "Whether to send the draft to its audit at once, as `productSetStatus` with ON_SHELF does.",
        default=UNSET,
    )
    seven_day_return: bool | None = described(
        "Whether it can be returned within seven days without a reason; false if it was never"
        " given.",
        default=UNSET,
    )
    freight_insurance: bool | None = described(
        "Whether the shipping of returned goods is insured; false if it was never given.",
        default=UNSET,
    )


@public_input
class ProductCreateInput:
    """A product to create; it starts unlisted (OFF_SHELF)."""

    shop: str = described("The shop's key.")
    title: str = described("The title that buyers see.")
    category_ids: list[strawberry.ID] = described(
        "The ids of its categories, the most specific one last."
    )
    properties: list[PropertyInput] | None = described(
        "The properties of the product.", default=None
    )
    main_image: str = described(
        "The URL of the main image, returned by `imageUpload`; 640×600 pixels recommended."
    )
    images: list[str] = described(
        "The URLs of the images, returned by `imageUpload`; 640×600 pixels recommended."
    )
    detail: list[DetailBlockInput] = described("The description, from top to bottom.")
    purchase_limit: int | None = described(
        "The number of units that one buyer may buy; no limit if 0 or null.", default=None
    )
    sku_attributes: list[SkuAttributeChoiceInput] | None = described(
        "The attributes in which its SKUs differ; none if it has only one SKU.", default=None
    )
    skus: list[SkuInput] = described("All SKUs of the product.")
    origin: LocationInput | None = described("Where it ships from.", default=None)
    postage_free: bool | None = described(
        "Whether shipping is free; defaults to false.", default=None
    )
    has_receipt: bool | None = described(
        "Whether an invoice is provided; defaults to false.", default=None
    )
    under_guaranty: bool | None = described(
        "Whether it is under warranty; defaults to false.", default=None
    )
    supports_replacement: bool | None = described(
        "Whether it can be returned or exchanged; defaults to false.", default=None
    )
    delivery: ProductDeliveryInput | None = described(
        "The shipping fees; required unless `postageFree` is true.", default=None
    )
    weixin_store: WeixinStoreProductInput | None = described(
        "What only the Weixin Store has; INVALID for shops of other platforms.", default=None
    )


@public_input
class ProductUpdateInput:
    """Changes to a product; omitted fields stay unchanged.

    In the Weixin Store the draft is changed; an audit then makes it the listed copy.

    The WeChat Store returns `properties` and `detail` in another form than it accepts: they are
    required, else INVALID, unless the gateway wrote them last. Title, categories and
    properties cannot change once the product has been listed. The platform accepts only whole
    products, stock included: units sold during the update may be added back to the stock.
    """

    id: strawberry.ID = described("The product's id.")
    title: str | None = described("The title that buyers see.", default=UNSET)
    category_ids: list[strawberry.ID] | None = described(
        "The ids of its categories, the most specific one last.", default=UNSET
    )
    properties: list[PropertyInput] | None = described(
        "The properties of the product.", default=UNSET
    )
    main_image: str | None = described(
        "The URL of the main image, returned by `imageUpload`; 640×600 pixels recommended.",
        default=UNSET,
    )
    images: list[str] | None = described(
        "The URLs of the images, returned by `imageUpload`; 640×600 pixels recommended.",
        default=UNSET,
    )
    detail: list[DetailBlockInput] | None = described(
        "The description, from top to bottom.", default=UNSET
    )
    purchase_limit: int | None = described(
        "The number of units that one buyer may buy; no limit if 0 or null.", default=UNSET
    )
    sku_attributes: list[SkuAttributeChoiceInput] | None = described(
        "The attributes in which its SKUs differ; none if it has only one SKU.", default=UNSET
    )
    skus: list[SkuInput] | None = described("All SKUs of the product.", default=UNSET)
    origin: LocationInput | None = described("Where it ships from.", default=UNSET)
    postage_free: bool | None = described("Whether shipping is free.", default=UNSET)
    has_receipt: bool | None = described("Whether an invoice is provided.", default=UNSET)
    under_guaranty: bool | None = described("Whether it is under warranty.", default=UNSET)
    supports_replacement: bool | None = described(
        "Whether it can be returned or exchanged.", default=UNSET
    )
    delivery: ProductDeliveryInput | None = described(
        "The shipping fees; required unless `postageFree` is true.", default=UNSET
    )
    weixin_store: WeixinStoreProductInput | None = described(
        "What only the Weixin Store has; INVALID for products of other platforms.", default=UNSET
    )
