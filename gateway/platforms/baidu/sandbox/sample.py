"""Sample orders of Baidu's order centre, one `Data` record each, some with after-sales."""

from dataclasses import dataclass

from gateway.concurrency.clock import DAY
from gateway.platforms.baidu.sandbox.state import SWAN, BaiduOrder, BaiduShop
from gateway.sandbox.request import Wire
from gateway.sandbox.sample_shop import OrderLine, SampleBuyer, SampleOrder, SampleShop

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


@dataclass(frozen=True, slots=True)
class SampleRecord:
    """A sample order: its buyer's open id and its `Data` record, after-sales included."""

    open_id: str
    wire: Wire


def open_id(buyer: SampleBuyer) -> str:
    """Return the buyer's open id on Baidu."""
    return buyer.open_id("baidu")


def sample_records(sample: SampleShop, app_key: str = SWAN.app_id) -> tuple[SampleRecord, ...]:
    """Make the sample orders, oldest first."""
    return tuple(
        SampleRecord(open_id(order.buyer), _record(order, app_key))
        for order in reversed(sample.orders("orders of baidu", COUNT))
    )


def seeded_shop(sample: SampleShop, app_key: str) -> BaiduShop:
    """Return an app's order centre with the sample orders."""
    orders: dict[str, BaiduOrder] = {}
    for known in sample_records(sample, app_key):
        subs = known.wire["EXT"].pop("SubsOrder", None)
        orders[known.wire["ResourceID"]] = BaiduOrder(known.open_id, known.wire, subs)
    return BaiduShop(orders=orders, buyers=set(map(open_id, sample.buyers)))


def _status(number: int) -> int:
    special = {0: UNPAID, 4: CLOSED, 15: CLOSED, 29: HIDDEN, 7: VIRTUAL_PROCESSING, 21: DONE}
    by_age = ((6, TO_SHIP), (14, TO_RECEIVE), (COUNT, DONE))
    return special.get(number) or next(status for most, status in by_age if number < most)


def _record(order: SampleOrder, app_key: str) -> Wire:
    number = order.number
    resource_id = str(2221554346520 + COUNT - number)
    more: Wire = {"MainOrder": _main(order, resource_id)}
    if number in SUBS:
        more["SubsOrder"] = _subs(order, resource_id)
    names = "、".join(line.product.title for line in order.lines)
    return {
        "CateID": VIRTUAL if number in VIRTUAL_NUMBERS else GOODS,
        "BizAPPID": app_key,
        "Title": names[:60],
        "ResourceID": resource_id,
        "Ctime": order.created,
        "Mtime": order.created + 3600,
        "Status": _status(number),
        "EXT": more,
    }


def _main(order: SampleOrder, resource_id: str) -> Wire:
    paid = _status(order.number) not in (UNPAID, CLOSED)
    coupon = 300 if order.number % COUPON_EVERY == 0 else 0
    payment: Wire = {
        "Time": order.created + 60 if paid else 0,
        "Method": 1,
        "Amount": order.subtotal + order.freight - coupon,
        "IsPayment": paid,
        "PreferentialInfo": [_charge("店铺优惠券", coupon)] if coupon else [],
        "PaymentInfo": [_charge("运费", order.freight)] if order.freight else [],
    }
    return {
        "Products": [_product(line) for line in order.lines],
        "Payment": payment,
        "Appraise": {"Status": 0},
        "OrderDetail": _page(f"order-detail?orderId={resource_id}"),
    }


def _charge(name: str, value: int) -> Wire:
    return {"Name": name, "Value": value, "Quantity": 1}


def _product(line: OrderLine) -> Wire:
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


def _subs(order: SampleOrder, resource_id: str) -> Wire:
    status, kind = SUBS[order.number]
    line = order.lines[0]
    refund = 0 if kind == EXCHANGE else line.total
    item: Wire = {
        "SubOrderID": f"AS{resource_id}",
        "SubStatus": status,
        "CTime": order.created + DAY,
        "MTime": order.created + DAY + 7200,
        "OrderType": kind,
        "OrderDetail": _page(f"after-sale?orderId={resource_id}"),
        "Refund": {
            "Amount": refund,
            "Product": [{"ID": line.product.code, "Quantity": line.quantity, "Amount": refund}],
        },
    }
    return {"Status": status, "Items": [item]}
