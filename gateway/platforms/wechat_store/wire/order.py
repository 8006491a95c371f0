"""Orders (manual 6); amounts in fen, times in unix seconds."""

from gateway.wechat.wire import Id, Number, Read, Written


class OrderRequest(Written, frozen=True, kw_only=True):
    """Requests one order, or its closing (manual 6.2, 6.5)."""

    order_id: str


class OrdersRequest(Written, frozen=True, kw_only=True):
    """Filters orders (manual 6.3): an omitted member does not restrict.

    `status`: 2 to be shipped, 3 shipped, 5 completed, 8 in dispute. Whether `begintime` and
    `endtime` are inclusive is undocumented.
    """

    status: int | None = None
    begintime: int | None = None
    endtime: int | None = None


class OrderProduct(Read, frozen=True, kw_only=True):
    """One line of an order."""

    product_id: str | None = None
    product_name: str | None = None
    product_price: Number | None = None
    product_sku: str | None = None
    product_count: Number | None = None
    product_img: str | None = None


class Order(OrderProduct, frozen=True, kw_only=True):
    """An order, with the single product of the older form beside the list `products`."""

    order_id: Id
    order_status: Number | None = None
    order_total_price: Number | None = None
    order_create_time: Number | None = None
    order_express_price: Number | None = None
    buyer_openid: str | None = None
    buyer_nick: str | None = None
    receiver_name: str | None = None
    receiver_province: str | None = None
    receiver_city: str | None = None
    receiver_zone: str | None = None
    receiver_address: str | None = None
    receiver_mobile: Id | None = None
    receiver_phone: Id | None = None
    delivery_id: Id | None = None
    delivery_company: str | None = None
    trans_id: Id | None = None
    products: list[OrderProduct] | None = None


class OrderResponse(Read, frozen=True, kw_only=True):
    """The response of manual 6.2."""

    order: Order


class OrdersResponse(Read, frozen=True, kw_only=True):
    """The response of manual 6.3, without paging."""

    order_list: list[Order] | None = None


class DeliveryRequest(Written, frozen=True, kw_only=True):
    """How an order was shipped (manual 6.4).

    `need_delivery` 0 means no delivery: without company and number. With `is_others` 1 the company
    is a free-text name, not an id from the manual's table.
    """

    order_id: str
    delivery_company: str | None = None
    delivery_track_no: str | None = None
    need_delivery: int | None = None
    is_others: int | None = None
