"""Product writes: merchant/create and merchant/update (manual 1.1, 1.3), status and stock."""

from gateway.wechat.wire import Read, Written


class Property(Written, frozen=True, kw_only=True):
    """A pair of ids."""

    id: str
    vid: str


class SkuInfo(Written, frozen=True, kw_only=True):
    """One attribute in which the SKUs differ, with its values; a custom one begins with "$"."""

    id: str
    vid: list[str]


class DetailBlock(Written, frozen=True, kw_only=True):
    """A paragraph or a picture: one of the two."""

    text: str | None = None
    img: str | None = None


class ProductBase(Written, frozen=True, kw_only=True):
    """`product_base`: what the product is."""

    category_id: list[str]
    property: list[Property] | None = None
    name: str
    sku_info: list[SkuInfo] | None = None
    main_img: str
    img: list[str]
    detail: list[DetailBlock]
    buy_limit: int | None = None


class Sku(Written, frozen=True, kw_only=True):
    """One SKU; prices in fen; `sku_id` is "id1:vid1;id2:vid2", empty for a single SKU."""

    sku_id: str
    price: int
    icon_url: str | None = None
    product_code: str | None = None
    ori_price: int
    quantity: int


class Location(Written, frozen=True, kw_only=True):
    """Where the product ships from; see the manual's list of regions."""

    country: str
    province: str
    city: str
    address: str


class Attrext(
    Written,
    frozen=True,
    kw_only=True,
    rename={
        "is_post_free": "isPostFree",
        "is_has_receipt": "isHasReceipt",
        "is_under_guaranty": "isUnderGuaranty",
        "is_support_replace": "isSupportReplace",
    },
):
    """Further attributes of the product; 0 no, 1 yes."""

    location: Location | None = None
    is_post_free: int
    is_has_receipt: int
    is_under_guaranty: int
    is_support_replace: int


class Express(Written, frozen=True, kw_only=True):
    """The price of one delivery service, in fen."""

    id: int
    price: int


class DeliveryInfo(Written, frozen=True, kw_only=True):
    """`delivery_type`: 0 by the prices in `express`, 1 by the template."""

    delivery_type: int
    template_id: int | None = None
    express: list[Express] | None = None


class CreateRequest(Written, frozen=True, kw_only=True):
    """A new product (manual 1.1)."""

    product_base: ProductBase
    sku_list: list[Sku]
    attrext: Attrext
    delivery_info: DeliveryInfo | None = None


class CreateResponse(Read, frozen=True, kw_only=True):
    """The response of manual 1.1."""

    product_id: str


class UpdateRequest(Written, frozen=True, kw_only=True):
    """A product's new whole document (manual 1.3).

    Once it has been on the shelf, its name, category and properties can no longer be changed.
    """

    product_id: str
    product_base: ProductBase
    sku_list: list[Sku]
    attrext: Attrext
    delivery_info: DeliveryInfo | None = None


class StatusRequest(Written, frozen=True, kw_only=True):
    """`status`: 0 off the shelf, 1 on the shelf (manual 1.6)."""

    product_id: str
    status: int


class StockRequest(Written, frozen=True, kw_only=True):
    """Adds or removes `quantity` units of one SKU (manual 2.1, 2.2)."""

    product_id: str
    sku_info: str
    quantity: int
