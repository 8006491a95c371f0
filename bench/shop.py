"""The shop that every variant of the benchmark serves: orders of 10 products, 50 products."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

DISTINCT: Final = 10
#: One more than the questions ask for: a page that something follows is not looked for elsewhere.
ORDERS: Final = 51
PRODUCTS: Final = 50
SKUS: Final = 5
#: Seconds between an order and the one before it.
APART: Final = 60


@dataclass(frozen=True)
class Stock:
    """How many orders there are, of how many lines, and how many products.

    The newest order is of the moment `newest`.
    """

    newest: int
    orders: int = ORDERS
    lines: int = 1
    products: int = PRODUCTS


def product(number: int) -> dict[str, Any]:
    """A product of five SKUs in the manual's form."""
    image = f"http://mmbiz.qpic.cn/mmbiz/product{number}/0"
    return {
        "product_id": f"pBench{number:04d}",
        "product_base": {
            "name": f"手工粗陶马克杯 {number}",
            "category_id": [537074298],
            "img": [image],
            "main_img": image,
            "property": [{"id": "品牌", "vid": "Fujifilm/富士"}],
            "sku_info": [
                {"id": "1075741873", "vid": [str(1079742380 + sku) for sku in range(SKUS)]}
            ],
            "buy_limit": 10,
            "detail_html": "<p>test</p>",
        },
        "sku_list": [
            {
                "sku_id": f"1075741873:{1079742380 + sku}",
                "price": 3000 + number + sku,
                "icon_url": image,
                "quantity": 100 + sku,
                "product_code": f"B{number}-{sku}",
                "ori_price": 9000,
            }
            for sku in range(SKUS)
        ],
        "attrext": {
            "isPostFree": 0,
            "isHasReceipt": 1,
            "isUnderGuaranty": 0,
            "isSupportReplace": 0,
            "location": {"country": "中国", "province": "广东省", "city": "广州市", "address": "T"},
        },
        "delivery_info": {"delivery_type": 1, "template_id": 103312920},
        "status": 1,
    }


def order(number: int, stock: Stock) -> dict[str, Any]:
    """An order in the manual's form; the newest has number 0."""
    lines = [_line(number * stock.lines + place) for place in range(stock.lines)]
    return {
        "order_id": f"71974174608{number:08d}",
        "order_status": 2,
        "order_total_price": sum(line["product_price"] for line in lines),
        "order_create_time": stock.newest - APART * number,
        "order_express_price": 500,
        "buyer_openid": "oDF3iY17NsDAW4UP2qzJXPsz1S9Q",
        "buyer_nick": "likeacat",
        "receiver_name": "张小猫",
        "receiver_province": "广东省",
        "receiver_city": "广州市",
        "receiver_zone": "天河区",
        "receiver_address": "华景路一号南方通信大厦5楼",
        "receiver_mobile": "123456789",
        "receiver_phone": "123456789",
        **lines[0],
        "delivery_id": "",
        "delivery_company": "",
        "trans_id": "1900000109201404103172199813",
        "products": lines,
    }


def _line(number: int) -> dict[str, Any]:
    bought = number % DISTINCT
    return {
        "product_id": f"pBench{bought:04d}",
        "product_name": f"手工粗陶马克杯 {bought}",
        "product_price": 3000 + bought,
        "product_sku": "1075741873:1079742380",
        "product_count": 1 + number % 3,
        "product_img": f"http://mmbiz.qpic.cn/mmbiz/product{bought}/0",
    }


def answers(stock: Stock) -> Mapping[str, bytes]:
    """The platform's ready answers, by path."""
    done = {"errcode": 0, "errmsg": "success"}
    products = [product(number) for number in range(stock.products)]
    orders = [order(number, stock) for number in range(stock.orders)]
    return {
        "/cgi-bin/stable_token": orjson.dumps({"access_token": "bench", "expires_in": 7200}),
        "/merchant/order/getbyfilter": orjson.dumps(done | {"order_list": orders}),
        "/merchant/getbystatus": orjson.dumps(done | {"products_info": products}),
        "/merchant/get": orjson.dumps(done | {"product_info": products[0]}),
    }
