"""The sample shop as WeChat Store state, its orders in the wire form of manual 6.2."""

from collections.abc import Sequence

from gateway.platforms.wechat_store.sandbox.manual_samples import (
    IMAGES,
    PRODUCT_ID,
    manual_orders,
    manual_product,
)
from gateway.platforms.wechat_store.sandbox.sample_categories import sample_categories
from gateway.platforms.wechat_store.sandbox.sample_products import product_id, sku_id, store_product
from gateway.platforms.wechat_store.sandbox.sample_storefront import (
    sample_groups,
    sample_shelves,
    sample_templates,
)
from gateway.platforms.wechat_store.sandbox.state import StoreProduct, WechatStoreShop
from gateway.sandbox.request import Wire
from gateway.sandbox.sample_shop import (
    OrderLine,
    SampleBuyer,
    SampleOrder,
    SampleProduct,
    SampleShop,
)

COUNT = 120
TO_SHIP, SHIPPED, DONE, IN_DISPUTE = 2, 3, 5, 8
NEWEST_TO_SHIP, NEWEST_SHIPPED = 30, 62
DISPUTE_EVERY = 13
CARRIERS = ("003shunfeng", "056yuantong", "066zhongtong", "002shentong", "059Yunda")
FIRST_ID = 7197417460812600000


def seeded_shop(sample: SampleShop) -> WechatStoreShop:
    """Return the WeChat Store with the sample shop and the manual's product and orders."""
    printed = StoreProduct(PRODUCT_ID, manual_product(), on_shelf=True, listed_before=True)
    products = [*map(store_product, sample.products), printed]
    shelves = sample_shelves()
    orders = (*manual_orders(), *sample_orders(sample))
    return WechatStoreShop(
        categories=sample_categories(),
        products={known.product_id: known for known in products},
        templates={known["Id"]: known for known in sample_templates()},
        groups={known.group_id: known for known in sample_groups(sample.products)},
        shelves={known["shelf_id"]: known for known in shelves},
        orders={known["order_id"]: known for known in orders},
        images=_images(sample.products, shelves),
        buyers={known["buyer_openid"] for known in orders} | set(map(open_id, sample.buyers)),
    )


def sample_orders(sample: SampleShop) -> tuple[Wire, ...]:
    """Make the orders, oldest first."""
    return tuple(map(_order, reversed(sample.orders("orders of wechat_store", COUNT))))


def open_id(buyer: SampleBuyer) -> str:
    """Return the buyer's open id in the store."""
    return buyer.open_id("store", "oDF3iY")


def _status(number: int) -> int:
    """Return the status by age: the newest await shipment, the oldest are done or disputed."""
    if number < NEWEST_TO_SHIP:
        return TO_SHIP
    if number < NEWEST_SHIPPED:
        return SHIPPED
    return IN_DISPUTE if number % DISPUTE_EVERY == 0 else DONE


def _order(order: SampleOrder) -> Wire:
    status = _status(order.number)
    shipped = status != TO_SHIP
    serial = COUNT - order.number
    first = _line(order.lines[0])
    return {
        "order_id": str(FIRST_ID + serial * 37),
        "order_status": status,
        "order_total_price": order.subtotal + order.freight,
        "order_create_time": order.created,
        "order_express_price": order.freight,
        **_receiver(order),
        **first,
        "delivery_id": f"SF{1390000000 + serial}" if shipped else "",
        "delivery_company": CARRIERS[serial % len(CARRIERS)] if shipped else "",
        "trans_id": f"420000{order.created}{serial:04}",
        "products": [_line(line) for line in order.lines],
    }


def _receiver(order: SampleOrder) -> Wire:
    buyer = order.buyer
    return {
        "buyer_openid": open_id(buyer),
        "buyer_nick": buyer.nickname,
        "receiver_name": buyer.name,
        "receiver_province": buyer.province,
        "receiver_city": buyer.city,
        "receiver_zone": buyer.district,
        "receiver_address": buyer.street,
        "receiver_mobile": buyer.mobile,
        "receiver_phone": "",
    }


def _line(line: OrderLine) -> Wire:
    return {
        "product_id": product_id(line.product),
        "product_name": line.product.title,
        "product_price": line.sku.price,
        "product_sku": sku_id(line.product, line.sku),
        "product_count": line.quantity,
        "product_img": line.product.images[0],
    }


def _images(products: Sequence[SampleProduct], shelves: Sequence[Wire]) -> set[str]:
    """Return the addresses that count as uploaded: the shop's and the manual samples'."""
    of_products = (url for product in products for url in product.images)
    of_skus = (sku.image for product in products for sku in product.skus)
    return {*IMAGES, *of_products, *of_skus, *_addresses(list(shelves))}


def _addresses(part: object) -> set[str]:
    if isinstance(part, dict):
        return {url for value in part.values() for url in _addresses(value)}
    if isinstance(part, list):
        return {url for value in part for url in _addresses(value)}
    return {part} if isinstance(part, str) and part.startswith("http") else set()
