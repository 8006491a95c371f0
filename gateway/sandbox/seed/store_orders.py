"""The sample orders of the WeChat Store, in the wire form of manual 6.2."""

from gateway.sandbox.seed.basket import Basket, Baskets, Line
from gateway.sandbox.seed.model import Wire

COUNT = 120
TO_SHIP, SHIPPED, DONE, IN_DISPUTE = 2, 3, 5, 8
NEWEST_TO_SHIP, NEWEST_SHIPPED = 30, 62
DISPUTE_EVERY = 13
CARRIERS = ("003shunfeng", "056yuantong", "066zhongtong", "002shentong", "059Yunda")
FIRST_ID = 7197417460812600000


def make_store_orders(baskets: Baskets, now: int) -> tuple[Wire, ...]:
    """Make the orders, oldest first."""
    drawn = baskets.draw(COUNT, now)
    return tuple(_order(basket) for basket in reversed(drawn))


def _status(number: int) -> int:
    """Give the status by age: the newest wait to be shipped, the oldest are done or disputed."""
    if number < NEWEST_TO_SHIP:
        return TO_SHIP
    if number < NEWEST_SHIPPED:
        return SHIPPED
    return IN_DISPUTE if number % DISPUTE_EVERY == 0 else DONE


def _order(basket: Basket) -> Wire:
    status = _status(basket.number)
    shipped = status != TO_SHIP
    serial = COUNT - basket.number
    first = _line(basket.lines[0])
    return {
        "order_id": str(FIRST_ID + serial * 37),
        "order_status": status,
        "order_total_price": basket.subtotal + basket.freight,
        "order_create_time": basket.created,
        "order_express_price": basket.freight,
        **_receiver(basket),
        **first,
        "delivery_id": f"SF{1390000000 + serial}" if shipped else "",
        "delivery_company": CARRIERS[serial % len(CARRIERS)] if shipped else "",
        "trans_id": f"420000{basket.created}{serial:04}",
        "products": [_line(line) for line in basket.lines],
    }


def _receiver(basket: Basket) -> Wire:
    buyer = basket.buyer
    return {
        "buyer_openid": buyer.store_open_id,
        "buyer_nick": buyer.nickname,
        "receiver_name": buyer.name,
        "receiver_province": buyer.province,
        "receiver_city": buyer.city,
        "receiver_zone": buyer.district,
        "receiver_address": buyer.street,
        "receiver_mobile": buyer.mobile,
        "receiver_phone": "",
    }


def _line(line: Line) -> Wire:
    return {
        "product_id": line.product.store_id,
        "product_name": line.product.title,
        "product_price": line.sku.price,
        "product_sku": line.sku.store_sku_id,
        "product_count": line.quantity,
        "product_img": line.product.images[0],
    }
