"""Changes of orders, by the rules and codes of the reference's sections 3.4 and 3.5."""

from collections import Counter
from typing import Any

from gateway.concurrency.clock import DAY
from gateway.platforms.weixin_store.sandbox import events, orders
from gateway.platforms.weixin_store.sandbox.state import WeixinCall, WeixinStoreShop
from gateway.sandbox.part import NotInTheSandboxError
from gateway.sandbox.request import Fields, Refusal, Wire
from gateway.sandbox.wechat import Route

WRONG_STATE = 101100
OPEN_AFTER_SALE, WRONG_GOODS, ALREADY_SENT, NO_GOODS = 108009, 109000, 109001, 109002
UNKNOWN_CARRIER, NO_WAYBILL, WRONG_TYPE, VIRTUAL_IN_PART = 606004, 606005, 606008, 606051
ADDRESS_REQUEST_OPEN = 10020115
ABOVE_ORIGINAL, TOO_MANY_PRICES, PRICE_ZERO = 108021, 108022, 108023
TOO_MANY_CORRECTIONS = 606041
DECODES_USED_UP, DECODE_UNPAID, DECODE_GIFT, DECODE_STATE = 10020123, 10020124, 10020248, 10020503

MOST_PRICES, MOST_CORRECTIONS = 50, 3
BY_CARRIER, NOTHING_SENT = 1, 3
OTHER = "OTHER"
#: The printed codes of carriers, with their names.
CARRIERS = {
    "ZTO": "中通快递",
    "YTO": "圆通速递",
    "YUNDA": "韵达速递",
    "STO": "申通快递",
    "SF": "顺丰速运",
    "JD": "京东物流",
    "EMS": "邮政EMS",
    "JTSD": "极兔速递",
    "DBKD": "德邦快递",
    "ZJS": "宅急送",
}


def companies(_call: WeixinCall) -> Wire:
    """`/channels/ec/order/deliverycompanylist/new/get`."""
    listed = [{"delivery_id": code, "delivery_name": name} for code, name in CARRIERS.items()]
    return {"company_list": listed}


def send(call: WeixinCall) -> Wire:
    """`/channels/ec/order/delivery/send`: some parcels, or all that is left."""
    order = orders.find(call)
    if order["status"] == orders.SHIPPED:
        raise Refusal(ALREADY_SENT, "order has been sent")
    if order["status"] not in (orders.TO_SHIP, orders.PARTLY_SHIPPED):
        raise Refusal(WRONG_STATE, "order status error")
    delivery = order["order_detail"]["delivery_info"]
    if delivery.get("address_under_review"):
        raise Refusal(ADDRESS_REQUEST_OPEN, "the buyer asks for another address")
    if order["aftersale_detail"]["on_aftersale_order_cnt"]:
        raise Refusal(OPEN_AFTER_SALE, "there is an open aftersale")
    left = _to_ship(order)
    for parcel in delivery["delivery_product_info"]:
        left.subtract(_contents(parcel))
    parcels = _parcels(call, order, left)
    delivery["delivery_product_info"] += parcels
    _shipped(order, done=not any(left.values()), now=call.now)
    events.status_event(call.shop, order, call.now)
    return {}


def correct(call: WeixinCall) -> Wire:
    """`/channels/ec/order/deliveryinfo/update`: other parcels for all of a shipped order."""
    order = orders.find(call)
    if order["status"] != orders.SHIPPED:
        raise Refusal(WRONG_STATE, "order status error")
    corrections = call.shop.corrections
    if corrections.get(order["order_id"], 0) >= MOST_CORRECTIONS:
        raise Refusal(TOO_MANY_CORRECTIONS, "delivery info updated too often")
    order["order_detail"]["delivery_info"]["delivery_product_info"] = _parcels(
        call, order, _to_ship(order)
    )
    corrections[order["order_id"]] = corrections.get(order["order_id"], 0) + 1
    order["update_time"] = call.now
    return {}


def _to_ship(order: Wire) -> Counter[tuple[str, str]]:
    """Count the units of each goods that are to be shipped in all, without refunded ones."""
    units: Counter[tuple[str, str]] = Counter()
    for line in order["order_detail"]["product_infos"]:
        goods = line["product_id"], line["sku_id"]
        units[goods] += line["sku_cnt"] - line["finish_aftersale_sku_cnt"]
    return units


def _contents(parcel: Wire) -> Counter[tuple[str, str]]:
    units: Counter[tuple[str, str]] = Counter()
    for one in parcel["product_infos"]:
        units[one["product_id"], one["sku_id"]] += one["product_cnt"]
    return units


def _parcels(call: WeixinCall, order: Wire, left: Counter[tuple[str, str]]) -> list[Wire]:
    """Read the parcels of a request, and take what they hold from what is `left`."""
    virtual = order["order_detail"]["delivery_info"]["deliver_method"] != 0
    parcels = []
    for given in call.body.inners("delivery_list"):
        kind = given.whole("deliver_type")
        if kind not in (BY_CARRIER, NOTHING_SENT) or (kind == NOTHING_SENT) != virtual:
            raise Refusal(WRONG_TYPE, "deliver_type does not fit the order")
        parcel: Wire = {"deliver_type": kind, "delivery_time": call.now}
        if kind == BY_CARRIER:
            parcel |= _carrier(given)
        parcel["product_infos"] = [_goods(one, left) for one in given.inners("product_infos")]
        parcels.append(parcel)
    if virtual and any(left.values()):
        raise Refusal(VIRTUAL_IN_PART, "virtual orders are sent as a whole")
    return parcels


def _carrier(given: Fields) -> Wire:
    code, number = given.optional_text("delivery_id"), given.optional_text("waybill_id")
    if code != OTHER and code not in CARRIERS:
        raise Refusal(UNKNOWN_CARRIER, "delivery_id not exist")
    if not number:
        raise Refusal(NO_WAYBILL, "waybill_id is empty")
    return {"delivery_id": code, "delivery_name": CARRIERS.get(code, code), "waybill_id": number}


def _goods(given: Fields, left: Counter[tuple[str, str]]) -> Wire:
    goods = given.text("product_id"), given.text("sku_id")
    count = given.whole("product_cnt", at_least=1)
    if goods not in left:
        raise Refusal(NO_GOODS, f"order has no product {goods[0]}")
    if count > left[goods]:
        raise Refusal(WRONG_GOODS, f"product {goods[0]} has {left[goods]} left")
    left[goods] -= count
    return {"product_id": goods[0], "sku_id": goods[1], "product_cnt": count}


def _shipped(order: Wire, *, done: bool, now: int) -> None:
    order["status"] = orders.SHIPPED if done else orders.PARTLY_SHIPPED
    order["update_time"] = now
    if done:
        order["order_detail"]["delivery_info"]["ship_done_time"] = now


def price(call: WeixinCall) -> Wire:
    """`/channels/ec/order/price/update`: what it does not name has its first price again."""
    order, body = orders.find(call), call.body
    if order["status"] != orders.UNPAID:
        raise Refusal(WRONG_STATE, "order status error")
    lines = {(one["product_id"], one["sku_id"]): one for one in _lines(order)}
    new: dict[tuple[str, str], int] = {}
    for given in body.inners("change_order_infos", empty=True):
        goods = given.text("product_id"), given.text("sku_id")
        fen = given.whole("change_price", at_least=0)
        if goods not in lines:
            raise Refusal(NO_GOODS, f"order has no product {goods[0]}")
        if fen == 0:
            raise Refusal(PRICE_ZERO, "price is zero")
        if fen > lines[goods]["sale_price"] * lines[goods]["sku_cnt"]:
            raise Refusal(ABOVE_ORIGINAL, "price above the original")
        new[goods] = fen
    fee = body.whole("express_fee", at_least=0) if body.flag("change_express") else None
    changes = call.shop.price_changes
    if changes.get(order["order_id"], 0) >= MOST_PRICES:
        raise Refusal(TOO_MANY_PRICES, "price changed too often")
    changes[order["order_id"]] = changes.get(order["order_id"], 0) + 1
    for goods, line in lines.items():
        _reprice(line, new.get(goods))
    _settle(order, fee)
    order["update_time"] = call.now
    events.order_changed(call.shop, order, events.PRICE_CHANGED, call.now)
    return {}


def _lines(order: Wire) -> list[Wire]:
    lines: list[Wire] = order["order_detail"]["product_infos"]
    return lines


def _reprice(line: Wire, fen: int | None) -> None:
    first = line["sale_price"] * line["sku_cnt"]
    line["is_change_price"] = fen is not None
    line["change_price"] = first if fen is None else fen
    line["real_price"] = line["change_price"]


def _settle(order: Wire, fee: int | None) -> None:
    """Write the order's amounts; a lower shipping fee counts as part of `change_down_price`."""
    prices = order["order_detail"]["price_info"]
    down = sum(
        one["sale_price"] * one["sku_cnt"] - one["change_price"]
        for one in _lines(order)
        if one["is_change_price"]
    )
    prices["is_change_freight"] = fee is not None
    prices["change_freight"] = prices["freight"] if fee is None else fee
    prices["change_down_price"] = down + prices["freight"] - prices["change_freight"]
    prices["order_price"] = (
        prices["original_order_price"] - prices["discounted_price"] - prices["change_down_price"]
    )
    prices["merchant_receieve_price"] = prices["order_price"]


def note(call: WeixinCall) -> Wire:
    """`/channels/ec/order/merchantnotes/update`."""
    order = orders.find(call)
    order["order_detail"]["ext_info"]["merchant_notes"] = call.body.text(
        "merchant_notes", empty=True
    )
    order["update_time"] = call.now
    events.order_changed(call.shop, order, events.NOTE_CHANGED, call.now)
    return {}


def accept_address(call: WeixinCall) -> Wire:
    """`/channels/ec/order/addressmodify/accept`."""
    delivery = _asked(call)
    delivery["address_info"] = delivery.pop("address_under_review")
    return {}


def reject_address(call: WeixinCall) -> Wire:
    """`/channels/ec/order/addressmodify/reject`."""
    del _asked(call)["address_under_review"]
    return {}


def _asked(call: WeixinCall) -> dict[str, Any]:
    order = orders.find(call)
    delivery: dict[str, Any] = order["order_detail"]["delivery_info"]
    if not delivery.get("address_under_review"):
        raise Refusal(call.invented.no_address_request, "the buyer asks for nothing")
    order["update_time"] = call.now
    return delivery


def ask_for_address(shop: WeixinStoreShop, order_id: str, now: int) -> Wire:
    """Let the buyer of an order ask for another street; raises NotInTheSandboxError."""
    order = shop.orders.get(order_id)
    if order is None:
        raise NotInTheSandboxError("no such order")
    delivery = order["order_detail"]["delivery_info"]
    delivery["address_under_review"] = {
        **delivery["address_info"],
        "detail_info": "示例路2号",
        "hash_code": f"asked-{order_id}",
    }
    order["update_time"] = now
    return order


def decode(call: WeixinCall) -> Wire:
    """`/channels/ec/order/sensitiveinfo/decode`: counted once an order and day.

    The buyer's own number stays masked; a virtual one is lent.
    """
    order = orders.find(call)
    if order["is_present"]:
        raise Refusal(DECODE_GIFT, "a gift order")
    if order["status"] == orders.UNPAID:
        raise Refusal(DECODE_UNPAID, "order not paid")
    if order["status"] in (orders.REFUNDED, orders.CANCELLED):
        raise Refusal(DECODE_STATE, "order status error")
    _count_decode(call, order["order_id"])
    whole = order["order_detail"]["delivery_info"]["address_info"]
    number = orders.masked(order)["order_detail"]["delivery_info"]["address_info"]["tel_number"]
    return {
        "address_info": {**whole, "tel_number": number},
        "virtual_number_info": {
            "virtual_number": f"1700000{order['order_id'][-4:]}",
            "extension": "6107",
            "expiration": call.now + 7 * DAY,
        },
    }


def _count_decode(call: WeixinCall, order_id: str) -> None:
    shop, today = call.shop, call.now // DAY
    if shop.decoded_on != today:
        shop.decoded_on = today
        shop.decoded.clear()
    if order_id not in shop.decoded and len(shop.decoded) >= shop.decodes_per_day:
        raise Refusal(DECODES_USED_UP, "decode quota used up")
    shop.decoded.add(order_id)


ROUTES = {
    "/channels/ec/order/deliverycompanylist/new/get": Route(companies),
    "/channels/ec/order/delivery/send": Route(send),
    "/channels/ec/order/deliveryinfo/update": Route(correct),
    "/channels/ec/order/price/update": Route(price),
    "/channels/ec/order/merchantnotes/update": Route(note),
    "/channels/ec/order/addressmodify/accept": Route(accept_address),
    "/channels/ec/order/addressmodify/reject": Route(reject_address),
    "/channels/ec/order/sensitiveinfo/decode": Route(decode),
}
