"""The sample shopping list: orders, want-to-buy items and product data, in wire form.

Field by field as the pages 导入“已购订单”, 导入“想买清单” and 更新商品信息 give them.
"""

import random
from collections.abc import Sequence

from gateway.sandbox.seed.basket import Basket, Baskets, Line
from gateway.sandbox.seed.model import (
    SeedBuyer,
    SeedMiniOrder,
    SeedProduct,
    SeedSku,
    SeedWantedItem,
    Wire,
)

COUNT = 40
PAID, SHIPPED, REFUNDED, CANCELLED, COMPLETED = 3, 4, 5, 12, 100
WECHAT_PAY = 1
ON_SALE, OFF_SALE = 1, 2
CARRIERS = ((2011, "顺丰速运"), (2001, "圆通"), (2004, "中通"), (9999, "京东物流"))
CART_PATH = "/pages/cart"
SERVICE_PHONE = "400-000-0000"
DISCOUNT_EVERY, INVOICE_EVERY = 4, 9
WANTED_BUYERS, SYNCED_PRODUCTS = 6, 12
HOUR = 3600


def make_mini_orders(baskets: Baskets, now: int) -> tuple[SeedMiniOrder, ...]:
    """Make the orders, oldest first."""
    drawn = baskets.draw(COUNT, now)
    return tuple(
        SeedMiniOrder(basket.buyer.mini_open_id, _order(basket)) for basket in reversed(drawn)
    )


def _status(number: int) -> int:
    by_age = ((8, PAID), (16, SHIPPED), (COUNT, COMPLETED))
    if number in (5, 19, 27, 33):
        return REFUNDED
    if number in (11, 30):
        return CANCELLED
    return next(status for most, status in by_age if number < most)


def _order(basket: Basket) -> Wire:
    status = _status(basket.number)
    serial = COUNT - basket.number
    order_id = f"MP{basket.created}{serial:03}"
    discount = 500 if basket.number % DISCOUNT_EVERY == 0 else 0
    return {
        "order_id": order_id,
        "create_time": basket.created,
        "pay_finish_time": basket.created + 90,
        "desc": "请尽快发货" if basket.number % INVOICE_EVERY == 1 else "",
        "fee": basket.subtotal + basket.freight - discount,
        "trans_id": f"430000{basket.created}{serial:04}",
        "status": status,
        "ext_info": _more(basket, order_id, discount, parcels=status in (SHIPPED, COMPLETED)),
    }


def _more(basket: Basket, order_id: str, discount: int, *, parcels: bool) -> Wire:
    more: Wire = {
        "product_info": {"item_list": [_item(line) for line in basket.lines]},
        "express_info": _express(basket, order_id, parcels=parcels),
        "brand_info": {"phone": SERVICE_PHONE, "contact_detail_page": {"path": "/pages/contact"}},
        "payment_method": WECHAT_PAY,
        "user_open_id": basket.buyer.mini_open_id,
        "order_detail_page": {"path": f"/pages/order?id={order_id}"},
    }
    if discount:
        more["promotion_info"] = {"discount_fee": discount}
    if basket.number % INVOICE_EVERY == 0:
        page = {"path": f"/pages/invoice?id={order_id}"}
        more["invoice_info"] = {"type": 1, "title": basket.buyer.name, "invoice_detail_page": page}
    return more


def _item(line: Line) -> Wire:
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
        "item_detail_page": {"path": product_page(line.product)},
    }


def product_page(product: SeedProduct) -> str:
    """Give the Mini Program page of a product."""
    return f"/pages/product?id={product.code}"


def _express(basket: Basket, order_id: str, *, parcels: bool) -> Wire:
    buyer = basket.buyer
    express: Wire = {
        "name": buyer.name,
        "phone": buyer.mobile,
        "address": buyer.street,
        "price": basket.freight,
        "country": "中国",
        "province": buyer.province,
        "city": buyer.city,
        "district": buyer.district,
    }
    if parcels:
        number, name = CARRIERS[basket.number % len(CARRIERS)]
        express["express_package_info_list"] = [
            {
                "express_company_id": number,
                "express_company_name": name,
                "express_code": f"YD{880000 + basket.number}",
                "ship_time": basket.created + 20 * HOUR,
                "express_page": {"path": f"/pages/parcel?order={order_id}"},
                "express_goods_info_list": [
                    {"item_code": line.product.code, "sku_id": line.sku.code}
                    for line in basket.lines
                ],
            }
        ]
    return express


def make_wanted_items(
    rng: random.Random, products: Sequence[SeedProduct], buyers: Sequence[SeedBuyer], now: int
) -> tuple[SeedWantedItem, ...]:
    """Make the want-to-buy lists of some buyers."""
    return tuple(
        _wanted(buyer, product, rng, now)
        for buyer in buyers[:WANTED_BUYERS]
        for product in rng.sample(products, rng.randint(2, 5))
    )


def _wanted(buyer: SeedBuyer, product: SeedProduct, rng: random.Random, now: int) -> SeedWantedItem:
    wire = _product_wire(product) | {"sku_info": _sku_wire(product, rng.choice(product.skus))}
    added_at = now - rng.randint(HOUR, 30 * 24 * HOUR)
    return SeedWantedItem(buyer.mini_open_id, wire, added_at, rng.choice((1, 1, 2)))


def make_synced_products(products: Sequence[SeedProduct]) -> tuple[Wire, ...]:
    """Make the product data of some products."""
    return tuple(
        _product_wire(product) | {"sku_list": [_sku_wire(product, sku) for sku in product.skus]}
        for product in products[:SYNCED_PRODUCTS]
    )


def _product_wire(product: SeedProduct) -> Wire:
    return {
        "item_code": product.code,
        "title": product.title,
        "desc": product.description,
        "category_list": list(product.category_path),
        "image_list": list(product.images),
        "src_wxapp_path": product_page(product),
        "attr_list": [{"name": item.name, "value": item.value} for item in product.properties],
    }


def _sku_wire(product: SeedProduct, sku: SeedSku) -> Wire:
    return {
        "sku_id": sku.code,
        "price": sku.price,
        "original_price": sku.list_price,
        "status": ON_SALE if product.on_shelf else OFF_SALE,
        "sku_attr_list": [{"name": item.name, "value": item.value} for item in sku.attributes],
    }
