"""The shopping list's want-to-buy list, product data, cart page (想买清单, 商品数据)."""

import copy

from gateway.platforms.mini_program.sandbox.state import MiniProgramCall
from gateway.sandbox.request import Fields, Refusal, Wire

BAD_PARAMETERS = 9009098
TOO_MANY_PRODUCTS = 9009202
BAD_OPEN_ID = 9009203
MOST_TO_ADD = 10
MOST_TO_DELETE = 100
LISTED = 20
MOST_PRODUCTS = 10
MOST_SKUS = 16
SKU_STATUSES = (1, 2, 3)


def addshoppinglist(call: MiniProgramCall) -> Wire:
    """`/mall/addshoppinglist`: at most ten items; existing ones are replaced."""
    open_id, items = _asked(call, MOST_TO_ADD)
    for item in items:
        _check_product(item)
        _check_sku(item.inner("sku_info"))
    kept = call.shop.wanted.setdefault(open_id, [])
    for item in items:
        document = copy.deepcopy(dict(item.data))
        kept[:] = [known for known in kept if _key(known) != _key(document)]
        kept.append(document)
    call.shop.buyers.add(open_id)
    return {}


def deleteshoppinglist(call: MiniProgramCall) -> Wire:
    """`/mall/deleteshoppinglist`: a hundred items at most."""
    open_id, items = _asked(call, MOST_TO_DELETE)
    for item in items:
        check_key(item)
    keys = {(item.text("item_code"), item.text("sku_id")) for item in items}
    kept = call.shop.wanted.get(open_id, [])
    missing = keys - {_key(known) for known in kept}
    if missing and call.invented.shopping_list.item_to_delete_not_found:
        raise Refusal(call.invented.shopping_list.item_to_delete_not_found, "item not exist")
    kept[:] = [known for known in kept if _key(known) not in keys]
    return {}


def queryshoppinglist(call: MiniProgramCall) -> Wire:
    """`/mall/queryshoppinglist?type=getbypage`: a page of what is on a buyer's list."""
    if call.query.get("type") != "getbypage":
        raise Refusal(BAD_PARAMETERS, "req required field type")
    body = Fields(call.body.data, BAD_PARAMETERS)
    open_id = body.text("user_open_id")
    if call.foreign(open_id):
        raise Refusal(BAD_OPEN_ID, "user_open_id is not of this appid")
    begin, count = body.optional_whole("offset", 0), body.optional_whole("count", LISTED)
    listed = call.shop.wanted.get(open_id, [])[begin : begin + count]
    goods = [
        {"item_code": item["item_code"], "sku_id": item["sku_info"]["sku_id"], "quantity": 1}
        for item in listed
    ]
    return {"goods_list": goods}


def importproduct(call: MiniProgramCall) -> Wire:
    """`/mall/importproduct`: ten products of sixteen SKUs; repeated calls merge SKUs."""
    products = Fields(call.body.data, BAD_PARAMETERS).inners("product_list")
    if len(products) > MOST_PRODUCTS:
        raise Refusal(call.invented.shopping_list.too_many_products_to_sync, "too many products")
    for product in products:
        _check_product(product)
        product.each("sku_list", _check_sku)
        if len(product.inners("sku_list")) > MOST_SKUS:
            raise Refusal(call.invented.shopping_list.too_many_skus, "too many skus")
    for product in products:
        _merge(call, copy.deepcopy(dict(product.data)))
    return {}


def brandmanage(call: MiniProgramCall) -> Wire:
    """`/mall/brandmanage?action=set_shoppingcart_path`: the page behind the cart button."""
    if call.query.get("action") != "set_shoppingcart_path":
        raise Refusal(BAD_PARAMETERS, "req required field action")
    call.shop.cart_path = Fields(call.body.data, BAD_PARAMETERS).text("shoppingcart_path")
    return {}


def check_key(item: Fields) -> None:
    """Refuse a pair of ids if one is missing."""
    item.text("item_code")
    item.text("sku_id")


def _asked(call: MiniProgramCall, most: int) -> tuple[str, list[Fields]]:
    body = Fields(call.body.data, BAD_PARAMETERS)
    open_id = body.text("user_open_id")
    if call.foreign(open_id):
        raise Refusal(BAD_OPEN_ID, "user_open_id is not of this appid")
    items = body.inners("sku_product_list")
    if len(items) > most:
        raise Refusal(TOO_MANY_PRODUCTS, "too many products")
    return open_id, items


def _check_product(product: Fields) -> None:
    product.text("item_code")
    product.text("title")
    product.optional_text("desc")
    product.texts("category_list")
    product.texts("image_list")
    product.text("src_wxapp_path")
    for attribute in product.inners("attr_list", empty=True):
        attribute.text("name")
        attribute.text("value")


def _check_sku(sku: Fields) -> None:
    sku.text("sku_id")
    sku.optional_whole("price", 0)
    sku.optional_whole("original_price", 0)
    sku.one_of("status", SKU_STATUSES)
    for attribute in sku.inners("sku_attr_list", empty=True):
        attribute.text("name")
        attribute.text("value")


def _key(item: Wire) -> tuple[str, str]:
    sku_id = item["sku_info"]["sku_id"]
    return str(item["item_code"]), str(sku_id)


def _merge(call: MiniProgramCall, product: Wire) -> None:
    former = call.shop.products.get(product["item_code"], {"sku_list": []})
    given = {sku["sku_id"]: sku for sku in product["sku_list"]}
    kept = [sku for sku in former["sku_list"] if sku["sku_id"] not in given]
    call.shop.products[product["item_code"]] = {**product, "sku_list": [*kept, *given.values()]}
