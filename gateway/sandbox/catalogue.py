"""The WeChat Store's categories, their SKU tables and properties: manual 1.7 to 1.9."""

from gateway.sandbox.call import StoreCall
from gateway.sandbox.refusal import Refusal
from gateway.sandbox.state import Category, Wire

ROOT = 1


def getsub(call: StoreCall) -> Wire:
    """`/merchant/category/getsub` (1.7): the children; the root is 1."""
    parent = call.body.whole("cate_id")
    if parent != ROOT:
        _find(call)
    children = [
        {"id": str(category.category_id), "name": category.name}
        for category in call.shop.categories.values()
        if category.parent == parent
    ]
    return {"cate_list": children}


def getsku(call: StoreCall) -> Wire:
    """`/merchant/category/getsku` (1.8)."""
    return {"sku_table": _find(call).sku_table}


def getproperty(call: StoreCall) -> Wire:
    """`/merchant/category/getproperty` (1.9); names come with entities that lack the semicolon."""
    return {"properties": _find(call).properties}


def _find(call: StoreCall) -> Category:
    category = call.shop.categories.get(call.body.whole("cate_id"))
    if category is None:
        raise Refusal(call.invented.store.category_not_found, "category not exist")
    return category
