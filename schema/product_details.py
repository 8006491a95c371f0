"""Fields of products that only one platform has."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.category import Category, SkuAttributeDefinition
from schema.declare import described, loads, public_type
from schema.delivery import DeliveryService, DeliveryTemplate
from schema.key import Key
from schema.lazy_fields import lazy_fields
from schema.loader_keys import DetailQuery, DraftRefusalQuery, PropertyQuery, SkuAttributeQuery
from schema.money import Money
from schema.page_link import PageLink
from schema.product_status import ProductDraftStatus
from schema.scalars import DateTime

if TYPE_CHECKING:
    from schema.shelf import ProductGroup


@public_type
class DetailText:
    """A paragraph of a product description."""

    text: str = described("The text.")


@public_type
class DetailImage:
    """An image in a product description."""

    url: str = described("The URL of the image.")


DetailBlock = Annotated[
    DetailText | DetailImage,
    strawberry.union(
        "DetailBlock", description="A block of a product description: a paragraph or an image."
    ),
]


def text_of_blocks(blocks: Iterable[DetailText | DetailImage]) -> str | None:
    """The paragraphs of a description, each in a line; None if there are none."""
    paragraphs = [block.text for block in blocks if isinstance(block, DetailText) and block.text]
    return "\n".join(paragraphs) or None


@public_type
class ProductProperty:
    """A property of a product, such as 品牌: Fujifilm/富士.

    Ids are null if the platform sent names only; a name never stands in for an id.
    """

    name_id: str | None = described("The platform's id of the property.", default=None)
    name: str | None = described(
        "The property's name; null if the platform sent only its id and no longer knows it.",
        default=None,
    )
    value_id: str | None = described("The platform's id of the value.", default=None)
    value: str | None = described(
        "The value's name; null if the platform sent only its id and no longer knows it.",
        default=None,
    )


@public_type
class Location:
    """Where a product ships from."""

    country: str | None = described("The country, such as 中国.", default=None)
    province: str | None = described("The province or municipality.", default=None)
    city: str | None = described("The city.", default=None)
    address: str | None = described("The address within the city.", default=None)


@public_type
class FlatRate:
    """A flat shipping fee of one delivery service."""

    service: DeliveryService = described("The delivery service.")
    price: Money = described("The price of one unit; null if the platform does not report it.")


@public_type
class ProductDelivery:
    """The shipping fees of a product: a delivery template, or flat rates."""

    template_key: strawberry.Private[Key | None] = None

    template: DeliveryTemplate | None = loads(
        "delivery_template",
        by="template_key",
        description="The delivery template whose fees apply; null with flat rates.",
    )
    flat_rates: list[FlatRate] = described("The flat rates; empty with a delivery template.")


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
    """Fields of products that only the WeChat Store has."""

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
        "product_properties", by="property_query", description="The properties of the product."
    )
    sku_attributes: list[SkuAttributeDefinition] | None = loads(
        "sku_attributes",
        by="sku_attribute_query",
        description="The attributes in which its SKUs differ.",
    )
    blocks: list[DetailBlock] | None = loads(
        "detail_blocks",
        by="detail_query",
        unless="known_blocks",
        description=(
            "The description, from top to bottom; null if the platform returns only HTML"
            " and the gateway did not write the description."
        ),
    )
    html: str | None = described(
        "The description as HTML, as the platform returns it.", default=None
    )
    purchase_limit: int = described("The number of units that one buyer may buy; 0 means no limit.")
    origin: Location | None = described("Where it ships from.", default=None)
    postage_free: bool = described("Whether shipping is free.")
    has_receipt: bool = described("Whether an invoice is provided.")
    under_guaranty: bool = described("Whether it is under warranty.")
    supports_replacement: bool = described("Whether it can be returned or exchanged.")
    delivery: ProductDelivery | None = described("The shipping fees.", default=None)
    groups: list[Annotated["ProductGroup", strawberry.lazy("schema.shelf")]] | None = loads(
        "groups_of_product",
        by="product_key",
        description="The groups that contain the product; reading them takes one platform call per"
        " group.",
    )


@public_type
class WeixinStoreProductDetails:
    """Fields of products that only the Weixin Store has.

    The product's other fields are those of its listed copy, or of the draft if it was never listed.
    """

    category_keys: strawberry.Private[tuple[Key, ...]] = ()
    template_key: strawberry.Private[Key | None] = None
    #: None unless the draft stands refused.
    refusal_query: strawberry.Private[DraftRefusalQuery | None] = None

    short_title: str | None = described("A shorter title, such as for gifts.", default=None)
    categories: list[Category] | None = loads(
        "categories", by="category_keys", description="Its categories, the most specific one last."
    )
    properties: list[ProductProperty] | None = described(
        "The properties of the product, by name.", default=None
    )
    detail_images: list[str] = described("The URLs of the images of its page, from top to bottom.")
    draft_status: ProductDraftStatus = described("The status of the draft.")
    draft_edited_at: DateTime | None = described("When the draft was last changed.", default=None)
    draft_refusal: str | None = loads(
        "draft_refusal",
        by="refusal_query",
        description=(
            "Why the audit refused the draft; null if it did not, or the platform does not report"
            " it. Kept from the platform's event about it."
        ),
    )
    brand_id: str | None = described(
        "The platform's own id of the brand; null if it has none.", default=None
    )
    sold_count: int | None = described("The number of units sold.", default=None)
    template: DeliveryTemplate | None = loads(
        "delivery_template",
        by="template_key",
        description="The delivery template whose fees apply; null if there is none.",
    )


@public_type
class MiniProgramProductDetails:
    """A product in the Mini Program shopping list."""

    category_path: list[str] = described("The names of its categories, from the root down.")
    page_path: str | None = described("The Mini Program page that shows the product.", default=None)
    synced_at: DateTime | None = described("When it was last synced.", default=None)


@public_type
class BaiduProductDetails:
    """A product as it appears in orders sent to Baidu."""

    page: PageLink | None = described("The page that shows it.", default=None)


ProductDetails = Annotated[
    WechatStoreProductDetails
    | WeixinStoreProductDetails
    | MiniProgramProductDetails
    | BaiduProductDetails,
    strawberry.union(
        "ProductDetails", description="Fields of products that only one platform has."
    ),
]
