"""product_details."""

from typing import Annotated

import strawberry

from schema.category import Category, SkuAttributeDefinition
from schema.declare import described, loads, public_type
from schema.delivery import DeliveryService, DeliveryTemplate
from schema.group import ProductGroup
from schema.key import Key
from schema.money import Money
from schema.page_link import PageLink
from schema.queries import PropertyQuery, SkuAttributeQuery
from schema.scalars import DateTime


@public_type
class DetailText:
    """DetailText."""

    text: str = described("")


@public_type
class DetailImage:
    """DetailImage."""

    url: str = described("")


DetailBlock = Annotated[
    DetailText | DetailImage,
    strawberry.union("DetailBlock", description="DetailBlock."),
]


@public_type
class ProductProperty:
    """ProductProperty."""

    name_id: str = described("")
    name: str | None = described("", default=None)
    value_id: str = described("")
    value: str | None = described("", default=None)


@public_type
class Location:
    """Location."""

    country: str | None = described("", default=None)
    province: str | None = described("", default=None)
    city: str | None = described("", default=None)
    address: str | None = described("", default=None)


@public_type
class FlatRate:
    """FlatRate."""

    service: DeliveryService = described("")
    price: Money = described("")


@public_type
class ProductDelivery:
    """ProductDelivery."""

    template_key: strawberry.Private[Key | None] = None

    template: DeliveryTemplate | None = loads(
        "delivery_template", by="template_key", description=""
    )
    flat_rates: list[FlatRate] = described("")


@public_type
class WechatStoreProductDetails:
    """WechatStoreProductDetails."""

    product_key: strawberry.Private[Key]
    category_keys: strawberry.Private[tuple[Key, ...]] = ()
    property_query: strawberry.Private[PropertyQuery | None] = None
    sku_attribute_query: strawberry.Private[SkuAttributeQuery | None] = None

    categories: list[Category] | None = loads("categories", by="category_keys", description="")
    properties: list[ProductProperty] | None = loads(
        "product_properties", by="property_query", description=""
    )
    sku_attributes: list[SkuAttributeDefinition] | None = loads(
        "sku_attributes", by="sku_attribute_query", description=""
    )
    blocks: list[DetailBlock] | None = described(
        "Null where the platform gives back html only and the gateway did not write it.",
        default=None,
    )
    html: str | None = described("", default=None)
    purchase_limit: int = described("0: no limit.")
    origin: Location | None = described("", default=None)
    postage_free: bool = described("")
    has_receipt: bool = described("")
    under_guaranty: bool = described("")
    supports_replacement: bool = described("")
    delivery: ProductDelivery | None = described("", default=None)
    groups: list[ProductGroup] | None = loads("groups_of_product", by="product_key", description="")


@public_type
class MiniProgramProductDetails:
    """A product as brought into the Mini Program shopping list."""

    category_path: list[str] = described("")
    page_path: str | None = described("The Mini Program page that shows it.", default=None)
    synced_at: DateTime | None = described("", default=None)


@public_type
class BaiduProductDetails:
    """A product as it appears in orders synced to Baidu."""

    page: PageLink | None = described("", default=None)


ProductDetails = Annotated[
    WechatStoreProductDetails | MiniProgramProductDetails | BaiduProductDetails,
    strawberry.union("ProductDetails", description="ProductDetails."),
]
