"""The WeChat Store's products: manual 1.1 to 1.6."""

import base64
import copy
from typing import Any

from gateway.sandbox.call import StoreCall
from gateway.sandbox.product_reading import product_answer
from gateway.sandbox.product_rules import check_document, check_frozen
from gateway.sandbox.refusal import Refusal
from gateway.sandbox.state import StoreProduct, Wire

ALL, ON_SHELF, OFF_SHELF = 0, 1, 2
PARTS = ("product_base", "sku_list", "attrext", "delivery_info")


def create(call: StoreCall) -> Wire:
    """`/merchant/create` (1.1): a new product, off the shelf."""
    check_document(call)
    product_id = "pDF3iY" + base64.urlsafe_b64encode(call.entropy(16)).decode().rstrip("=")
    call.shop.products[product_id] = StoreProduct(product_id, _document(call), False, False)
    return {"product_id": product_id}


def delete(call: StoreCall) -> Wire:
    """`/merchant/del` (1.2): the product leaves its groups too."""
    product = find(call)
    del call.shop.products[product.product_id]
    for group in call.shop.groups.values():
        group.products = [known for known in group.products if known != product.product_id]
    return {}


def update(call: StoreCall) -> Wire:
    """`/merchant/update` (1.3): the whole document; some fields are frozen once listed."""
    product = find(call)
    check_document(call)
    check_frozen(call, product)
    product.document = _document(call)
    return {}


def get(call: StoreCall) -> Wire:
    """`/merchant/get` (1.4)."""
    return {"product_info": product_answer(call.shop, find(call))}


def getbystatus(call: StoreCall) -> Wire:
    """`/merchant/getbystatus` (1.5): all products of a status, unpaged."""
    wanted = call.body.one_of("status", (ALL, ON_SHELF, OFF_SHELF))
    found = [
        {**product_answer(call.shop, product), "status": status_of(product)}
        for product in call.shop.products.values()
        if wanted in (ALL, status_of(product))
    ]
    return {"products_info": found}


def modproductstatus(call: StoreCall) -> Wire:
    """`/merchant/modproductstatus` (1.6): 1 puts on the shelf, 0 takes off."""
    product = find(call)
    product.on_shelf = call.body.one_of("status", (0, 1)) == 1
    product.listed_before = product.listed_before or product.on_shelf
    return {}


def find(call: StoreCall) -> StoreProduct:
    """Give the product that the request names, or refuse."""
    product_id = call.body.text("product_id")
    product = call.shop.products.get(product_id)
    if product is None:
        raise Refusal(call.invented.store.product_not_found, "product not exist")
    return product


def status_of(product: StoreProduct) -> int:
    """Give a product's status in the numbers of getbystatus."""
    return ON_SHELF if product.on_shelf else OFF_SHELF


def _document(call: StoreCall) -> dict[str, Any]:
    given = call.body.data
    return {part: copy.deepcopy(given[part]) for part in PARTS if given.get(part) is not None}
