"""Requests of the calls, and their common response."""

from msgspec import field

from gateway.platforms.baidu.wire import after_sale, order
from gateway.platforms.baidu.wire.base import Loose, Read, Written


class Call(Written, frozen=True, kw_only=True):
    """The buyer of the order, by one of the two ids; sent in the URL.

    `swan_id`, for a buyer who is not logged in, is from later manuals.
    """

    open_id: str | None = None
    swan_id: str | None = None


class PaidCall(Call, frozen=True, kw_only=True):
    """A call with the cashier's fields of later manuals, sent in the URL too.

    `scene_id` is the payment's order id.
    """

    scene_id: str | None = None
    scene_type: int | None = None
    pm_app_key: str | None = None


class AddLogistics(PaidCall, frozen=True, kw_only=True):
    """Parcels of one buyer's orders; a call of a later manual."""

    data: tuple[order.Logistics, ...] = field(name="Data")


class AddOrder(PaidCall, frozen=True, kw_only=True):
    """A single order."""

    data: tuple[order.NewOrder] = field(name="Data")


class UpdateOrder(Call, frozen=True, kw_only=True):
    """Orders of one buyer."""

    data: tuple[order.ChangedOrder, ...] = field(name="Data")


class UpdateOrderStatus(Call, frozen=True, kw_only=True):
    """Statuses of one buyer's orders."""

    data: tuple[order.OrderStatus, ...] = field(name="Data")


class AppendAfterSales(Call, frozen=True, kw_only=True):
    """After-sales of one buyer's orders, added to the existing ones.

    The manual prints an object; later ones have an array here and in the next two calls.
    """

    data: tuple[after_sale.AfterSales, ...] | after_sale.AfterSales = field(name="Data")


class UpdateAfterSales(Call, frozen=True, kw_only=True):
    """After-sales of one buyer's orders, replacing the existing ones."""

    data: tuple[after_sale.AfterSales, ...] | after_sale.AfterSales = field(name="Data")


class UpdateAfterSaleStatus(Call, frozen=True, kw_only=True):
    """Statuses of after-sales of one buyer's orders."""

    data: tuple[after_sale.AfterSaleStatuses, ...] | after_sale.AfterSaleStatuses = field(
        name="Data"
    )


class Affected(Read, frozen=True, kw_only=True):
    """One record's outcome: `rows_affected` 0 is a failure."""

    biz_app_id: str = ""
    cate_id: Loose | None = None
    resource_id: str
    rows_affected: Loose


class Done(Read, frozen=True, kw_only=True):
    """The records' outcomes, in no guaranteed order."""

    data: tuple[Affected, ...] = ()
