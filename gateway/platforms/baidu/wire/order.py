"""An order of the order centre: Data, and the content of EXT.MainOrder."""

from msgspec import field

from gateway.platforms.baidu.wire.after_sale import SubsOrder
from gateway.platforms.baidu.wire.base import DetailPage, Payment, Written


class SkuAttr(Written, frozen=True, kw_only=True):
    """An attribute of the product's SKU."""

    name: str = field(name="Name")
    value: str = field(name="Value")


class Product(Written, frozen=True, kw_only=True):
    """A line of the order; both prices per unit, in fen; at most 5 images."""

    id: str = field(name="ID")
    name: str = field(name="Name")
    desc: str | None = field(name="Desc", default=None)
    quantity: int = field(name="Quantity")
    price: int = field(name="Price")
    pay_price: int = field(name="PayPrice")
    img_list: tuple[str, ...] = field(name="ImgList", default=())
    detail_page: DetailPage | None = field(name="DetailPage", default=None)
    sku_attr: tuple[SkuAttr, ...] = field(name="SkuAttr", default=())


class Express(Written, frozen=True, kw_only=True):
    """A parcel; `type` 1 from the merchant, 2 from the buyer; `status` is always 0."""

    id: str = field(name="ID")
    name: str = field(name="Name")
    code: str = field(name="Code")
    type: int = field(name="Type")
    status: int = field(name="Status")


class MainOrder(Written, frozen=True, kw_only=True):
    """What was bought."""

    products: tuple[Product, ...] = field(name="Products")
    payment: Payment = field(name="Payment")
    appraise: DetailPage | None = field(name="Appraise", default=None)
    order_detail: DetailPage | None = field(name="OrderDetail", default=None)
    #: Of a later manual.
    express: tuple[Express, ...] = field(name="Express", default=())


class NewExt(Written, frozen=True, kw_only=True):
    """The main part of an order to import."""

    main_order: MainOrder = field(name="MainOrder")
    subs_order: SubsOrder | None = field(name="SubsOrder", default=None)


class NewOrder(Written, frozen=True, kw_only=True):
    """An order to import; `cate_id` 1 physical, 2 virtual; times in seconds."""

    cate_id: int = field(name="CateID")
    biz_app_id: str = field(name="BizAPPID")
    title: str = field(name="Title")
    resource_id: str = field(name="ResourceID")
    ctime: int = field(name="Ctime")
    mtime: int = field(name="Mtime")
    status: int = field(name="Status")
    ext: NewExt = field(name="EXT")


class ChangedExt(Written, frozen=True, kw_only=True):
    """What an update can change; after-sales have their own calls."""

    main_order: MainOrder = field(name="MainOrder")


class ChangedOrder(Written, frozen=True, kw_only=True):
    """An order update; omitted fields are left unchanged."""

    cate_id: int = field(name="CateID")
    biz_app_id: str = field(name="BizAPPID")
    title: str | None = field(name="Title", default=None)
    resource_id: str = field(name="ResourceID")
    ctime: int | None = field(name="Ctime", default=None)
    mtime: int | None = field(name="Mtime", default=None)
    status: int | None = field(name="Status", default=None)
    ext: ChangedExt | None = field(name="EXT", default=None)


class OrderStatus(Written, frozen=True, kw_only=True):
    """The current status of an order."""

    cate_id: int = field(name="CateID")
    biz_app_id: str = field(name="BizAPPID")
    resource_id: str = field(name="ResourceID")
    status: int = field(name="Status")


class LogisticsMainOrder(Written, frozen=True, kw_only=True):
    """One parcel of the order."""

    express: Express = field(name="Express")


class LogisticsExt(Written, frozen=True, kw_only=True):
    """The main part of a record."""

    main_order: LogisticsMainOrder = field(name="MainOrder")


class Logistics(Written, frozen=True, kw_only=True):
    """One parcel of an order, to add or to update by its number."""

    cate_id: int = field(name="CateID")
    biz_app_id: str = field(name="BizAPPID")
    resource_id: str = field(name="ResourceID")
    ext: LogisticsExt = field(name="EXT")
