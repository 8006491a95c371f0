"""Products, their categories and their stock: manual chapters 1 and 2."""

import base64
import copy
import html
from typing import Any

from gateway.platforms.wechat_store.sandbox.product_rules import (
    check_document,
    check_frozen,
    find_sku,
)
from gateway.platforms.wechat_store.sandbox.state import (
    Category,
    StoreCall,
    StoreProduct,
    WechatStoreShop,
)
from gateway.sandbox.request import Refusal, Wire

ALL, ON_SHELF, OFF_SHELF = 0, 1, 2
PARTS = ("product_base", "sku_list", "attrext", "delivery_info")
ROOT_CATEGORY = 1
IMAGE = (
    '<div class="item_pic_wrp" style="margin-bottom:8px;font-size:0;">'
    '<img class="item_pic" style="width:100%;" alt="" src="{url}" ></div>'
)
TEXT = '<p style="margin-bottom:11px;margin-top:11px;">{text}</p>'


def create(call: StoreCall) -> Wire:
    """`/merchant/create` (1.1): a new product, off the shelf."""
    check_document(call)
    product_id = "pDF3iY" + base64.urlsafe_b64encode(call.entropy(16)).decode().rstrip("=")
    call.shop.products[product_id] = StoreProduct(product_id, _document(call), False, False)
    return {"product_id": product_id}


def delete(call: StoreCall) -> Wire:
    """`/merchant/del` (1.2): also removes the product from its groups."""
    product = _find(call)
    del call.shop.products[product.product_id]
    for group in call.shop.groups.values():
        group.products = [known for known in group.products if known != product.product_id]
    return {}


def update(call: StoreCall) -> Wire:
    """`/merchant/update` (1.3): the whole document; some fields are frozen once listed."""
    product = _find(call)
    check_document(call)
    check_frozen(call, product)
    product.document = _document(call)
    return {}


def get(call: StoreCall) -> Wire:
    """`/merchant/get` (1.4)."""
    return {"product_info": _answer(call.shop, _find(call))}


def getbystatus(call: StoreCall) -> Wire:
    """`/merchant/getbystatus` (1.5): all products of a status, unpaged."""
    wanted = call.body.one_of("status", (ALL, ON_SHELF, OFF_SHELF))
    found = [
        {**_answer(call.shop, product), "status": _status_of(product)}
        for product in call.shop.products.values()
        if wanted in (ALL, _status_of(product))
    ]
    return {"products_info": found}


def modproductstatus(call: StoreCall) -> Wire:
    """`/merchant/modproductstatus` (1.6): 1 on the shelf, 0 off."""
    product = _find(call)
    product.on_shelf = call.body.one_of("status", (0, 1)) == 1
    product.listed_before = product.listed_before or product.on_shelf
    return {}


def stock_add(call: StoreCall) -> Wire:
    """`/merchant/stock/add` (2.1)."""
    sku, quantity = _stock_change(call)
    sku["quantity"] += quantity
    return {}


def stock_reduce(call: StoreCall) -> Wire:
    """`/merchant/stock/reduce` (2.2): never below zero."""
    sku, quantity = _stock_change(call)
    if quantity > sku["quantity"]:
        raise Refusal(call.invented.codes.stock_short, "stock not enough")
    sku["quantity"] -= quantity
    return {}


def getsub(call: StoreCall) -> Wire:
    """`/merchant/category/getsub` (1.7): the children; the root is 1."""
    parent = call.body.whole("cate_id")
    if parent != ROOT_CATEGORY:
        _category(call)
    children = [
        {"id": str(category.category_id), "name": category.name}
        for category in call.shop.categories.values()
        if category.parent == parent
    ]
    return {"cate_list": children}


def getsku(call: StoreCall) -> Wire:
    """`/merchant/category/getsku` (1.8)."""
    return {"sku_table": _category(call).sku_table}


def getproperty(call: StoreCall) -> Wire:
    """`/merchant/category/getproperty` (1.9); names come with entities that lack the semicolon."""
    return {"properties": _category(call).properties}


def _find(call: StoreCall) -> StoreProduct:
    """Return the product that the request names, or refuse."""
    product_id = call.body.text("product_id")
    product = call.shop.products.get(product_id)
    if product is None:
        raise Refusal(call.invented.codes.product_not_found, "product not exist")
    return product


def _status_of(product: StoreProduct) -> int:
    """Return a product's status as numbered by getbystatus."""
    return ON_SHELF if product.on_shelf else OFF_SHELF


def _document(call: StoreCall) -> dict[str, Any]:
    given = call.body.data
    return {part: copy.deepcopy(given[part]) for part in PARTS if given.get(part) is not None}


def _answer(shop: WechatStoreShop, product: StoreProduct) -> Wire:
    """Return `product_info` of 1.4, without the status that 1.5 adds.

    It differs from the product as sent: category ids come back as numbers, properties as names
    instead of ids, the detail as html; reading and writing back is lossy.
    """
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


def _base(shop: WechatStoreShop, base: Wire) -> Wire:
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


def _named(shop: WechatStoreShop, category_ids: list[int], pair: Wire) -> Wire:
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


def _stock_change(call: StoreCall) -> tuple[Wire, int]:
    """Return the quantity and the SKU named by `sku_info`, a string here."""
    product = _find(call)
    sku = find_sku(call, product, call.body.text("sku_info", empty=True))
    return sku, call.body.whole("quantity", at_least=1)


def _category(call: StoreCall) -> Category:
    category = call.shop.categories.get(call.body.whole("cate_id"))
    if category is None:
        raise Refusal(call.invented.codes.category_not_found, "category not exist")
    return category
