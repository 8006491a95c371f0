"""The sample orders of partner stores (获取合作店铺订单): the page's own, and some more.

The amounts of all but one satisfy the page's three formulas; that one is wrong on purpose.
"""

from dataclasses import dataclass

from gateway.platforms.mini_program.sandbox.state import open_id
from gateway.sandbox.request import Wire
from gateway.sandbox.sample_shop import OrderLine, SampleOrder, SampleShop

COUNT = 8
SHOP_APPID = "wxpartner0000001"
STATUSES = (20, 21, 30, 100, 100, 200, 250, 10)
INCONSISTENT = 5
WITHOUT_STATUS = 6
IDS_AS_TEXT = 2
SAMPLE_ORDER_ID = "coiqBw3B" + "*" * 60 + "TdtdzIpQ"
SAMPLE_ATTRIBUTES = (
    ("产地", "四川成都"),
    ("材质", "玻璃"),
    ("适用人群", "青年;中年"),
    ("数量", "33"),
    ("精度", "3.001"),
    ("重量", "38 mg"),
    ("毛重", "380 kg"),
)


@dataclass(frozen=True, slots=True)
class SamplePartnerOrder:
    """An order of a partner store: both ids, the time of its event (unix s), and the wire form."""

    shop_appid: str
    order_id: str
    event_time: int
    wire: Wire


def sample_partner_orders(sample: SampleShop) -> tuple[SamplePartnerOrder, ...]:
    """Make the orders, oldest first, the page's own sample before them."""
    drawn = sample.orders("orders of mini_program's partners", COUNT)
    made = [_order(order) for order in reversed(drawn)]
    printed = SamplePartnerOrder(
        "SHOP_APPID", SAMPLE_ORDER_ID, made[0].event_time, _printed_sample()
    )
    return (printed, *made)


def _printed_sample() -> Wire:
    """Return the order of the page's 回包示例."""
    attributes = [{"attr_key": key, "attr_value": value} for key, value in SAMPLE_ATTRIBUTES]
    product = {
        "product_id": 234245,
        "sku_id": 23424,
        "sku_cnt": 10,
        "title": "健身环",
        "thumb_img": "https://mmecimage.cn/p/wx37f38d59298839c3/"
        "HJE9eJaEc5bJk-eaArVdILSB7MMaHgdK2-JIn51nMQ",
        "sale_price": 2000,
        "market_price": 2000,
        "sku_attrs": attributes,
    }
    prices = {
        "product_price": 20000,
        "order_price": 10500,
        "freight": 500,
        "discounted_price": 10000,
        "is_discounted": True,
    }
    return {
        "openid": "OPENID",
        "order_detail": {"product_infos": [product], "price_info": prices},
    }


def _order(order: SampleOrder) -> SamplePartnerOrder:
    order_id = f"coiqBw3B{order.created:x}{order.number:04}TdtdzIpQ"
    wire: Wire = {
        "status": STATUSES[order.number],
        "openid": open_id(order.buyer),
        "order_detail": {
            "product_infos": [_product(line, order.number) for line in order.lines],
            "price_info": _prices(order),
        },
    }
    if order.number == WITHOUT_STATUS:
        del wire["status"]
    return SamplePartnerOrder(SHOP_APPID, order_id, order.created + 5, wire)


def _product(line: OrderLine, number: int) -> Wire:
    product_id = 10000200000000 + int(line.product.code[2:])
    sku_id = product_id * 100 + int(line.sku.code[-2:])
    as_text = number == IDS_AS_TEXT
    return {
        "product_id": str(product_id) if as_text else product_id,
        "sku_id": str(sku_id) if as_text else sku_id,
        "thumb_img": line.product.images[0],
        "sku_cnt": line.quantity,
        "sale_price": line.sku.price,
        "title": line.product.title,
        "sku_code": line.sku.code,
        "market_price": line.sku.list_price,
        "sku_attrs": [
            {"attr_key": item.name, "attr_value": item.value} for item in line.sku.attributes
        ],
        "real_price": line.total,
        "is_discounted": False,
        "is_change_price": False,
    }


def _prices(order: SampleOrder) -> Wire:
    discounted = 800 if order.number % 2 else 0
    finder, points, change = (200, 100, 300) if order.number == 1 else (0, 0, 0)
    original = order.subtotal + order.freight
    received = original - discounted - points - change
    return {
        "product_price": order.subtotal,
        "order_price": received - finder + (1 if order.number == INCONSISTENT else 0),
        "freight": order.freight,
        "discounted_price": discounted,
        "is_discounted": discounted > 0,
        "original_order_price": original,
        "estimate_product_price": order.subtotal - discounted,
        "change_down_price": change,
        "change_freight": order.freight,
        "is_change_freight": False,
        "use_deduction": points > 0,
        "deduction_price": points,
        "merchant_receieve_price": received,
        "merchant_discounted_price": discounted,
        "finder_discounted_price": finder,
    }
