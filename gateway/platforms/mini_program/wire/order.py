"""The shopping list's orders: 导入“已购订单”, 更新订单信息, 删除订单信息."""

from typing import Literal

from gateway.platforms.mini_program.wire.base import Loose, Read, Written


class Page(Written, frozen=True, kw_only=True):
    """A page of the Mini Program."""

    path: str


class Name(Written, frozen=True, kw_only=True):
    """How the page nests the two halves of an attribute."""

    name: str


class StockAttribute(Written, frozen=True, kw_only=True):
    """An attribute of an item's SKU."""

    attr_name: Name
    attr_value: Name


class Item(Written, frozen=True, kw_only=True):
    """A line of the order; prices in fen, `total_fee` for all `amount` of them."""

    item_code: str
    sku_id: str
    amount: int
    total_fee: int
    thumb_url: str | None = None
    title: str
    desc: str | None = None
    unit_price: int
    original_price: int
    stock_attr_info: tuple[StockAttribute, ...] = ()
    category_list: tuple[str, ...]
    item_detail_page: Page


class ProductInfo(Written, frozen=True, kw_only=True):
    """All items of the order."""

    item_list: tuple[Item, ...]


class ExpressGoods(Written, frozen=True, kw_only=True):
    """An item in a parcel."""

    item_code: str
    sku_id: str


class ExpressPackage(Written, frozen=True, kw_only=True):
    """A parcel; `express_company_id` from the update page's table, `ship_time` in seconds."""

    express_company_id: int
    express_company_name: str
    express_code: str
    ship_time: int
    express_page: Page
    express_goods_info_list: tuple[ExpressGoods, ...]


class ExpressInfo(Written, frozen=True, kw_only=True):
    """The receiver, the freight in fen, and the parcels once shipped."""

    name: str | None = None
    phone: str | None = None
    address: str | None = None
    price: int
    national_code: str | None = None
    country: str | None = None
    province: str | None = None
    city: str | None = None
    district: str | None = None
    express_package_info_list: tuple[ExpressPackage, ...] = ()


class PromotionInfo(Written, frozen=True, kw_only=True):
    """All discounts together, in fen."""

    discount_fee: int


class BrandInfo(Written, frozen=True, kw_only=True):
    """The merchant's contact details for the buyer."""

    phone: str
    contact_detail_page: Page


class InvoiceInfo(Written, frozen=True, kw_only=True):
    """The invoice, required once there is one; `type` 0 company, 1 person."""

    type: Literal[0, 1]
    title: str
    tax_number: str | None = None
    company_address: str | None = None
    telephone: str | None = None
    bank_name: str | None = None
    bank_account: str | None = None
    invoice_detail_page: Page | None = None


class NewExtInfo(Written, frozen=True, kw_only=True):
    """The main part of an order to import; `payment_method` 0 unknown, 1 WeChat Pay, 2 other."""

    product_info: ProductInfo
    express_info: ExpressInfo
    promotion_info: PromotionInfo | None = None
    brand_info: BrandInfo
    invoice_info: InvoiceInfo | None = None
    payment_method: Literal[0, 1, 2]
    user_open_id: str
    order_detail_page: Page


class NewOrder(Written, frozen=True, kw_only=True):
    """An order to import; times in seconds, `fee` in fen, `trans_id` required by WeChat Pay."""

    order_id: str
    create_time: int
    pay_finish_time: int
    desc: str | None = None
    fee: int
    trans_id: str | None = None
    status: Literal[3, 4, 5, 100]
    ext_info: NewExtInfo


class ChangedExtInfo(Written, frozen=True, kw_only=True):
    """What an update can change; `express_info` with its parcels is required once shipped."""

    express_info: ExpressInfo | None = None
    invoice_info: InvoiceInfo | None = None
    user_open_id: str
    order_detail_page: Page | None = None


class ChangedOrder(Written, frozen=True, kw_only=True):
    """An order update."""

    order_id: str
    trans_id: str | None = None
    status: Literal[4, 5, 12, 100]
    ext_info: ChangedExtInfo


class ImportOrders(Written, frozen=True, kw_only=True):
    """At most 10 orders; `is_history` 1 for the back-fill of the last three months."""

    is_history: Literal[0, 1] = 0
    is_test: Literal[1] | None = None
    order_list: tuple[NewOrder, ...]


class UpdateOrders(Written, frozen=True, kw_only=True):
    """At most 10 orders."""

    is_history: Literal[0, 1] = 0
    order_list: tuple[ChangedOrder, ...]


class DeleteOrder(Written, frozen=True, kw_only=True):
    """The one order that the buyer deleted."""

    user_open_id: str
    order_id: str


class FailedOrder(Read, frozen=True, kw_only=True):
    """A refused order of the call; others may have been accepted."""

    order_id: str = ""
    error_code: Loose
    msg: str = ""


class OrdersDone(Read, frozen=True, kw_only=True):
    """Outcome of an import or update; the list is an object on the page, a list in the sample."""

    errcode: Loose = 0
    errmsg: str = ""
    fail_order_list: tuple[FailedOrder, ...] | FailedOrder | None = None

    @property
    def failed(self) -> tuple[FailedOrder, ...]:
        """The orders that were refused."""
        listed = self.fail_order_list
        return (listed,) if isinstance(listed, FailedOrder) else listed or ()
