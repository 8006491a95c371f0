"""Orders: the calls of manual 6.2 to 6.5, the event of 6.1, and buyers' actions."""

from dataclasses import dataclass
from typing import Any

from gateway.platforms.wechat_store.sandbox.invented import Invented, Statuses
from gateway.platforms.wechat_store.sandbox.state import StoreCall, StoreProduct, WechatStoreShop
from gateway.sandbox.part import NotInTheSandboxError
from gateway.sandbox.request import Refusal, Wire
from gateway.sandbox.wechat_events import TO_USER

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

OPEN_ID = "oDF3iYsandboxbuyer0000000000"
FIRST_ID = 7197417460900000000


def getbyid(call: StoreCall) -> Wire:
    """`/merchant/order/getbyid` (6.2)."""
    return {"order": _find(call)}


def getbyfilter(call: StoreCall) -> Wire:
    """`/merchant/order/getbyfilter` (6.3): by status and creation time, unpaged.

    Its orders have no district, which only the sample of 6.2 has.
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
    """`/merchant/order/setdelivery` (6.4): ships an order, or replaces its parcel."""
    order = _find(call)
    if not _takes_delivery(order["order_status"], call.invented):
        raise Refusal(call.invented.codes.order_not_shippable, "order status error")
    needs_parcel = call.body.one_of("need_delivery", (0, 1)) if _sent(call) else 1
    company, number = _parcel(call) if needs_parcel else ("", "")
    order.update(order_status=SHIPPED, delivery_company=company, delivery_id=number)
    return {}


def _takes_delivery(status: int, invented: Invented) -> bool:
    if status == SHIPPED:
        return invented.corrects_parcels
    listed = status in (TO_SHIP, DONE, IN_DISPUTE)
    return status == TO_SHIP or (invented.ships_unlisted and not listed)


def close(call: StoreCall) -> Wire:
    """`/merchant/order/close` (6.5)."""
    order = _find(call)
    statuses = call.invented.statuses
    if order["order_status"] not in (statuses.awaiting_payment, TO_SHIP, SHIPPED):
        raise Refusal(call.invented.codes.order_not_closable, "order status error")
    order["order_status"] = statuses.closed
    return {}


@dataclass(frozen=True, slots=True)
class Purchase:
    """What is bought; the product defaults to the first one on the shelf and in stock."""

    product_id: str | None = None
    sku_id: str | None = None
    count: int = 1
    open_id: str = OPEN_ID
    paid: bool = True


def place_order(shop: WechatStoreShop, purchase: Purchase, statuses: Statuses, now: int) -> Wire:
    """Create an order of one product, reduce the stock, and return the order as in 6.2."""
    product, sku = _choose(shop, purchase)
    sku["quantity"] -= purchase.count
    shop.last_id += 1
    base = product.document["product_base"]
    line = {
        "product_id": product.product_id,
        "product_name": base["name"],
        "product_price": sku["price"],
        "product_sku": sku["sku_id"],
        "product_count": purchase.count,
        "product_img": base["main_img"],
    }
    order: Wire = {
        "order_id": str(FIRST_ID + shop.last_id),
        "order_status": TO_SHIP if purchase.paid else statuses.awaiting_payment,
        "order_total_price": sku["price"] * purchase.count,
        "order_create_time": now,
        "order_express_price": 0,
        **_receiver(purchase),
        **line,
        "delivery_id": "",
        "delivery_company": "",
        "trans_id": f"420000{now}{shop.last_id}" if purchase.paid else "",
        "products": [line],
    }
    shop.orders[order["order_id"]] = order
    shop.buyers.add(purchase.open_id)
    return order


def set_status(shop: WechatStoreShop, order_id: str, status: int) -> Wire:
    """Set an order's status without a call from the gateway: 2 paid, 5 received."""
    order = shop.orders.get(order_id)
    if order is None:
        raise NotInTheSandboxError("no such order")
    order["order_status"] = status
    if status == TO_SHIP and not order["trans_id"]:
        order["trans_id"] = f"420000{order['order_create_time']}{order_id[-4:]}"
    return order


def merchant_order(order: Wire, now: int) -> str:
    """Return the message of a paid order (manual V1.17, 6.1); `now` in unix seconds."""
    return (
        "<xml>"
        f"<ToUserName><![CDATA[{TO_USER}]]></ToUserName>"
        f"<FromUserName><![CDATA[{order['buyer_openid']}]]></FromUserName>"
        f"<CreateTime>{now}</CreateTime>"
        "<MsgType><![CDATA[event]]></MsgType>"
        "<Event><![CDATA[merchant_order]]></Event>"
        f"<OrderId><![CDATA[{order['order_id']}]]></OrderId>"
        f"<OrderStatus>{order['order_status']}</OrderStatus>"
        f"<ProductId><![CDATA[{order['product_id']}]]></ProductId>"
        f"<SkuInfo><![CDATA[{order['product_sku']}]]></SkuInfo>"
        "</xml>"
    )


def _sent(call: StoreCall) -> bool:
    return call.body.has("need_delivery")


def _parcel(call: StoreCall) -> tuple[str, str]:
    company = call.body.optional_text("delivery_company")
    number = call.body.optional_text("delivery_track_no")
    if not company or not number:
        raise Refusal(call.invented.codes.parcel_incomplete, "delivery info missing")
    other = call.body.has("is_others") and call.body.one_of("is_others", (0, 1)) == 1
    if not other and company not in CARRIERS:
        raise Refusal(call.invented.codes.carrier_unknown, "delivery_company not exist")
    return company, number


def _find(call: StoreCall) -> Wire:
    order = call.shop.orders.get(call.body.text("order_id"))
    if order is None:
        raise Refusal(call.invented.codes.order_not_found, "order not exist")
    return order


def _choose(shop: WechatStoreShop, purchase: Purchase) -> tuple[StoreProduct, dict[str, Any]]:
    for product in shop.products.values():
        wanted = purchase.product_id in (None, product.product_id)
        for sku in product.document["sku_list"] if wanted and product.on_shelf else []:
            fits = purchase.sku_id in (None, sku["sku_id"])
            if fits and sku["quantity"] >= purchase.count:
                return product, sku
    raise NotInTheSandboxError("no such product on the shelf with enough in stock")


def _receiver(purchase: Purchase) -> Wire:
    return {
        "buyer_openid": purchase.open_id,
        "buyer_nick": "沙箱买家",
        "receiver_name": "张三",
        "receiver_province": "广东省",
        "receiver_city": "广州市",
        "receiver_zone": "天河区",
        "receiver_address": "示例路1号",
        "receiver_mobile": "13800000000",
        "receiver_phone": "",
    }
