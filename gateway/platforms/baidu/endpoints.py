"""Baidu's table of calls: seven of the order centre."""

from dataclasses import replace
from typing import Any, Final

from gateway.platforms.baidu.wire import calls
from gateway.upstream.endpoint import Endpoint, LostAnswer

_BASE: Final = "/rest/2.0/smartapp/"
_CENTRE: Final = f"{_BASE}ordercenter/app/"
_BUYER: Final = ("open_id", "swan_id")
_CASHIER: Final = ("scene_id", "scene_type", "pm_app_key")

# An existing order is overwritten, after-sales included, so the call is idempotent.
ADD_ORDER: Final = Endpoint(
    name="add.main.info",
    method="POST",
    path=f"{_CENTRE}add/main/info",
    query_fields=(*_BUYER, *_CASHIER),
    request=calls.AddOrder,
    response=calls.Done,
    section="导入主订单信息",
    summary="Import an order",
    after_lost_answer=LostAnswer.REPEAT,
)

# A parcel that is sent again is updated.
ADD_LOGISTICS: Final = Endpoint(
    name="add.main.logistics",
    method="POST",
    path=f"{_CENTRE}add/main/logistics",
    query_fields=(*_BUYER, *_CASHIER),
    request=calls.AddLogistics,
    response=calls.Done,
    section="导入／更新订单物流信息",
    summary="Add or update parcels of orders",
    after_lost_answer=LostAnswer.REPEAT,
)

UPDATE_ORDER: Final = Endpoint(
    name="update.main.info",
    method="POST",
    path=f"{_CENTRE}update/main/info",
    query_fields=_BUYER,
    request=calls.UpdateOrder,
    response=calls.Done,
    section="更新主订单信息接口",
    summary="Update orders",
    after_lost_answer=LostAnswer.REPEAT,
)

UPDATE_ORDER_STATUS: Final = Endpoint(
    name="update.main.status",
    method="POST",
    path=f"{_CENTRE}update/main/status",
    query_fields=_BUYER,
    request=calls.UpdateOrderStatus,
    response=calls.Done,
    section="更新主订单状态接口",
    summary="Update the statuses of orders",
    after_lost_answer=LostAnswer.REPEAT,
)

# Sending an after-sale twice may duplicate it (undocumented); a new import replaces all.
APPEND_AFTER_SALES: Final = Endpoint(
    name="append.sub.info",
    method="POST",
    path=f"{_CENTRE}append/sub/info",
    query_fields=_BUYER,
    request=calls.AppendAfterSales,
    response=calls.Done,
    section="导入售后订单信息接口",
    summary="Add after-sales to orders",
    after_lost_answer=LostAnswer.REBUILD,
)

UPDATE_AFTER_SALES: Final = Endpoint(
    name="update.sub.info",
    method="POST",
    path=f"{_CENTRE}update/sub/info",
    query_fields=_BUYER,
    request=calls.UpdateAfterSales,
    response=calls.Done,
    section="更新售后订单信息接口",
    summary="Replace the after-sales of orders",
    after_lost_answer=LostAnswer.REPEAT,
)

UPDATE_AFTER_SALE_STATUS: Final = Endpoint(
    name="update.sub.status",
    method="POST",
    path=f"{_CENTRE}update/sub/status",
    query_fields=_BUYER,
    request=calls.UpdateAfterSaleStatus,
    response=calls.Done,
    section="更新售后订单状态接口",
    summary="Update the statuses of after-sales",
    after_lost_answer=LostAnswer.REPEAT,
)

ENDPOINTS: Final[tuple[Endpoint[Any, Any], ...]] = (
    ADD_ORDER,
    ADD_LOGISTICS,
    UPDATE_ORDER,
    UPDATE_ORDER_STATUS,
    APPEND_AFTER_SALES,
    UPDATE_AFTER_SALES,
    UPDATE_AFTER_SALE_STATUS,
)


def after_sale_status_at(path: str) -> Endpoint[calls.UpdateAfterSaleStatus, calls.Done]:
    """The after-sale status call at the path configured as `after_sale_status_path`."""
    return replace(UPDATE_AFTER_SALE_STATUS, path=_BASE + path.lstrip("/"))
