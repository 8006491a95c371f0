"""The sample shop's orders in a Weixin Store, in the wire form of the reference's section 3.3."""

from gateway.concurrency.clock import DAY
from gateway.platforms.weixin_store.sandbox.orders import (
    CANCELLED,
    DONE,
    GIFT_PENDING,
    PARTLY_SHIPPED,
    REFUNDED,
    SHIPPED,
    TO_SHIP,
    UNPAID,
    Goods,
    Receiver,
    new_order,
    parcel,
)
from gateway.platforms.weixin_store.sandbox.sample_products import (
    image_url,
    product_id,
    sku_id,
    title_of,
)
from gateway.sandbox.request import Wire
from gateway.sandbox.sample_shop import OrderLine, SampleBuyer, SampleOrder, SampleShop

COUNT = 120
NEWEST_TO_SHIP, NEWEST_SHIPPED = 30, 62
FIRST_ID = 3_790_000_000_000_000_000
CARRIERS = ("SF", "YTO", "ZTO", "STO", "YUNDA")
#: Every so many orders: unpaid, a gift that is not accepted, partly shipped, refunded, cancelled.
UNPAID_EVERY, GIFT_EVERY, PARTLY_EVERY, REFUNDED_EVERY, CANCELLED_EVERY = 10, 17, 9, 13, 11
DISCOUNT_EVERY, DISCOUNT = 4, 500


def open_id(buyer: SampleBuyer) -> str:
    """Return the buyer's open id in the store."""
    return buyer.open_id("weixin", "oWx7q2")


def sample_orders(sample: SampleShop, count: int = COUNT) -> dict[str, Wire]:
    """Make the orders by id, oldest first."""
    orders = reversed(sample.orders("orders in weixin_store", count))
    return {wire["order_id"]: wire for wire in (_order(order, count) for order in orders)}


def _order(order: SampleOrder, count: int) -> Wire:
    status = _status(order)
    order_id = str(FIRST_ID + (count - order.number) * 1_000_003)
    lines = [_goods(line) for line in order.lines]
    discount = DISCOUNT if order.number % DISCOUNT_EVERY == 0 else 0
    subtotal = sum(line.total for line in order.lines)
    wire = new_order(
        order_id,
        status,
        order.created,
        _receiver(order.buyer),
        lines,
        order.freight,
        discount=min(discount, subtotal // 2),
    )
    if status in (PARTLY_SHIPPED, SHIPPED, DONE):
        _ship(wire, order, whole=status != PARTLY_SHIPPED)
    if status == DONE:
        wire["update_time"] = order.created + 5 * DAY
    return wire


def _status(order: SampleOrder) -> int:
    """Return the status by age: the newest await shipment, the oldest are done or over."""
    number = order.number
    if number < NEWEST_TO_SHIP:
        if number % UNPAID_EVERY == UNPAID_EVERY - 1:
            return UNPAID
        if number % GIFT_EVERY == GIFT_EVERY - 1:
            return GIFT_PENDING
        partly = len(order.lines) > 1 and number % PARTLY_EVERY < PARTLY_EVERY // 2
        return PARTLY_SHIPPED if partly else TO_SHIP
    if number < NEWEST_SHIPPED:
        return SHIPPED
    if number % REFUNDED_EVERY == 0:
        return REFUNDED
    return CANCELLED if number % CANCELLED_EVERY == 0 else DONE


def _ship(wire: Wire, order: SampleOrder, *, whole: bool) -> None:
    lines = wire["order_detail"]["product_infos"]
    carrier = CARRIERS[order.number % len(CARRIERS)]
    at = order.created + DAY // 2
    parcel(wire, lines if whole else lines[:1], carrier, f"{carrier}{at}", at)
    wire["update_time"] = at


def _receiver(buyer: SampleBuyer) -> Receiver:
    return Receiver(
        open_id=open_id(buyer),
        name=buyer.name,
        mobile=buyer.mobile,
        province=buyer.province,
        city=buyer.city,
        district=buyer.district,
        street=buyer.street,
    )


def _goods(line: OrderLine) -> Goods:
    product, sku = line.product, line.sku
    return Goods(
        product_id=product_id(product),
        sku_id=sku_id(product, sku),
        code=sku.code,
        title=title_of(product),
        image=image_url(product.images[0]),
        price=sku.price,
        list_price=sku.list_price,
        count=line.quantity,
        attributes=tuple((pair.name, pair.value) for pair in sku.attributes),
    )
