"""Orders of partner stores: the page 获取合作店铺订单 (`/channels/ec/cooperation/order/get`)."""

from gateway.sandbox.call import MiniCall
from gateway.sandbox.fields import Fields
from gateway.sandbox.refusal import Refusal
from gateway.sandbox.state import Wire


def get(call: MiniCall) -> Wire:
    """Give the order that an event announced; both ids must match."""
    codes = call.invented.cooperation
    body = Fields(call.body.data, codes.bad_request)
    shop_appid, order_id = body.text("shop_appid"), body.text("order_id")
    known = call.shop.partner_orders.get(order_id)
    if known is None or known.shop_appid != shop_appid:
        raise Refusal(codes.order_not_found, "order not exist")
    return {"order": known.order}
