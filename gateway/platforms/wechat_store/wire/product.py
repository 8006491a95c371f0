"""Products as merchant/get and merchant/getbystatus return them (manual 1.4, 1.5)."""

from gateway.wechat.wire import Flag, Id, Number, Read, Written


class ProductRequest(Written, frozen=True, kw_only=True):
    """Requests one product, or its deletion (manual 1.2, 1.4)."""

    product_id: str


class ProductsRequest(Written, frozen=True, kw_only=True):
    """`status`: 0 all, 1 on the shelf, 2 off the shelf (manual 1.5)."""

    status: int


class Property(Read, frozen=True, kw_only=True):
    """A pair of ids; responses hold names instead."""

    id: Id | None = None
    vid: Id | None = None


class SkuInfo(Read, frozen=True, kw_only=True):
    """One attribute in which the SKUs differ, with its values."""

    id: Id | None = None
    vid: list[Id] | None = None


class DetailBlock(Read, frozen=True, kw_only=True):
    """A paragraph or a picture of the product's page."""

    text: str | None = None
    img: str | None = None


class ProductBase(Read, frozen=True, kw_only=True):
    """`product_base`: what the product is."""

    name: str | None = None
    category_id: list[Id] | None = None
    img: list[str] | None = None
    property: list[Property] | None = None
    sku_info: list[SkuInfo] | None = None
    buy_limit: Number | None = None
    main_img: str | None = None
    detail_html: str | None = None
    detail: list[DetailBlock] | None = None


class Sku(Read, frozen=True, kw_only=True):
    """One SKU; prices in fen; `sku_id` is empty if the product has only one SKU."""

    sku_id: str | None = None
    price: Number | None = None
    icon_url: str | None = None
    quantity: Number | None = None
    product_code: str | None = None
    ori_price: Number | None = None


class Location(Read, frozen=True, kw_only=True):
    """Where the product ships from."""

    country: str | None = None
    province: str | None = None
    city: str | None = None
    address: str | None = None


class Attrext(
    Read,
    frozen=True,
    kw_only=True,
    rename={
        "is_post_free": "isPostFree",
        "is_has_receipt": "isHasReceipt",
        "is_under_guaranty": "isUnderGuaranty",
        "is_support_replace": "isSupportReplace",
    },
):
    """Further attributes of the product; 1 means yes."""

    is_post_free: Flag | None = None
    is_has_receipt: Flag | None = None
    is_under_guaranty: Flag | None = None
    is_support_replace: Flag | None = None
    location: Location | None = None


class Express(Read, frozen=True, kw_only=True):
    """The price of one delivery service, in fen."""

    id: Number | None = None
    price: Number | None = None


class DeliveryInfo(Read, frozen=True, kw_only=True):
    """`delivery_type`: 0 by the prices in `express`, 1 by the template."""

    delivery_type: Number | None = None
    template_id: Id | None = None
    express: list[Express] | None = None


class Product(Read, frozen=True, kw_only=True):
    """A product; `status` (1 on the shelf, 2 off it) is only in lists."""

    product_id: str
    product_base: ProductBase | None = None
    sku_list: list[Sku] | None = None
    attrext: Attrext | None = None
    delivery_info: DeliveryInfo | None = None
    status: Number | None = None


class ProductResponse(Read, frozen=True, kw_only=True):
    """The response of manual 1.4."""

    product_info: Product


class ProductsResponse(Read, frozen=True, kw_only=True):
    """The response of manual 1.5, without paging."""

    products_info: list[Product] | None = None
