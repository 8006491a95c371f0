"""An order's after-sales: the content of EXT.SubsOrder."""

from msgspec import field

from gateway.platforms.baidu.wire.base import DetailPage, Payment, Written


class RefundProduct(Written, frozen=True, kw_only=True):
    """A returned product; `amount` in fen."""

    id: str = field(name="ID")
    quantity: int = field(name="Quantity")
    amount: int = field(name="Amount")


class Refund(Written, frozen=True, kw_only=True):
    """What is returned; `amount` in fen."""

    amount: int = field(name="Amount")
    product: tuple[RefundProduct, ...] = field(name="Product")


class SubsItem(Written, frozen=True, kw_only=True):
    """An after-sale; `order_type` 1 refund, 2 exchange, 3 return and refund; times in seconds."""

    sub_order_id: str = field(name="SubOrderID")
    sub_status: int = field(name="SubStatus")
    ctime: int = field(name="CTime")
    mtime: int = field(name="MTime")
    order_detail: DetailPage | None = field(name="OrderDetail", default=None)
    payment: Payment | None = field(name="Payment", default=None)
    refund: Refund | None = field(name="Refund", default=None)
    order_type: int = field(name="OrderType")


class SubsOrder(Written, frozen=True, kw_only=True):
    """All after-sales of an order; `status` is their overall status."""

    status: int = field(name="Status")
    items: tuple[SubsItem, ...] = field(name="Items")


class SubsExt(Written, frozen=True, kw_only=True):
    """The after-sales part of a record."""

    subs_order: SubsOrder = field(name="SubsOrder")


class AfterSales(Written, frozen=True, kw_only=True):
    """An order's after-sales, to append or to replace."""

    cate_id: int = field(name="CateID")
    biz_app_id: str = field(name="BizAPPID")
    resource_id: str = field(name="ResourceID")
    ext: SubsExt = field(name="EXT")


class ItemStatus(Written, frozen=True, kw_only=True):
    """The current status of one after-sale."""

    sub_order_id: str = field(name="SubOrderID")
    sub_status: int = field(name="SubStatus")


class StatusesOrder(Written, frozen=True, kw_only=True):
    """The statuses of an order's after-sales, and their overall status."""

    status: int = field(name="Status")
    items: tuple[ItemStatus, ...] = field(name="Items")


class StatusesExt(Written, frozen=True, kw_only=True):
    """The after-sales part of a record."""

    subs_order: StatusesOrder = field(name="SubsOrder")


class AfterSaleStatuses(Written, frozen=True, kw_only=True):
    """The statuses of an order's after-sales."""

    cate_id: int = field(name="CateID")
    biz_app_id: str = field(name="BizAPPID")
    resource_id: str = field(name="ResourceID")
    ext: StatusesExt = field(name="EXT")
