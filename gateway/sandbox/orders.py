"""The WeChat Store's orders: manual 6.2 to 6.5."""

from gateway.sandbox.call import StoreCall
from gateway.sandbox.refusal import Refusal
from gateway.sandbox.state import Wire

TO_SHIP, SHIPPED, DONE, IN_DISPUTE = 2, 3, 5, 8
CARRIERS = (
    "Fsearch_code",
    "002shentong",
    "066zhongtong",
    "056yuantong",
    "042tiantian",
    "003shunfeng",
    "059Yunda",
    "064zhaijisong",
    "020huitong",
    "zj001yixun",
)


def getbyid(call: StoreCall) -> Wire:
    """`/merchant/order/getbyid` (6.2)."""
    return {"order": _find(call)}


def getbyfilter(call: StoreCall) -> Wire:
    """`/merchant/order/getbyfilter` (6.3): by status and creation time, unpaged.

    Its orders lack the district, which only the sample of 6.2 has.
    """
    body = call.body
    status = body.whole("status") if body.has("status") else None
    begin = body.whole("begintime") if body.has("begintime") else None
    end = body.whole("endtime") if body.has("endtime") else None
    found = [
        {name: value for name, value in order.items() if name != "receiver_zone"}
        for order in call.shop.orders.values()
        if (status is None or order["order_status"] == status)
        and (begin is None or order["order_create_time"] >= begin)
        and (end is None or order["order_create_time"] <= end)
    ]
    return {"order_list": found}


def setdelivery(call: StoreCall) -> Wire:
    """`/merchant/order/setdelivery` (6.4): ship an order that waits for it."""
    order = _find(call)
    if order["order_status"] != TO_SHIP:
        raise Refusal(call.invented.store.order_not_shippable, "order status error")
    needs_parcel = call.body.one_of("need_delivery", (0, 1)) if _sent(call) else 1
    company, number = _parcel(call) if needs_parcel else ("", "")
    order.update(order_status=SHIPPED, delivery_company=company, delivery_id=number)
    return {}


def close(call: StoreCall) -> Wire:
    """`/merchant/order/close` (6.5)."""
    order = _find(call)
    statuses = call.invented.statuses
    if order["order_status"] not in (statuses.awaiting_payment, TO_SHIP, SHIPPED):
        raise Refusal(call.invented.store.order_not_closable, "order status error")
    order["order_status"] = statuses.closed
    return {}


def _sent(call: StoreCall) -> bool:
    return call.body.has("need_delivery")


def _parcel(call: StoreCall) -> tuple[str, str]:
    company = call.body.optional_text("delivery_company")
    number = call.body.optional_text("delivery_track_no")
    if not company or not number:
        raise Refusal(call.invented.store.parcel_incomplete, "delivery info missing")
    other = call.body.has("is_others") and call.body.one_of("is_others", (0, 1)) == 1
    if not other and company not in CARRIERS:
        raise Refusal(call.invented.store.carrier_unknown, "delivery_company not exist")
    return company, number


def _find(call: StoreCall) -> Wire:
    order = call.shop.orders.get(call.body.text("order_id"))
    if order is None:
        raise Refusal(call.invented.store.order_not_found, "order not exist")
    return order
