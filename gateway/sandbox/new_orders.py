"""What buyers do in a WeChat Store: place an order, pay it, receive it, complain."""

from dataclasses import dataclass
from typing import Any

from gateway.sandbox.invented import StoreStatuses
from gateway.sandbox.orders import TO_SHIP
from gateway.sandbox.state import StoreProduct, StoreShop, Wire

OPEN_ID = "oDF3iYsandboxbuyer0000000000"
FIRST_ID = 7197417460900000000


class NoSuchOrderError(LookupError):
    """The order, product or SKU that the admin call names is not there, or is sold out."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """What is bought; without a product, the first one on the shelf that is in stock."""

    product_id: str | None = None
    sku_id: str | None = None
    count: int = 1
    open_id: str = OPEN_ID
    paid: bool = True


def place_order(shop: StoreShop, purchase: Purchase, statuses: StoreStatuses, now: int) -> Wire:
    """Make an order of one product, take it from the stock, and give the order as in 6.2."""
    product, sku = _choose(shop, purchase)
    sku["quantity"] -= purchase.count
    shop.last_id += 1
    base = product.document["product_base"]
    line = {
        "product_id": product.product_id,
        "product_name": base["name"],
        "product_price": sku["price"],
        "product_sku": sku["sku_id"],
        "product_count": purchase.count,
        "product_img": base["main_img"],
    }
    order: Wire = {
        "order_id": str(FIRST_ID + shop.last_id),
        "order_status": TO_SHIP if purchase.paid else statuses.awaiting_payment,
        "order_total_price": sku["price"] * purchase.count,
        "order_create_time": now,
        "order_express_price": 0,
        **_receiver(purchase),
        **line,
        "delivery_id": "",
        "delivery_company": "",
        "trans_id": f"420000{now}{shop.last_id}" if purchase.paid else "",
        "products": [line],
    }
    shop.orders[order["order_id"]] = order
    shop.buyers.add(purchase.open_id)
    return order


def set_status(shop: StoreShop, order_id: str, status: int) -> Wire:
    """Bring an order to a status without a call of the gateway: 2 pays it, 5 receives it."""
    order = shop.orders.get(order_id)
    if order is None:
        raise NoSuchOrderError("no such order")
    order["order_status"] = status
    if status == TO_SHIP and not order["trans_id"]:
        order["trans_id"] = f"420000{order['order_create_time']}{order_id[-4:]}"
    return order


def _choose(shop: StoreShop, purchase: Purchase) -> tuple[StoreProduct, dict[str, Any]]:
    for product in shop.products.values():
        wanted = purchase.product_id in (None, product.product_id)
        for sku in product.document["sku_list"] if wanted and product.on_shelf else []:
            fits = purchase.sku_id in (None, sku["sku_id"])
            if fits and sku["quantity"] >= purchase.count:
                return product, sku
    raise NoSuchOrderError("no such product on the shelf with enough in stock")


def _receiver(purchase: Purchase) -> Wire:
    return {
        "buyer_openid": purchase.open_id,
        "buyer_nick": "沙箱买家",
        "receiver_name": "张三",
        "receiver_province": "广东省",
        "receiver_city": "广州市",
        "receiver_zone": "天河区",
        "receiver_address": "示例路1号",
        "receiver_mobile": "13800000000",
        "receiver_phone": "",
    }
