"""Products to create or to change."""

import strawberry
from strawberry import UNSET

from schema.declare import described, public_choice, public_input
from schema.delivery import DeliveryService
from schema.money import MoneyInput


@public_input
class PropertyInput:
    """A property of a product, by its ids in `Category.properties`; both are required."""

    name_id: str | None = described("The id of the property.", default=None)
    value_id: str | None = described("The id of the value.", default=None)


@public_choice
class DetailBlockInput:
    """A part of the description: a paragraph or a picture."""

    text: str | None = described("A paragraph.", default=UNSET)
    image: str | None = described("The address that `imageUpload` gave.", default=UNSET)


@public_input
class SkuAttributeChoiceInput:
    """Something that the SKUs differ in, with the values that they take."""

    name_id: str = described(
        "The id of the attribute; one of your own begins with `$`, and what follows is shown to"
        " buyers."
    )
    value_ids: list[str] = described("The ids of its values; one of your own begins with `$`.")


@public_input
class SkuInput:
    """One choice of the attributes, with its price and stock."""

    platform_id: str | None = described(
        "`id1:vid1;id2:vid2` of the `skuAttributes`, each with one of its values; left out or"
        " empty where the product has one SKU only.",
        default=None,
    )
    price: MoneyInput = described("What one costs; below `listPrice`.")
    list_price: MoneyInput = described("What one costs without any reduction.")
    stock: int = described("Units in stock, 0 or more.")
    image: str | None = described("The address that `imageUpload` gave.", default=None)
    code: str | None = described("Your own code.", default=None)


@public_input
class LocationInput:
    """Where a product is sent from; see `provinces`."""

    country: str = described("The country: 中国.")
    province: str = described("The province or municipality, as `provinces` calls it.")
    city: str = described("The city, as `provinces` calls it.")
    address: str = described("The address within the city.")


@public_input
class FlatRateInput:
    """What one delivery service costs, whatever is sent."""

    service: DeliveryService = described("The delivery service.")
    price: MoneyInput = described("What sending costs.")


@public_choice
class ProductDeliveryInput:
    """What sending the product costs: a template's fees, or flat rates."""

    template_id: strawberry.ID | None = described(
        "A delivery template of the same shop.", default=UNSET
    )
    flat_rates: list[FlatRateInput] | None = described(
        "A price for each delivery service.", default=UNSET
    )


@public_input
class ProductCreateInput:
    """A product to add; it is off the shelf at first."""

    shop: str = described("The shop's key.")
    title: str = described("What people see it called.")
    category_ids: list[strawberry.ID] = described(
        "Its categories; of several, the last is the most exact."
    )
    properties: list[PropertyInput] | None = described("What describes it.", default=None)
    main_image: str = described(
        "Its main picture: an address that `imageUpload` gave; best 640×600."
    )
    images: list[str] = described("Its pictures: addresses that `imageUpload` gave; best 640×600.")
    detail: list[DetailBlockInput] = described("Its description, from the top.")
    purchase_limit: int | None = described(
        "How many one buyer may buy; 0 or null: any number.", default=None
    )
    sku_attributes: list[SkuAttributeChoiceInput] | None = described(
        "What its SKUs differ in; none where it has one SKU only.", default=None
    )
    skus: list[SkuInput] = described("What of it can be bought: all of it.")
    origin: LocationInput | None = described("Where it is sent from.", default=None)
    postage_free: bool | None = described(
        "Whether delivery costs the buyer nothing; no where left out.", default=None
    )
    has_receipt: bool | None = described(
        "Whether an invoice is given; no where left out.", default=None
    )
    under_guaranty: bool | None = described(
        "Whether it is under guaranty; no where left out.", default=None
    )
    supports_replacement: bool | None = described(
        "Whether it can be returned or exchanged; no where left out.", default=None
    )
    delivery: ProductDeliveryInput | None = described(
        "What sending it costs; may be left out only where postage is free.", default=None
    )


@public_input
class ProductUpdateInput:
    """Only what is given changes.

    The platform gives `properties` and `detail` back in another form than it takes: unless the
    gateway wrote them last, they must be sent, else INVALID. Title, categories and properties are
    frozen once the product was listed. The platform takes whole products only, stock included:
    what is sold while the change is under way may be counted again.
    """

    id: strawberry.ID = described("The product to change.")
    title: str | None = described("What people see it called.", default=UNSET)
    category_ids: list[strawberry.ID] | None = described(
        "Its categories; of several, the last is the most exact.", default=UNSET
    )
    properties: list[PropertyInput] | None = described("What describes it.", default=UNSET)
    main_image: str | None = described(
        "Its main picture: an address that `imageUpload` gave; best 640×600.", default=UNSET
    )
    images: list[str] | None = described(
        "Its pictures: addresses that `imageUpload` gave; best 640×600.", default=UNSET
    )
    detail: list[DetailBlockInput] | None = described(
        "Its description, from the top.", default=UNSET
    )
    purchase_limit: int | None = described(
        "How many one buyer may buy; 0 or null: any number.", default=UNSET
    )
    sku_attributes: list[SkuAttributeChoiceInput] | None = described(
        "What its SKUs differ in; none where it has one SKU only.", default=UNSET
    )
    skus: list[SkuInput] | None = described("What of it can be bought: all of it.", default=UNSET)
    origin: LocationInput | None = described("Where it is sent from.", default=UNSET)
    postage_free: bool | None = described(
        "Whether delivery costs the buyer nothing.", default=UNSET
    )
    has_receipt: bool | None = described("Whether an invoice is given.", default=UNSET)
    under_guaranty: bool | None = described("Whether it is under guaranty.", default=UNSET)
    supports_replacement: bool | None = described(
        "Whether it can be returned or exchanged.", default=UNSET
    )
    delivery: ProductDeliveryInput | None = described(
        "What sending it costs; may be left out only where postage is free.", default=UNSET
    )
