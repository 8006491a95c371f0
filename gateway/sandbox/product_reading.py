"""A product as the WeChat Store answers it, which is not how it was sent.

Category ids come back as numbers, properties as names in place of ids, the detail as html
(manual 1.4); so reading and writing back loses something.
"""

import html
from typing import Any

from gateway.sandbox.state import StoreProduct, StoreShop, Wire

IMAGE = (
    '<div class="item_pic_wrp" style="margin-bottom:8px;font-size:0;">'
    '<img class="item_pic" style="width:100%;" alt="" src="{url}" ></div>'
)
TEXT = '<p style="margin-bottom:11px;margin-top:11px;">{text}</p>'


def product_answer(shop: StoreShop, product: StoreProduct) -> Wire:
    """Give `product_info` of 1.4, without the status that 1.5 adds."""
    document = product.document
    answer: Wire = {
        "product_id": product.product_id,
        "product_base": _base(shop, document["product_base"]),
        "sku_list": document["sku_list"],
        "attrext": document.get("attrext", {}),
    }
    if "delivery_info" in document:
        answer["delivery_info"] = _delivery(document["delivery_info"])
    return answer


def _base(shop: StoreShop, base: Wire) -> Wire:
    category_ids = [int(category_id) for category_id in base["category_id"]]
    answer: Wire = {
        "name": base["name"],
        "category_id": category_ids,
        "img": base["img"],
        "property": [_named(shop, category_ids, pair) for pair in base.get("property", [])],
        "sku_info": base.get("sku_info", []),
        "main_img": base["main_img"],
        "detail_html": "".join(_block(block) for block in base["detail"]),
    }
    if "buy_limit" in base:
        answer["buy_limit"] = base["buy_limit"]
    return answer


def _named(shop: StoreShop, category_ids: list[int], pair: Wire) -> Wire:
    for category_id in category_ids:
        category = shop.categories.get(category_id)
        for known in category.properties if category else []:
            if known["id"] == pair["id"]:
                return {"id": known["name"], "vid": _value_name(known["property_value"], pair)}
    return {"id": pair["id"], "vid": pair["vid"]}


def _value_name(values: list[dict[str, Any]], pair: Wire) -> str:
    names = (str(value["name"]) for value in values if value["id"] == pair["vid"])
    return next(names, str(pair["vid"]))


def _block(block: Wire) -> str:
    if "img" in block:
        return IMAGE.format(url=html.escape(block["img"]))
    return TEXT.format(text=html.escape(block["text"]))


def _delivery(delivery: Wire) -> Wire:
    if delivery["delivery_type"] == 1:
        return {"delivery_type": 1, "template_id": delivery["template_id"]}
    return delivery
