"""An order's after-sales: what stands under EXT.SubsOrder."""

from msgspec import field

from gateway.platforms.baidu.wire.base import DetailPage, Written


class RefundProduct(Written, frozen=True, kw_only=True):
    """A product that is given back; `amount` in fen."""

    id: str = field(name="ID")
    quantity: int = field(name="Quantity")
    amount: int = field(name="Amount")


class Refund(Written, frozen=True, kw_only=True):
    """What goes back; `amount` in fen."""

    amount: int = field(name="Amount")
    product: tuple[RefundProduct, ...] = field(name="Product")


class SubsItem(Written, frozen=True, kw_only=True):
    """An after-sale; `order_type` 1 refund, 2 exchange, 3 return and refund; times in seconds."""

    sub_order_id: str = field(name="SubOrderID")
    sub_status: int = field(name="SubStatus")
    ctime: int = field(name="CTime")
    mtime: int = field(name="MTime")
    order_detail: DetailPage | None = field(name="OrderDetail", default=None)
    refund: Refund | None = field(name="Refund", default=None)
    order_type: int = field(name="OrderType")


class SubsOrder(Written, frozen=True, kw_only=True):
    """All after-sales of an order; `status` is where they stand together."""

    status: int = field(name="Status")
    items: tuple[SubsItem, ...] = field(name="Items")


class SubsExt(Written, frozen=True, kw_only=True):
    """The only part of a record that speaks of after-sales."""

    subs_order: SubsOrder = field(name="SubsOrder")


class AfterSales(Written, frozen=True, kw_only=True):
    """An order's after-sales, to append or to replace."""

    cate_id: int = field(name="CateID")
    biz_app_id: str = field(name="BizAPPID")
    resource_id: str = field(name="ResourceID")
    ext: SubsExt = field(name="EXT")


class ItemStatus(Written, frozen=True, kw_only=True):
    """Where one after-sale stands now."""

    sub_order_id: str = field(name="SubOrderID")
    sub_status: int = field(name="SubStatus")


class StatusesOrder(Written, frozen=True, kw_only=True):
    """Where after-sales of an order stand, and all of them together."""

    status: int = field(name="Status")
    items: tuple[ItemStatus, ...] = field(name="Items")


class StatusesExt(Written, frozen=True, kw_only=True):
    """The only part of a record that speaks of after-sales."""

    subs_order: StatusesOrder = field(name="SubsOrder")


class AfterSaleStatuses(Written, frozen=True, kw_only=True):
    """The statuses of an order's after-sales."""

    cate_id: int = field(name="CateID")
    biz_app_id: str = field(name="BizAPPID")
    resource_id: str = field(name="ResourceID")
    ext: StatusesExt = field(name="EXT")
