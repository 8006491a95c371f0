"""The sample shopping list: orders, want-to-buy items and product data, in wire form.

Field by field from the pages 导入“已购订单”, 导入“想买清单” and 更新商品信息.
"""

from dataclasses import dataclass

from gateway.platforms.mini_program.sandbox.sample_partner_orders import sample_partner_orders
from gateway.platforms.mini_program.sandbox.shipping import payment_of
from gateway.platforms.mini_program.sandbox.state import (
    MiniProgramShop,
    PartnerOrder,
    Payment,
    ShoppingListOrder,
    open_id,
)
from gateway.sandbox.request import Wire
from gateway.sandbox.sample_shop import (
    OrderLine,
    SampleOrder,
    SampleProduct,
    SampleShop,
    SampleSku,
)

COUNT = 40
PAID, SHIPPED, REFUNDED, CANCELLED, COMPLETED = 3, 4, 5, 12, 100
WECHAT_PAY = 1
ON_SALE, OFF_SALE = 1, 2
CARRIERS = ((2011, "顺丰速运"), (2001, "圆通"), (2004, "中通"), (9999, "京东物流"))
#: Codes of the shipping management: its states, and its carriers.
PAYMENT_STATES = {PAID: 1, SHIPPED: 2, REFUNDED: 5, CANCELLED: 5, COMPLETED: 4}
CARRIER_CODES = {2011: "SF", 2001: "YTO", 2004: "ZTO", 9999: "JD"}
CART_PATH = "/pages/cart"
SERVICE_PHONE = "400-000-0000"
DISCOUNT_EVERY, INVOICE_EVERY = 4, 9
WANTED_BUYERS, SYNCED_PRODUCTS = 6, 12
HOUR = 3600


@dataclass(frozen=True, slots=True)
class SampleImport:
    """A sample order: its buyer's open id, and its import with the current status."""

    open_id: str
    wire: Wire


@dataclass(frozen=True, slots=True)
class SampleWantedItem:
    """An item of a buyer's want-to-buy list: wire form, when it was added (unix s), how many."""

    open_id: str
    wire: Wire
    added_at: int
    quantity: int


def sample_imports(sample: SampleShop) -> tuple[SampleImport, ...]:
    """Make the orders, oldest first."""
    return tuple(
        SampleImport(open_id(order.buyer), _order(order))
        for order in reversed(sample.orders("orders of mini_program", COUNT))
    )


def sample_wanted_items(sample: SampleShop) -> tuple[SampleWantedItem, ...]:
    """Make the want-to-buy lists of some buyers."""
    rng = sample.rng("want-to-buy lists of mini_program")
    return tuple(
        SampleWantedItem(
            open_id(buyer),
            _product_wire(product) | {"sku_info": _sku_wire(product, rng.choice(product.skus))},
            sample.now - rng.randint(HOUR, 30 * 24 * HOUR),
            rng.choice((1, 1, 2)),
        )
        for buyer in sample.buyers[:WANTED_BUYERS]
        for product in rng.sample(sample.products, rng.randint(2, 5))
    )


def sample_products(sample: SampleShop) -> tuple[Wire, ...]:
    """Make the product data of some products."""
    return tuple(
        _product_wire(product) | {"sku_list": [_sku_wire(product, sku) for sku in product.skus]}
        for product in sample.products[:SYNCED_PRODUCTS]
    )


def seeded_shop(sample: SampleShop) -> MiniProgramShop:
    """Return a Mini Program with its sample shopping list and partner-store orders."""
    wanted: dict[str, list[Wire]] = {}
    for item in sample_wanted_items(sample):
        wanted.setdefault(item.open_id, []).append(item.wire)
    return MiniProgramShop(
        orders={
            known.wire["order_id"]: ShoppingListOrder(known.open_id, known.wire)
            for known in sample_imports(sample)
        },
        wanted=wanted,
        products={known["item_code"]: known for known in sample_products(sample)},
        cart_path=CART_PATH,
        partner_orders={
            known.order_id: PartnerOrder(known.shop_appid, known.event_time, known.wire)
            for known in sample_partner_orders(sample)
        },
        payments={
            known.wire["trans_id"]: _payment(known, sample.now) for known in sample_imports(sample)
        },
        buyers=set(map(open_id, sample.buyers)),
    )


def _payment(known: SampleImport, now: int) -> Payment:
    """The payment of a sample order, reported where the order was shipped."""
    wire, status = known.wire, known.wire["status"]
    document = payment_of(wire, known.open_id)
    document["order_state"] = PAYMENT_STATES[status]
    parcels = wire["ext_info"]["express_info"].get("express_package_info_list", ())
    if not parcels:
        return Payment(document)
    document["shipping"] = {
        "delivery_mode": 1,
        "logistics_type": 1,
        "finish_shipping": True,
        "finish_shipping_count": 1,
        "goods_desc": document["description"],
        "shipping_list": [
            {
                "tracking_no": parcel["express_code"],
                "express_company": CARRIER_CODES[parcel["express_company_id"]],
                "goods_desc": document["description"],
                "upload_time": min(parcel["ship_time"], now),
            }
            for parcel in parcels
        ],
    }
    return Payment(document, is_reported=True)


def _status(number: int) -> int:
    by_age = ((8, PAID), (16, SHIPPED), (COUNT, COMPLETED))
    if number in (5, 19, 27, 33):
        return REFUNDED
    if number in (11, 30):
        return CANCELLED
    return next(status for most, status in by_age if number < most)


def _order(order: SampleOrder) -> Wire:
    status = _status(order.number)
    serial = COUNT - order.number
    order_id = f"MP{order.created}{serial:03}"
    discount = 500 if order.number % DISCOUNT_EVERY == 0 else 0
    return {
        "order_id": order_id,
        "create_time": order.created,
        "pay_finish_time": order.created + 90,
        "desc": "请尽快发货" if order.number % INVOICE_EVERY == 1 else "",
        "fee": order.subtotal + order.freight - discount,
        "trans_id": f"430000{order.created}{serial:04}",
        "status": status,
        "ext_info": _more(order, order_id, discount, parcels=status in (SHIPPED, COMPLETED)),
    }


def _more(order: SampleOrder, order_id: str, discount: int, *, parcels: bool) -> Wire:
    more: Wire = {
        "product_info": {"item_list": [_item(line) for line in order.lines]},
        "express_info": _express(order, order_id, parcels=parcels),
        "brand_info": {"phone": SERVICE_PHONE, "contact_detail_page": {"path": "/pages/contact"}},
        "payment_method": WECHAT_PAY,
        "user_open_id": open_id(order.buyer),
        "order_detail_page": {"path": f"/pages/order?id={order_id}"},
    }
    if discount:
        more["promotion_info"] = {"discount_fee": discount}
    if order.number % INVOICE_EVERY == 0:
        page = {"path": f"/pages/invoice?id={order_id}"}
        more["invoice_info"] = {"type": 1, "title": order.buyer.name, "invoice_detail_page": page}
    return more


def _item(line: OrderLine) -> Wire:
    return {
        "item_code": line.product.code,
        "sku_id": line.sku.code,
        "amount": line.quantity,
        "total_fee": line.total,
        "thumb_url": line.product.images[0],
        "title": line.product.title,
        "desc": line.product.description,
        "unit_price": line.sku.price,
        "original_price": line.sku.list_price,
        "stock_attr_info": [
            {"attr_name": {"name": known.name}, "attr_value": {"name": known.value}}
            for known in line.sku.attributes
        ],
        "category_list": list(line.product.category_path),
        "item_detail_page": {"path": _product_page(line.product)},
    }


def _product_page(product: SampleProduct) -> str:
    return f"/pages/product?id={product.code}"


def _express(order: SampleOrder, order_id: str, *, parcels: bool) -> Wire:
    buyer = order.buyer
    express: Wire = {
        "name": buyer.name,
        "phone": buyer.mobile,
        "address": buyer.street,
        "price": order.freight,
        "country": "中国",
        "province": buyer.province,
        "city": buyer.city,
        "district": buyer.district,
    }
    if parcels:
        number, name = CARRIERS[order.number % len(CARRIERS)]
        express["express_package_info_list"] = [
            {
                "express_company_id": number,
                "express_company_name": name,
                "express_code": f"YD{880000 + order.number}",
                "ship_time": order.created + 20 * HOUR,
                "express_page": {"path": f"/pages/parcel?order={order_id}"},
                "express_goods_info_list": [
                    {"item_code": line.product.code, "sku_id": line.sku.code}
                    for line in order.lines
                ],
            }
        ]
    return express


def _product_wire(product: SampleProduct) -> Wire:
    return {
        "item_code": product.code,
        "title": product.title,
        "desc": product.description,
        "category_list": list(product.category_path),
        "image_list": list(product.images),
        "src_wxapp_path": _product_page(product),
        "attr_list": [{"name": item.name, "value": item.value} for item in product.properties],
    }


def _sku_wire(product: SampleProduct, sku: SampleSku) -> Wire:
    return {
        "sku_id": sku.code,
        "price": sku.price,
        "original_price": sku.list_price,
        "status": ON_SALE if product.on_shelf else OFF_SALE,
        "sku_attr_list": [{"name": item.name, "value": item.value} for item in sku.attributes],
    }
