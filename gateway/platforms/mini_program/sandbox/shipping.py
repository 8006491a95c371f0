"""The shipping management (发货信息管理): payments, reports of their shipping, carriers."""

from typing import Any

from gateway.platforms.mini_program.sandbox import payment_events
from gateway.platforms.mini_program.sandbox.state import MiniProgramCall, Payment
from gateway.sandbox.request import Fields, Refusal, Wire

NO_SUCH_PAYMENT = 10060001
ALREADY_REPORTED_AGAIN = 10060003
NOT_SHIPPABLE = 10060004
SPLIT_WITHOUT_CARRIER = 10060006
NOTHING_CHANGED = 10060023
BAD_OPEN_ID = 40003
BY_TRADE_NUMBER, BY_TRANSACTION = 1, 2
CARRIER = 1
LOGISTICS_TYPES = (1, 2, 3, 4)
ONE_PARCEL, SPLIT = 1, 2
MOST_PARCELS, MOST_CHARACTERS = 15, 120
MOST_LISTED = 50
AWAITING, SHIPPED = 1, 2
SHIPPABLE = (AWAITING, SHIPPED)
NEEDS_CONTACT = "SF"

ORDER_NUMBER = "${商品订单号}"
MERCHANT_ID = "1900000001"
CARRIERS_PATH = "/cgi-bin/express/delivery/open_msg/get_delivery_list"
#: delivery_id and delivery_name, from a list of more than a thousand.
CARRIERS = (
    ("BDT", "八达通"),
    ("DBL", "德邦快递"),
    ("EMS", "EMS"),
    ("HTKY", "百世快递"),
    ("JD", "京东快递"),
    ("JTSD", "极兔速递"),
    ("SF", "顺丰速运"),
    ("STO", "申通快递"),
    ("UC", "优速快递"),
    ("YD", "韵达速递"),
    ("YTO", "圆通速递"),
    ("ZTO", "中通快递"),
)


def payment_of(order: Wire, open_id: str) -> Wire:
    """Return the payment of an order of the shopping list, which waits for its shipment."""
    items = order["ext_info"]["product_info"]["item_list"]
    return {
        "transaction_id": order["trans_id"],
        "merchant_id": MERCHANT_ID,
        "sub_merchant_id": "",
        "merchant_trade_no": order["order_id"],
        "description": items[0]["title"],
        "paid_amount": order["fee"],
        "openid": open_id,
        "trade_create_time": order["create_time"],
        "pay_time": order["pay_finish_time"],
        "order_state": AWAITING,
        "in_complaint": False,
        "shipping": {},
    }


def get_delivery_list(_call: MiniProgramCall) -> Wire:
    """`get_delivery_list`: the carriers (获取运力id列表)."""
    listed = [{"delivery_id": code, "delivery_name": name} for code, name in CARRIERS]
    return {"delivery_list": listed, "count": len(listed)}


def is_trade_managed(call: MiniProgramCall) -> Wire:
    """`is_trade_managed`: it is (查询小程序是否已开通发货信息管理服务)."""
    Fields(call.body.data, call.invented.shipping.bad_request).text("appid")
    return {"is_trade_managed": True}


def get_order_detail_path(call: MiniProgramCall) -> Wire:
    """`get_order_detail_path`: the page that the order centre opens (小程序购物订单)."""
    return {"path": call.shop.order_page}


def update_order_detail_path(call: MiniProgramCall) -> Wire:
    """`update_order_detail_path`: it holds the place of the order's number."""
    body = Fields(call.body.data, call.invented.shipping.bad_request)
    path = body.text("path")
    if ORDER_NUMBER not in path:
        raise body.refuse("path", f"must hold {ORDER_NUMBER}")
    call.shop.order_page = path
    return {}


def get_order(call: MiniProgramCall) -> Wire:
    """`get_order`: one payment with its shipping (查询订单发货状态)."""
    body = Fields(call.body.data, call.invented.shipping.bad_request)
    if body.has("transaction_id"):
        return {"order": _by_transaction(call, body.text("transaction_id")).document}
    merchant, trade = body.text("merchant_id"), body.text("merchant_trade_no")
    return {"order": _by_trade_number(call, merchant, trade).document}


def get_order_list(call: MiniProgramCall) -> Wire:
    """`get_order_list`: a page of the payments of a span, oldest first (查询订单列表)."""
    body = Fields(call.body.data, call.invented.shipping.bad_request)
    span = body.inner("pay_time_range") if body.has("pay_time_range") else Fields({}, 0)
    begin, end = span.optional_whole("begin_time", 0), span.optional_whole("end_time", 2**32 - 1)
    most = body.optional_whole("page_size", MOST_LISTED)
    if not 1 <= most <= MOST_LISTED:
        raise body.refuse("page_size", f"must be 1 to {MOST_LISTED}")
    found = [one.document for one in call.shop.payments.values()]
    found = [one for one in found if begin <= one["pay_time"] <= end]
    found.sort(key=lambda one: (one["pay_time"], one["transaction_id"]))
    first = int(body.optional_text("last_index") or 0)
    page = found[first : first + most]
    return {
        "order_list": page,
        "last_index": str(first + len(page)),
        "has_more": first + len(page) < len(found),
    }


def upload_shipping_info(call: MiniProgramCall) -> Wire:
    """`upload_shipping_info`: all parcels of a payment, which a second report replaces once."""
    body = Fields(call.body.data, call.invented.shipping.bad_request)
    payment = _payment(call, body.inner("order_key"))
    kind, mode = body.one_of("logistics_type", LOGISTICS_TYPES), _mode(body)
    parcels = [_parcel(one, kind) for one in body.inners("shipping_list")]
    if len(parcels) > MOST_PARCELS or (mode == ONE_PARCEL and len(parcels) > 1):
        raise body.refuse("shipping_list", "has too many parcels")
    if mode == SPLIT and kind != CARRIER:
        raise Refusal(SPLIT_WITHOUT_CARRIER, "only carriers deliver in parts")
    body.text("upload_time")
    if body.inner("payer").text("openid") != payment.document["openid"]:
        raise Refusal(BAD_OPEN_ID, "invalid openid")
    if payment.document["order_state"] not in SHIPPABLE:
        raise Refusal(NOT_SHIPPABLE, "the payment cannot be shipped")
    whole = mode == ONE_PARCEL or body.flag("is_all_delivered")
    _put(
        payment,
        kind,
        mode,
        whole=whole,
        parcels=[one | {"upload_time": call.now} for one in parcels],
    )
    payment_events.settled(call.shop, payment, call.now)
    return {}


def _put(payment: Payment, kind: int, mode: int, *, whole: bool, parcels: list[Wire]) -> None:
    """Keep a report; one after a whole one is a re-shipment."""
    known = payment.document["shipping"]
    if payment.is_reported:
        if _bare(known.get("shipping_list", ())) == _bare(parcels):
            raise Refusal(NOTHING_CHANGED, "nothing changed")
        if payment.is_reported_again:
            raise Refusal(ALREADY_REPORTED_AGAIN, "the re-shipment was used")
        payment.is_reported_again = True
    payment.is_reported = whole
    payment.document["order_state"] = SHIPPED if whole else AWAITING
    payment.document["shipping"] = {
        "delivery_mode": mode,
        "logistics_type": kind,
        "finish_shipping": whole,
        "finish_shipping_count": len(parcels),
        "goods_desc": parcels[0]["goods_desc"],
        "shipping_list": parcels,
    }


def _bare(parcels: Any) -> list[Wire]:
    return [{name: one[name] for name in one if name != "upload_time"} for one in parcels]


def _mode(body: Fields) -> int:
    mode = body.one_of("delivery_mode", (ONE_PARCEL, SPLIT))
    if mode == SPLIT:
        body.flag("is_all_delivered")
    return mode


def _parcel(parcel: Fields, kind: int) -> Wire:
    described = parcel.text("item_desc")
    if len(described) > MOST_CHARACTERS:
        raise parcel.refuse("item_desc", "is too long")
    kept: Wire = {"goods_desc": described}
    if kind == CARRIER:
        code = parcel.text("express_company")
        if code not in dict(CARRIERS):
            raise parcel.refuse("express_company", "is not a carrier")
        kept |= {"tracking_no": parcel.text("tracking_no"), "express_company": code}
        if code == NEEDS_CONTACT or parcel.has("contact"):
            contact = parcel.inner("contact")
            name = "receiver_contact" if contact.has("receiver_contact") else "consignor_contact"
            kept["contact"] = {name: contact.text(name)}
    return kept


def _payment(call: MiniProgramCall, key: Fields) -> Payment:
    if key.one_of("order_number_type", (BY_TRADE_NUMBER, BY_TRANSACTION)) == BY_TRANSACTION:
        return _by_transaction(call, key.text("transaction_id"))
    return _by_trade_number(call, key.text("mchid"), key.text("out_trade_no"))


def _by_transaction(call: MiniProgramCall, transaction_id: str) -> Payment:
    known = call.shop.payments.get(transaction_id)
    if known is None:
        raise _unknown()
    return known


def _by_trade_number(call: MiniProgramCall, merchant_id: str, trade_number: str) -> Payment:
    for known in call.shop.payments.values():
        document = known.document
        if (document["merchant_id"], document["merchant_trade_no"]) == (merchant_id, trade_number):
            return known
    raise _unknown()


def _unknown() -> Refusal:
    return Refusal(NO_SUCH_PAYMENT, "no such payment")
