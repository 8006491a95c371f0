"""After-sales: buyers open them, the store decides, and money goes back (reference, section 4)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from gateway.platforms.weixin_store.sandbox import events
from gateway.platforms.weixin_store.sandbox.state import WeixinCall, WeixinStoreShop
from gateway.sandbox.part import BadAdminCallError, NotInTheSandboxError
from gateway.sandbox.request import Refusal, Wire
from gateway.sandbox.wechat import Route

NO_SUCH_AFTER_SALE = 10021050
WRONG_STATE = 10020001
BAD_SPAN = 10020004
NO_SPAN = 10020003
TOO_OFTEN = 10021059
NO_ADDRESS = 10021060
BAD_ADDRESS = 10021062

#: `accept_type`: the step of a return.
AGREE, PAY = 1, 2

#: The order's status once all of its goods are refunded.
ALL_REFUNDED = 200

FIRST_ID = 2090000000000000
DAY = 86_400
#: Ids of one page; the page has no size that a caller may choose.
PAGE = 10
#: Seconds between two decisions on one after-sale.
GAP = 60
#: Seconds in which the store must answer, told as what is left of them.
ANSWER_SECONDS = 2 * DAY

ASKED = "MERCHANT_PROCESSING"
OVERDUE = "MERCHANT_OVERDUE_REFUND"
WAIT_RETURN = "USER_WAIT_RETURN"
WAIT_RECEIPT = "MERCHANT_WAIT_RECEIPT"
WAIT_CONFIRM = "USER_WAIT_CONFIRM_UPDATE"
SENT_AGAIN = "USER_WAIT_RECEIPT"
CANCELLED = "USER_CANCELD"
DONE = {
    "REFUND": "MERCHANT_REFUND_SUCCESS",
    "RETURN": "MERCHANT_RETURN_SUCCESS",
    "EXCHANGE": "MERCHANT_EXCHANGE_SUCCESS",
}
REJECTED = {
    "REFUND": "MERCHANT_REJECT_REFUND",
    "RETURN": "MERCHANT_REJECT_RETURN",
    "EXCHANGE": "MERCHANT_REJECT_EXCHANGE",
}
#: States in which the store, or the buyer, has yet to do something.
OPEN = frozenset({ASKED, OVERDUE, WAIT_RETURN, WAIT_RECEIPT, WAIT_CONFIRM, SENT_AGAIN})
WAIT_FOR_STORE = frozenset({ASKED, OVERDUE, WAIT_RECEIPT})

REASONS = {
    "NO_LONGER_WANT": "不喜欢",
    "10000000": "不想要了",
    "10000002": "拍错/多拍",
    "10000006": "商家发错货",
    "10000007": "未收到货",
    "10000021": "商品质量问题",
}
REJECT_REASONS = (
    (1, "已与买家协商一致", "双方已协商一致,如有疑问请联系商家"),
    (20, "商品影响二次销售", "退回的商品已影响二次销售,如有疑问请联系商家"),
    (21, "寄回的不是本订单商品", "退回的商品不是本订单的商品,如有疑问请联系商家"),
)


@dataclass(frozen=True, slots=True)
class Opened:
    """What a buyer asks for, of one line of an order; `amount` in fen.

    The line defaults to the order's first, the amount to what was paid for so many.
    """

    order_id: str
    type: Literal["REFUND", "RETURN", "EXCHANGE"] = "REFUND"
    product_id: str | None = None
    sku_id: str | None = None
    count: int = 1
    amount: int | None = None
    reason: str = "10000021"
    desc: str = "盖子松了"
    app_id: str | None = None


@dataclass(frozen=True, slots=True)
class BuyersAct:
    """What a buyer does next: `send` needs a parcel, `agree` takes what the store offers."""

    act: Literal["send", "cancel", "agree", "receive"]
    waybill_id: str = "SF0000000000009"
    delivery_id: str = "SF"
    app_id: str | None = None


def open_after_sale(shop: WeixinStoreShop, opened: Opened, now: int) -> Wire:
    """Open an after-sale of one line of an order, as its buyer does."""
    order = shop.orders.get(opened.order_id)
    if order is None:
        raise NotInTheSandboxError("no such order")
    line = _line(order, opened.product_id, opened.sku_id)
    if not 1 <= opened.count <= line["sku_cnt"]:
        raise BadAdminCallError(f"the line has {line['sku_cnt']} units")
    amount = opened.amount
    if amount is None:
        amount = line["real_price"] * opened.count // line["sku_cnt"]
    shop.last_after_sale += 1
    own = str(FIRST_ID + shop.last_after_sale)
    after_sale: Wire = {
        "after_sale_order_id": own,
        "order_id": opened.order_id,
        "status": ASKED,
        "type": opened.type,
        "sub_type": "DEFAULT",
        "openid": order["openid"],
        "product_info": {
            "product_id": str(line["product_id"]),
            "sku_id": str(line["sku_id"]),
            "count": opened.count,
        },
        "refund_info": {"amount": amount, "refund_reason": 0},
        "return_info": {"waybill_id": "", "delivery_id": "", "delivery_name": ""},
        "details": {
            "desc": opened.desc,
            "receive_product": True,
            "cancel_time": 0,
            "media_id_list": [f"media-{own}"],
            "tel_number": "",
        },
        "merchant_upload_info": {"reject_reason": "", "refund_certificates": []},
        "reason": opened.reason,
        # Old reasons, which are words, come without their text.
        "reason_text": REASONS[opened.reason] if opened.reason.isdecimal() else "",
        "create_time": now,
        "update_time": now,
        "refund_resp": {"ret": 0, "code": "", "message": ""},
        "complaint_id": "0",
    }
    shop.after_sales[own] = after_sale
    # Its status here is dead: 2 for good.
    listed = order["aftersale_detail"]["aftersale_order_list"]
    listed.append({"aftersale_order_id": own, "status": 2})
    _count(order, after_sale, 1, now)
    events.after_sale_event(shop, after_sale, now)
    return after_sale


def act_as_buyer(shop: WeixinStoreShop, own: str, act: BuyersAct, now: int) -> Wire:
    """Let the buyer of an after-sale do something."""
    after_sale = shop.after_sales.get(own)
    if after_sale is None:
        raise NotInTheSandboxError("no such after-sale")
    allowed = {
        "send": {WAIT_RETURN},
        "cancel": OPEN,
        "agree": {WAIT_CONFIRM},
        "receive": {SENT_AGAIN},
    }[act.act]
    if after_sale["status"] not in allowed:
        raise BadAdminCallError(f"the after-sale is {after_sale['status']}")
    match act.act:
        case "send":
            parcel = {"waybill_id": act.waybill_id, "delivery_id": act.delivery_id}
            after_sale["return_info"] = {**parcel, "delivery_name": "顺丰速运"}
            _change(shop, after_sale, WAIT_RECEIPT, now)
        case "cancel":
            after_sale["details"]["cancel_time"] = now
            _settle(shop, after_sale, CANCELLED, now)
        case "agree":
            offer = after_sale.pop("merchant_update_detail")
            after_sale["type"] = offer["new_type"]
            after_sale["refund_info"]["amount"] = offer["new_amount"]
            _change(shop, after_sale, ASKED, now)
        case "receive":
            _settle(shop, after_sale, DONE["EXCHANGE"], now)
    return after_sale


def getaftersalelist(call: WeixinCall) -> Wire:
    """Ids by creation or by change, over 24 hours at most, in pages."""
    body = call.body
    by = "create" if body.has("begin_create_time") else "update"
    begin, end = f"begin_{by}_time", f"end_{by}_time"
    if not body.has(begin) or not body.has(end):
        raise Refusal(NO_SPAN, "invalid time")
    first, last = body.whole(begin), body.whole(end)
    if not 0 <= last - first <= DAY:
        raise Refusal(BAD_SPAN, "time span is over 24 hours")
    found = [
        own for own, one in call.shop.after_sales.items() if first <= one[f"{by}_time"] <= last
    ]
    place = int(body.optional_text("next_key") or 0)
    following = place + PAGE
    more = following < len(found)
    return {
        "after_sale_order_id_list": found[place:following],
        "has_more": more,
        "next_key": str(following) if more else "",
    }


def getaftersaleorder(call: WeixinCall) -> Wire:
    """One after-sale; while the store must answer, with the seconds that are left."""
    after_sale = _find(call)
    left = after_sale["update_time"] + ANSWER_SECONDS - call.now
    waits = after_sale["status"] in WAIT_FOR_STORE
    return {"after_sale_order": {**after_sale, **({"deadline": max(left, 0)} if waits else {})}}


def acceptapply(call: WeixinCall) -> Wire:
    """Accept an after-sale: a return that is accepted again without its step is paid."""
    after_sale = _find(call)
    kind, status = after_sale["type"], after_sale["status"]
    given = call.body.one_of("accept_type", (AGREE, PAY)) if call.body.has("accept_type") else None
    if kind == "REFUND":
        _require(after_sale, {ASKED, OVERDUE})
        return _decided(call, after_sale, lambda: _pay(call, after_sale))
    step = given or (PAY if status in (WAIT_RECEIPT, OVERDUE) else AGREE)
    if kind == "RETURN" and step == PAY:
        _require(after_sale, {WAIT_RECEIPT, OVERDUE})
        return _decided(call, after_sale, lambda: _pay(call, after_sale))
    _require(after_sale, {ASKED})
    if kind == "RETURN":
        address = call.body.optional_text("address_id")
        if not address:
            raise Refusal(NO_ADDRESS, "address_id is required")
        if address not in call.shop.addresses:
            raise Refusal(BAD_ADDRESS, "invalid address_id")
    return _decided(call, after_sale, lambda: _change(call.shop, after_sale, WAIT_RETURN, call.now))


def rejectapply(call: WeixinCall) -> Wire:
    """Reject an after-sale."""
    after_sale = _find(call)
    call.body.whole("reject_reason_type")
    call.body.texts("reject_certificates", empty=True)
    _require(after_sale, {ASKED} if after_sale["type"] == "REFUND" else {ASKED, WAIT_RECEIPT})
    after_sale["merchant_upload_info"]["reject_reason"] = call.body.optional_text("reject_reason")
    return _decided(
        call,
        after_sale,
        lambda: _settle(call.shop, after_sale, REJECTED[after_sale["type"]], call.now),
    )


def merchantupdateaftersale(call: WeixinCall) -> Wire:
    """Ask the buyer for something else; an offer waits for the buyer's consent."""
    after_sale, body = _find(call), call.body
    offer = {
        "old_type": after_sale["type"],
        "new_type": ("REFUND", "RETURN")[body.one_of("type", (1, 2)) - 1],
        "old_amount": after_sale["refund_info"]["amount"],
        "new_amount": body.whole("amount", at_least=1),
        "media_ids": body.texts("media_ids", empty=True),
    }
    body.one_of("merchant_update_type", (1, 2, 3))
    body.whole("update_reason_type")
    body.text("merchant_update_desc")
    _require(after_sale, {ASKED, WAIT_RECEIPT})

    def wait() -> None:
        after_sale["merchant_update_detail"] = offer
        _change(call.shop, after_sale, WAIT_CONFIRM, call.now)

    return _decided(call, after_sale, wait)


def uploadrefundcertificate(call: WeixinCall) -> Wire:
    """Add pictures that prove a refund."""
    after_sale = _find(call)
    call.body.text("desc")
    uploaded = after_sale["merchant_upload_info"]["refund_certificates"]
    uploaded += call.body.texts("refund_certificates")
    after_sale["update_time"] = call.now
    return {}


def acceptexchangereship(call: WeixinCall) -> Wire:
    """Tell how the new goods of an exchange were sent."""
    after_sale = _find(call)
    parcel = {name: call.body.text(name) for name in ("waybill_id", "delivery_id")}
    if after_sale["type"] != "EXCHANGE":
        raise Refusal(WRONG_STATE, "invalid status")
    _require(after_sale, {WAIT_RECEIPT})

    def sent() -> None:
        after_sale["exchange_delivery_info"] = parcel
        _change(call.shop, after_sale, SENT_AGAIN, call.now)

    return _decided(call, after_sale, sent)


def rejectexchangereship(call: WeixinCall) -> Wire:
    """Refuse to send the new goods of an exchange."""
    after_sale = _find(call)
    call.body.whole("reject_reason_type")
    call.body.text("reject_reason")
    if after_sale["type"] != "EXCHANGE":
        raise Refusal(WRONG_STATE, "invalid status")
    _require(after_sale, {WAIT_RECEIPT})
    status = REJECTED["EXCHANGE"]
    return _decided(call, after_sale, lambda: _settle(call.shop, after_sale, status, call.now))


def reasons(_call: WeixinCall) -> Wire:
    """The texts of buyers' reasons."""
    return {
        "reason_list": [{"reason": code, "reason_text": text} for code, text in REASONS.items()]
    }


def reject_reasons(_call: WeixinCall) -> Wire:
    """Reasons to reject with."""
    return {
        "reason_list": [
            {
                "reject_reason_type": code,
                "reject_reason_type_text": text,
                "reject_reason": words,
                "reject_scene": 0,
            }
            for code, text, words in REJECT_REASONS
        ]
    }


def _find(call: WeixinCall) -> Wire:
    # A number is refused: the id is text.
    found = call.shop.after_sales.get(call.body.text("after_sale_order_id"))
    if found is None:
        raise Refusal(NO_SUCH_AFTER_SALE, "after sale order not exist")
    return found


def _require(after_sale: Wire, statuses: set[str]) -> None:
    if after_sale["status"] not in statuses:
        raise Refusal(WRONG_STATE, "invalid status")


def _decided(call: WeixinCall, after_sale: Wire, change: Callable[[], None]) -> Wire:
    """Make a decision, unless another one was made on the same after-sale a minute ago."""
    last = call.shop.decided_at.get(after_sale["after_sale_order_id"])
    if last is not None and call.now - last < GAP:
        raise Refusal(TOO_OFTEN, "the after sale order is operated too often")
    call.shop.decided_at[after_sale["after_sale_order_id"]] = call.now
    change()
    return {}


def _pay(call: WeixinCall, after_sale: Wire) -> None:
    after_sale["refund_info"]["refund_reason"] = 3
    _settle(call.shop, after_sale, DONE[after_sale["type"]], call.now)
    order, product = call.shop.orders[after_sale["order_id"]], after_sale["product_info"]
    line = _line(order, product["product_id"], product["sku_id"])
    line["finish_aftersale_sku_cnt"] += product["count"]
    lines = order["order_detail"]["product_infos"]
    if all(one["finish_aftersale_sku_cnt"] >= one["sku_cnt"] for one in lines):
        order["status"] = ALL_REFUNDED
        events.status_event(call.shop, order, call.now)


def _settle(shop: WeixinStoreShop, after_sale: Wire, status: str, now: int) -> None:
    """End an after-sale: its units are no longer in one."""
    _change(shop, after_sale, status, now)
    _count(shop.orders[after_sale["order_id"]], after_sale, -1, now)


def _count(order: Wire, after_sale: Wire, opened: int, now: int) -> None:
    """Count an after-sale of an order that opens (1), or ends (-1)."""
    product = after_sale["product_info"]
    line = _line(order, product["product_id"], product["sku_id"])
    line["on_aftersale_sku_cnt"] += opened * product["count"]
    order["aftersale_detail"]["on_aftersale_order_cnt"] += opened
    order["update_time"] = now


def _line(order: Wire, product_id: str | None, sku_id: str | None) -> Wire:
    """Return the first line of these goods; None: of any."""
    for line in order["order_detail"]["product_infos"]:
        known: Wire = line
        if product_id in (None, str(line["product_id"])) and sku_id in (None, str(line["sku_id"])):
            return known
    raise NotInTheSandboxError("the order has no such line")


def _change(shop: WeixinStoreShop, after_sale: Wire, status: str, now: int) -> None:
    after_sale["status"] = status
    after_sale["update_time"] = now
    events.after_sale_event(shop, after_sale, now)


ROUTES = {
    f"/channels/ec/aftersale/{name}": Route(handler)
    for name, handler in {
        "getaftersalelist": getaftersalelist,
        "getaftersaleorder": getaftersaleorder,
        "acceptapply": acceptapply,
        "rejectapply": rejectapply,
        "merchantupdateaftersale": merchantupdateaftersale,
        "uploadrefundcertificate": uploadrefundcertificate,
        "acceptexchangereship": acceptexchangereship,
        "rejectexchangereship": rejectexchangereship,
        "reason/get": reasons,
        "rejectreason/get": reject_reasons,
    }.items()
}
