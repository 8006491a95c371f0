"""Orders (reference, section 3); amounts in fen, times in unix seconds."""

from msgspec import field

from gateway.platforms.weixin_store.wire.base import Attribute, Flag, Id, Number, Read, Written
from gateway.wechat import order_prices


class OrderRequest(Written, frozen=True, kw_only=True):
    """Requests one order."""

    order_id: str


class TimeRange(Written, frozen=True, kw_only=True):
    """At most 7 days; whether the bounds are inclusive is undocumented."""

    start_time: int
    end_time: int


class OrderListRequest(Written, frozen=True, kw_only=True):
    """Lists ids by time of creation or of the last change; one range at least.

    `page_size` is at most 100. While pages are turned nothing but `next_key` may change (606006).
    As a filter `status` 20 and 30 include 21, and 250 includes 200.
    """

    create_time_range: TimeRange | None = None
    update_time_range: TimeRange | None = None
    status: int | None = None
    openid: str | None = None
    page_size: int
    next_key: str | None = None


class OrderListResponse(Read, frozen=True, kw_only=True):
    """One page of ids, in an order that is undocumented."""

    order_id_list: tuple[Id, ...]
    next_key: str | None = None
    has_more: bool | None = None


class SearchCondition(Written, frozen=True, kw_only=True):
    """What is searched for; a whole phone number is refused, its last four digits are taken."""

    tel_number_last4: str


class OrderSearchRequest(Written, frozen=True, kw_only=True):
    """Finds orders of all times; `page_size` is at most 100."""

    search_condition: SearchCondition
    page_size: int
    next_key: str | None = None


class OrderSearchResponse(Read, frozen=True, kw_only=True):
    """One page of ids: under the first name by the page's table, under the second in its sample."""

    order_id_list: tuple[Id, ...] | None = None
    orders: tuple[Id, ...] | None = None
    next_key: str | None = None
    has_more: bool | None = None

    def __post_init__(self) -> None:
        """Refuses an answer with neither."""
        if self.order_id_list is None and self.orders is None:
            raise ValueError("Object missing required field `order_id_list`")


class ProductInfo(Read, frozen=True, kw_only=True):
    """A line of the order; `sale_price` and `market_price` of one, the other prices of the line.

    `real_price` is what was paid for the line. `product_unique_id` never changes: one SKU can be in
    two lines, as goods and as a gift.
    """

    product_id: Id | None = None
    sku_id: Id | None = None
    thumb_img: str | None = None
    title: str | None = None
    sku_cnt: Number | None = None
    sale_price: Number | None = None
    market_price: Number | None = None
    real_price: Number | None = None
    estimate_price: Number | None = None
    is_change_price: bool | None = None
    change_price: Number | None = None
    is_discounted: bool | None = None
    on_aftersale_sku_cnt: Number | None = None
    finish_aftersale_sku_cnt: Number | None = None
    sku_code: Id | None = None
    sku_attrs: tuple[Attribute, ...] = ()
    delivery_deadline: Number | None = None
    is_free_gift: Flag | None = None
    product_unique_id: Id | None = None


class PriceInfo(order_prices.PriceInfo, frozen=True, kw_only=True):
    """The order's amounts, with the discounts that partner orders do not have."""

    bulkbuy_discounted_price: int | None = None
    national_subsidy_discounted_price: int | None = None
    national_subsidy_merchant_discounted_price: int | None = None
    cash_coupon_discounted_price: int | None = None
    platform_activity_merchant_discounted_price: int | None = None
    vip_discounted_price: int | None = None
    #: The page doubles the word.
    limited_discount_price: int | None = field(
        name="limited_discount_discounted_price", default=None
    )


class PayInfo(Read, frozen=True, kw_only=True):
    """The payment; `transaction_id` is empty until a pay-later order is charged.

    `payment_method`: 1 WeChat Pay, 2 use first and pay later, 3 lottery at 0, 4 points.
    """

    payment_method: Number | None = None
    pay_time: Number | None = None
    transaction_id: Id | None = None


class TelNumberInfo(Read, frozen=True, kw_only=True):
    """The receiver's numbers: the real one masked, and the virtual one while it is lent."""

    real_tel_number: Id | None = None
    virtual_tel_number: Id | None = None
    virtual_tel_expire_time: Number | None = None


class AddressInfo(Read, frozen=True, kw_only=True):
    """The receiver; name, street and number are masked with asterisks.

    `hash_code` is equal for equal addresses of the store.
    """

    user_name: str | None = None
    postal_code: Id | None = None
    province_name: str | None = None
    city_name: str | None = None
    county_name: str | None = None
    detail_info: str | None = None
    house_number: str | None = None
    tel_number: Id | None = None
    virtual_order_tel_number: Id | None = None
    use_tel_number: Flag | None = None
    tel_number_ext_info: TelNumberInfo | None = None
    hash_code: str | None = None


class ParcelProduct(Read, frozen=True, kw_only=True):
    """Goods of a parcel."""

    product_id: Id | None = None
    sku_id: Id | None = None
    product_cnt: Number | None = None


class ParcelInfo(Read, frozen=True, kw_only=True):
    """A parcel; `deliver_type` 1 by a carrier, 3 nothing was sent."""

    waybill_id: Id | None = None
    delivery_id: Id | None = None
    delivery_name: str | None = None
    delivery_time: Number | None = None
    deliver_type: Number | None = None
    product_infos: tuple[ParcelProduct, ...] = ()


class DeliveryInfo(Read, frozen=True, kw_only=True):
    """Address and parcels; `deliver_method` 0 by a carrier, 1 and 3 virtual."""

    address_info: AddressInfo | None = None
    delivery_product_info: tuple[ParcelInfo, ...] = ()
    ship_done_time: Number | None = None
    deliver_method: Number | None = None
    address_under_review: AddressInfo | None = None
    address_apply_time: Number | None = None


class ExtInfo(Read, frozen=True, kw_only=True):
    """Notes, and where the order was placed."""

    customer_notes: str | None = None
    merchant_notes: str | None = None
    confirm_receipt_time: Number | None = None
    order_scene: Number | None = None


class OrderDetail(Read, frozen=True, kw_only=True):
    """What was bought, its price, payment and delivery."""

    product_infos: tuple[ProductInfo, ...] = ()
    pay_info: PayInfo | None = None
    price_info: PriceInfo | None = None
    delivery_info: DeliveryInfo | None = None
    ext_info: ExtInfo | None = None


class AfterSaleOfOrder(Read, frozen=True, kw_only=True):
    """An after-sale of the order; its status here is no longer kept."""

    aftersale_order_id: Id | None = None


class AfterSaleDetail(Read, frozen=True, kw_only=True):
    """The order's after-sales, and how many of them are open."""

    aftersale_order_list: tuple[AfterSaleOfOrder, ...] = ()
    on_aftersale_order_cnt: Number | None = None


class Order(Read, frozen=True, kw_only=True):
    """An order; `openid` is the payer's, of a gift the receiver's."""

    order_id: Id
    status: Number | None = None
    create_time: Number | None = None
    update_time: Number | None = None
    openid: str | None = None
    unionid: str | None = None
    is_present: bool | None = None
    order_detail: OrderDetail | None = None
    aftersale_detail: AfterSaleDetail | None = None


class OrderResponse(Read, frozen=True, kw_only=True):
    """The answer to `order/get`."""

    order: Order
