"""What only one platform tells of a product."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.category import Category, SkuAttributeDefinition
from schema.declare import described, loads, public_type
from schema.delivery import DeliveryService, DeliveryTemplate
from schema.key import Key
from schema.lazy_fields import lazy_fields
from schema.loader_keys import DetailQuery, PropertyQuery, SkuAttributeQuery
from schema.money import Money
from schema.page_link import PageLink
from schema.scalars import DateTime

if TYPE_CHECKING:
    from schema.shelf import ProductGroup


@public_type
class DetailText:
    """A paragraph of a product's description."""

    text: str = described("The text.")


@public_type
class DetailImage:
    """A picture in a product's description."""

    url: str = described("The picture's address.")


DetailBlock = Annotated[
    DetailText | DetailImage,
    strawberry.union(
        "DetailBlock", description="A part of a description: a paragraph or a picture."
    ),
]


@public_type
class ProductProperty:
    """A property of a product, such as 品牌: Fujifilm/富士.

    Ids are null if the platform sent names only; a name never stands in for an id.
    """

    name_id: str | None = described("The platform's id of the property.", default=None)
    name: str | None = described("The property's name.", default=None)
    value_id: str | None = described("The platform's id of the value.", default=None)
    value: str | None = described("The value's name.", default=None)


@public_type
class Location:
    """Where a product is sent from."""

    country: str | None = described("The country, such as 中国.", default=None)
    province: str | None = described("The province or municipality.", default=None)
    city: str | None = described("The city.", default=None)
    address: str | None = described("The address within the city.", default=None)


@public_type
class FlatRate:
    """What a delivery service costs, whatever is sent."""

    service: DeliveryService = described("The delivery service.")
    price: Money = described("What one costs.")


@public_type
class ProductDelivery:
    """What sending the product costs: a template's fees, or flat rates."""

    template_key: strawberry.Private[Key | None] = None

    template: DeliveryTemplate | None = loads(
        "delivery_template", by="template_key", description="The template whose fees apply."
    )
    flat_rates: list[FlatRate] = described("The flat rates that apply; empty with a template.")


@lazy_fields(
    "category_keys",
    "property_query",
    "sku_attribute_query",
    "detail_query",
    "known_blocks",
    "origin",
    "delivery",
)
@public_type
class WechatStoreProductDetails:
    """What only the WeChat Store tells of a product."""

    product_key: strawberry.Private[Key]
    category_keys: strawberry.Private[tuple[Key, ...]] = ()
    property_query: strawberry.Private[PropertyQuery | None] = None
    sku_attribute_query: strawberry.Private[SkuAttributeQuery | None] = None
    detail_query: strawberry.Private[DetailQuery | None] = None
    known_blocks: strawberry.Private[list[DetailText | DetailImage] | None] = None

    categories: list[Category] | None = loads(
        "categories", by="category_keys", description="Its categories."
    )
    properties: list[ProductProperty] | None = loads(
        "product_properties", by="property_query", description="What describes it."
    )
    sku_attributes: list[SkuAttributeDefinition] | None = loads(
        "sku_attributes", by="sku_attribute_query", description="What its SKUs differ in."
    )
    blocks: list[DetailBlock] | None = loads(
        "detail_blocks",
        by="detail_query",
        unless="known_blocks",
        description=(
            "Its description, from the top."
            " Null where the platform gives back html only and the gateway did not write it."
        ),
    )
    html: str | None = described("Its description as the platform gives it back.", default=None)
    purchase_limit: int = described("How many one buyer may buy; 0: no limit.")
    origin: Location | None = described("Where it is sent from.", default=None)
    postage_free: bool = described("Whether delivery costs the buyer nothing.")
    has_receipt: bool = described("Whether an invoice is given.")
    under_guaranty: bool = described("Whether it is under guaranty.")
    supports_replacement: bool = described("Whether it can be returned or exchanged.")
    delivery: ProductDelivery | None = described("What sending it costs.", default=None)
    groups: list[Annotated["ProductGroup", strawberry.lazy("schema.shelf")]] | None = loads(
        "groups_of_product",
        by="product_key",
        description="The groups that hold it; finding them takes a call a group.",
    )


@public_type
class MiniProgramProductDetails:
    """A product as brought into the Mini Program shopping list."""

    category_path: list[str] = described("Names of its categories, from the widest.")
    page_path: str | None = described("The Mini Program page that shows it.", default=None)
    synced_at: DateTime | None = described("When it was last brought up to date.", default=None)


@public_type
class BaiduProductDetails:
    """A product as it appears in orders synced to Baidu."""

    page: PageLink | None = described("The page that shows it.", default=None)


ProductDetails = Annotated[
    WechatStoreProductDetails | MiniProgramProductDetails | BaiduProductDetails,
    strawberry.union("ProductDetails", description="What only one platform tells of a product."),
]
