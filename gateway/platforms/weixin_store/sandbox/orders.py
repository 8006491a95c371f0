"""Orders: `order/list/get`, `order/get`, and what buyers do (reference, sections 3.1 to 3.4)."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.concurrency.clock import DAY
from gateway.platforms.weixin_store.sandbox import events, stock
from gateway.platforms.weixin_store.sandbox.state import WeixinCall, WeixinStoreShop
from gateway.sandbox.part import NotInTheSandboxError
from gateway.sandbox.request import Fields, Refusal, Wire
from gateway.sandbox.wechat import Route

UNPAID, GIFT_PENDING, TO_SHIP, PARTLY_SHIPPED, SHIPPED = 10, 12, 20, 21, 30
DONE, REFUNDED, CANCELLED = 100, 200, 250

#: No such order, or one of another store.
NO_SUCH_ORDER = 100002
#: More than the next key differs from the request of the page before.
OTHER_REQUEST = 606006
TOO_MANY_IN_WINDOW = 31042
FREIGHT = 600
WIDEST = 7 * DAY
LARGEST_PAGE = 100
#: As a filter a status has those that follow from it as well.
INCLUDED = {TO_SHIP: (TO_SHIP, PARTLY_SHIPPED), SHIPPED: (SHIPPED, PARTLY_SHIPPED)}
INCLUDED |= {CANCELLED: (CANCELLED, REFUNDED)}

#: What a range of the request is of.
TIMES = {"create_time_range": "create_time", "update_time_range": "update_time"}

HIDDEN = "*"
#: Digits of a phone number that are shown before and after the hidden ones.
SHOWN_FIRST, SHOWN_LAST = 3, 4


def list_get(call: WeixinCall) -> Wire:
    """`/channels/ec/order/list/get`: ids alone, in an order that nobody may rely on."""
    body = call.body
    ranges = [
        (time, _span(body, name))
        for name, time in (
            ("create_time_range", "create_time"),
            ("update_time_range", "update_time"),
        )
        if body.has(name)
    ]
    if not ranges:
        raise body.refuse("create_time_range", "or update_time_range is required")
    wanted = _wanted(body)
    found = [
        order["order_id"]
        for order in call.shop.orders.values()
        if wanted(order) and all(begin <= order[time] <= end for time, (begin, end) in ranges)
    ]
    if len(found) > call.invented.most_orders_in_a_window:
        raise Refusal(TOO_MANY_IN_WINDOW, "too many orders, reduce the time range")
    return _paged(call, found)


def _paged(call: WeixinCall, found: list[str]) -> Wire:
    """A page of the ids, scattered: stable from page to page, and in no order of time."""
    body = call.body
    size = body.whole("page_size", at_least=1)
    if size > LARGEST_PAGE:
        raise body.refuse("page_size", f"must be at most {LARGEST_PAGE}")
    found.sort(key=_scattered)
    begin = _place(call)
    page = found[begin : begin + size]
    more = begin + size < len(found)
    key = f"{begin + size}-{_digest(body.data)}" if more else ""
    return {"order_id_list": page, "next_key": key, "has_more": more}


def search(call: WeixinCall) -> Wire:
    """`/channels/ec/order/search`: ids alone, by the last four digits of the receiver's number.

    They are under the name of the page's sample; the page's table has another one.
    """
    body = call.body
    digits = body.inner("search_condition").text("tel_number_last4")
    if len(digits) != SHOWN_LAST or not digits.isdecimal():
        raise body.refuse("search_condition.tel_number_last4", "must be four digits")
    found = [
        order["order_id"]
        for order in call.shop.orders.values()
        if _address(order)["tel_number"].endswith(digits)
    ]
    page = _paged(call, found)
    return {"orders": page.pop("order_id_list"), **page}


def get(call: WeixinCall) -> Wire:
    """`/channels/ec/order/get`: one order, its address masked."""
    return {"order": masked(find(call))}


def find(call: WeixinCall) -> Wire:
    """Return the order that a call names; refuse it with 100002 if the store has none."""
    order = call.shop.orders.get(call.body.text("order_id"))
    if order is None:
        raise Refusal(NO_SUCH_ORDER, "order not exist")
    return order


def masked(order: Wire) -> Wire:
    """Return an order as the platform shows it: without name, street and phone number."""
    detail = order["order_detail"]
    delivery = detail["delivery_info"]
    hidden = {
        name: _hidden(delivery[name])
        for name in ("address_info", "address_under_review")
        if delivery.get(name)
    }
    return {**order, "order_detail": {**detail, "delivery_info": {**delivery, **hidden}}}


def _address(order: Wire) -> Wire:
    found: Wire = order["order_detail"]["delivery_info"]["address_info"]
    return found


def _hidden(address: Wire) -> Wire:
    number = address["tel_number"]
    return {
        **address,
        "user_name": f"{address['user_name'][:1]}{HIDDEN}",
        "tel_number": f"{number[:SHOWN_FIRST]}{HIDDEN * 4}{number[-SHOWN_LAST:]}",
        "detail_info": HIDDEN * 4,
    }


def _span(body: Fields, name: str) -> tuple[int, int]:
    span = body.inner(name)
    begin, end = span.whole("start_time", at_least=0), span.whole("end_time", at_least=0)
    if end < begin or end - begin > WIDEST:
        raise body.refuse(name, "must span at most 7 days")
    return begin, end


def _wanted(body: Fields) -> Callable[[Wire], bool]:
    code = body.whole("status") if body.has("status") else None
    codes = None if code is None else INCLUDED.get(code, (code,))
    buyer = body.optional_text("openid") or None
    return lambda order: (
        (codes is None or order["status"] in codes) and (buyer is None or order["openid"] == buyer)
    )


def _place(call: WeixinCall) -> int:
    """Where the page begins that a next key leads to."""
    key = call.body.optional_text("next_key")
    if not key:
        return 0
    place, _, digest = key.partition("-")
    if digest != _digest(call.body.data) or not place.isdigit():
        raise Refusal(OTHER_REQUEST, "next_key does not fit the request")
    return int(place)


def _digest(request: Any) -> str:
    named = {name: value for name, value in request.items() if name != "next_key"}
    text = orjson.dumps(named, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(text).hexdigest()[:16]


def _scattered(order_id: str) -> bytes:
    return hashlib.sha256(order_id.encode()).digest()


@dataclass(frozen=True, slots=True)
class Purchase:
    """What a buyer orders: `count` of a SKU (None: any) that another order has, paid or not."""

    open_id: str = "oWx7q2sandboxbuyer0000000000"
    product_id: str | None = None
    sku_id: str | None = None
    count: int = 1
    paid: bool = True


@dataclass(frozen=True, slots=True)
class Goods:
    """A line to be ordered: ids, names and fen of one."""

    product_id: str
    sku_id: str
    code: str
    title: str
    image: str
    price: int
    list_price: int
    count: int
    attributes: tuple[tuple[str, str], ...] = ()
    gift: bool = False


@dataclass(frozen=True, slots=True)
class Receiver:
    """A buyer and the whole address."""

    open_id: str
    name: str
    mobile: str
    province: str
    city: str
    district: str
    street: str


def new_order(  # noqa: PLR0913 - what an order consists of
    order_id: str,
    status: int,
    created: int,
    receiver: Receiver,
    lines: Iterable[Goods],
    freight: int,
    *,
    discount: int = 0,
) -> Wire:
    """Make an order, not shipped yet; `created` in unix seconds, amounts in fen."""
    goods = list(lines)
    subtotal = sum(line.price * line.count for line in goods)
    paid = status not in (UNPAID, CANCELLED)
    payment = {
        "payment_method": 1,
        "pay_time": created + 45,
        "transaction_id": f"42000000{order_id}",
    }
    address = f"{receiver.name}|{receiver.mobile}|{receiver.street}"
    return {
        "order_id": order_id,
        "status": status,
        "create_time": created,
        "update_time": created + (45 if paid else 0),
        "openid": receiver.open_id,
        "is_present": status == GIFT_PENDING,
        "order_detail": {
            "product_infos": [
                _line(order_id, number, line, created) for number, line in enumerate(goods, start=1)
            ],
            "pay_info": payment if paid else {"payment_method": 1},
            "price_info": {
                "product_price": subtotal,
                "freight": freight,
                "original_order_price": subtotal + freight,
                "order_price": subtotal + freight - discount,
                "discounted_price": discount,
                "is_discounted": discount > 0,
                "merchant_discounted_price": discount,
                "merchant_receieve_price": subtotal + freight - discount,
            },
            "delivery_info": {
                "deliver_method": 0,
                "address_info": {
                    "user_name": receiver.name,
                    "tel_number": receiver.mobile,
                    "province_name": receiver.province,
                    "city_name": receiver.city,
                    "county_name": receiver.district,
                    "detail_info": receiver.street,
                    "use_tel_number": 1,
                    "hash_code": hashlib.sha256(address.encode()).hexdigest()[:32],
                },
                "delivery_product_info": [],
            },
            "ext_info": {"customer_notes": "", "merchant_notes": "", "order_scene": 2},
        },
        "aftersale_detail": {"aftersale_order_list": [], "on_aftersale_order_cnt": 0},
    }


def _line(order_id: str, number: int, line: Goods, created: int) -> Wire:
    total = line.price * line.count
    return {
        "product_id": line.product_id,
        "sku_id": line.sku_id,
        "sku_cnt": line.count,
        "title": line.title,
        "thumb_img": line.image,
        "sale_price": line.price,
        "market_price": line.list_price,
        "real_price": total,
        "estimate_price": total,
        "is_discounted": False,
        "sku_attrs": [{"attr_key": name, "attr_value": value} for name, value in line.attributes],
        "sku_code": line.code,
        "on_aftersale_sku_cnt": 0,
        "finish_aftersale_sku_cnt": 0,
        "delivery_deadline": created + 2 * DAY,
        "is_free_gift": int(line.gift),
        "product_unique_id": f"{order_id}_{number:03}",
    }


def parcel(order: Wire, lines: Iterable[Wire], carrier: str, number: str, at: int) -> None:
    """Add a parcel with the whole of some lines of an order, sent at a unix second."""
    order["order_detail"]["delivery_info"]["delivery_product_info"].append(
        {
            "delivery_id": carrier,
            "delivery_name": carrier,
            "waybill_id": number,
            "delivery_time": at,
            "deliver_type": 1,
            "product_infos": [
                {
                    "product_id": line["product_id"],
                    "sku_id": line["sku_id"],
                    "product_cnt": line["sku_cnt"],
                }
                for line in lines
            ],
        }
    )


def place_order(shop: WeixinStoreShop, purchase: Purchase, little: int, now: int) -> Wire:
    """Let a buyer order what another order has; `now` in unix seconds.

    A SKU of which fewer than `little` units are left is told of.

    Raises:
        NotInTheSandboxError: no order has such goods, or they are sold out.
    """
    goods = next(
        (
            _bought_again(line, purchase.count)
            for order in shop.orders.values()
            for line in order["order_detail"]["product_infos"]
            if purchase.product_id in (None, line["product_id"])
            and purchase.sku_id in (None, line["sku_id"])
            and stock.has(shop, line, purchase.count)
        ),
        None,
    )
    if goods is None:
        raise NotInTheSandboxError("no order has such goods, or they are sold out")
    shop.placed += 1
    order_id = str(FIRST_PLACED + shop.placed)
    status = TO_SHIP if purchase.paid else UNPAID
    receiver = Receiver(
        purchase.open_id, "张三", "13800000000", *("广东省", "广州市", "天河区"), "示例路1号"
    )
    order = new_order(order_id, status, now, receiver, [goods], freight=600)
    if purchase.paid:
        pay(order, now)
    shop.orders[order_id] = order
    shop.buyers.add(purchase.open_id)
    stock.sell(shop, order, little, now)
    events.order_event(shop, "new", order, now)
    events.status_event(shop, order, now)
    return order


def pay(order: Wire, now: int) -> None:
    """Let the buyer pay an order."""
    order["status"] = TO_SHIP
    order["update_time"] = now
    order["order_detail"]["pay_info"] = {
        "payment_method": 1,
        "pay_time": now,
        "transaction_id": f"42000000{order['order_id']}",
    }


def set_status(shop: WeixinStoreShop, order_id: str, status: int, now: int) -> Wire:
    """Change an order without a call from the gateway: 20 paid, 100 received, 250 cancelled."""
    order = shop.orders.get(order_id)
    if order is None:
        raise NotInTheSandboxError("no such order")
    if status == TO_SHIP and order["status"] == UNPAID:
        pay(order, now)
    if status == CANCELLED and order["status"] == UNPAID:
        stock.give_back(shop, order, now)
    order["status"] = status
    order["update_time"] = now
    events.status_event(shop, order, now)
    return order


#: Ids of orders that are placed while the sandbox runs follow this one.
FIRST_PLACED = 3_790_900_000_000_000_000


def _bought_again(line: Wire, count: int) -> Goods:
    return Goods(
        product_id=line["product_id"],
        sku_id=line["sku_id"],
        code=line["sku_code"],
        title=line["title"],
        image=line["thumb_img"],
        price=line["sale_price"],
        list_price=line["market_price"],
        count=count,
        attributes=tuple((pair["attr_key"], pair["attr_value"]) for pair in line["sku_attrs"]),
    )


ROUTES = {
    "/channels/ec/order/list/get": Route(list_get),
    "/channels/ec/order/search": Route(search),
    "/channels/ec/order/get": Route(get),
}
