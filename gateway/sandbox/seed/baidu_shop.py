"""The sample orders of Baidu's order centre, one record of `Data` each, some with after-sales."""

from gateway.concurrency.clock import DAY
from gateway.sandbox.seed.basket import Basket, Baskets, Line
from gateway.sandbox.seed.model import SeedBaiduOrder, Wire

COUNT = 40
GOODS, VIRTUAL = 1, 2
UNPAID, TO_SHIP, TO_RECEIVE, CLOSED, DONE, HIDDEN = 1, 5, 6, 100, 200, 300
VIRTUAL_PROCESSING = 3
APPLYING, PROCESSING, REFUNDED, EXCHANGED, SUB_CLOSED, REJECTED = 400, 401, 402, 403, 404, 407
REFUND_ONLY, EXCHANGE, RETURN = 1, 2, 3
SHOWN_AND_OPENS = 2
SUBS = {
    9: (APPLYING, REFUND_ONLY),
    12: (PROCESSING, RETURN),
    18: (REFUNDED, REFUND_ONLY),
    22: (EXCHANGED, EXCHANGE),
    26: (SUB_CLOSED, RETURN),
    31: (REJECTED, REFUND_ONLY),
}
VIRTUAL_NUMBERS = (7, 21)
COUPON_EVERY = 5


def make_baidu_orders(baskets: Baskets, now: int, app_key: str) -> tuple[SeedBaiduOrder, ...]:
    """Make the orders, oldest first."""
    drawn = baskets.draw(COUNT, now)
    return tuple(
        SeedBaiduOrder(basket.buyer.baidu_open_id, _record(basket, app_key))
        for basket in reversed(drawn)
    )


def _status(number: int) -> int:
    special = {0: UNPAID, 4: CLOSED, 15: CLOSED, 29: HIDDEN, 7: VIRTUAL_PROCESSING, 21: DONE}
    by_age = ((6, TO_SHIP), (14, TO_RECEIVE), (COUNT, DONE))
    return special.get(number) or next(status for most, status in by_age if number < most)


def _record(basket: Basket, app_key: str) -> Wire:
    number = basket.number
    resource_id = str(2221554346520 + COUNT - number)
    more: Wire = {"MainOrder": _main(basket, resource_id)}
    if number in SUBS:
        more["SubsOrder"] = _subs(basket, resource_id)
    names = "、".join(line.product.title for line in basket.lines)
    return {
        "CateID": VIRTUAL if number in VIRTUAL_NUMBERS else GOODS,
        "BizAPPID": app_key,
        "Title": names[:60],
        "ResourceID": resource_id,
        "Ctime": basket.created,
        "Mtime": basket.created + 3600,
        "Status": _status(number),
        "EXT": more,
    }


def _main(basket: Basket, resource_id: str) -> Wire:
    paid = _status(basket.number) not in (UNPAID, CLOSED)
    coupon = 300 if basket.number % COUPON_EVERY == 0 else 0
    payment: Wire = {
        "Time": basket.created + 60 if paid else 0,
        "Method": 1,
        "Amount": basket.subtotal + basket.freight - coupon,
        "IsPayment": paid,
        "PreferentialInfo": [_charge("店铺优惠券", coupon)] if coupon else [],
        "PaymentInfo": [_charge("运费", basket.freight)] if basket.freight else [],
    }
    return {
        "Products": [_product(line) for line in basket.lines],
        "Payment": payment,
        "Appraise": {"Status": 0},
        "OrderDetail": _page(f"order-detail?orderId={resource_id}"),
    }


def _charge(name: str, value: int) -> Wire:
    return {"Name": name, "Value": value, "Quantity": 1}


def _product(line: Line) -> Wire:
    return {
        "ID": line.product.code,
        "Name": line.product.title,
        "Desc": line.product.description,
        "Quantity": line.quantity,
        "Price": line.sku.list_price,
        "PayPrice": line.sku.price,
        "ImgList": list(line.product.images),
        "SkuAttr": [{"Name": item.name, "Value": item.value} for item in line.sku.attributes],
        "DetailPage": _page(f"product?id={line.product.code}"),
    }


def _page(path: str) -> Wire:
    return {"Status": SHOWN_AND_OPENS, "SwanSchema": f"baiduboxapp://swan/sandbox/pages/{path}"}


def _subs(basket: Basket, resource_id: str) -> Wire:
    status, kind = SUBS[basket.number]
    line = basket.lines[0]
    refund = 0 if kind == EXCHANGE else line.total
    item: Wire = {
        "SubOrderID": f"AS{resource_id}",
        "SubStatus": status,
        "CTime": basket.created + DAY,
        "MTime": basket.created + DAY + 7200,
        "OrderType": kind,
        "OrderDetail": _page(f"after-sale?orderId={resource_id}"),
        "Refund": {
            "Amount": refund,
            "Product": [{"ID": line.product.code, "Quantity": line.quantity, "Amount": refund}],
        },
    }
    return {"Status": status, "Items": [item]}
