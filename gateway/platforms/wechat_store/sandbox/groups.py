"""Groups of products: manual chapter 4."""

from gateway.platforms.wechat_store.sandbox.state import ProductGroup, StoreCall
from gateway.sandbox.request import Refusal, Wire

REMOVE, ADD = 0, 1


def add(call: StoreCall) -> Wire:
    """`/merchant/group/add` (4.1)."""
    detail = call.body.inner("group_detail")
    name = detail.text("group_name")
    products = detail.texts("product_list", empty=True)
    for product_id in products:
        _require_product(call, product_id)
    call.shop.last_id += 1
    group_id = call.shop.last_id
    call.shop.groups[group_id] = ProductGroup(group_id, name, list(dict.fromkeys(products)))
    return {"group_id": group_id}


def delete(call: StoreCall) -> Wire:
    """`/merchant/group/del` (4.2); shelves keep the id."""
    del call.shop.groups[_find(call).group_id]
    return {}


def propertymod(call: StoreCall) -> Wire:
    """`/merchant/group/propertymod` (4.3)."""
    group = _find(call)
    group.name = call.body.text("group_name")
    return {}


def productmod(call: StoreCall) -> Wire:
    """`/merchant/group/productmod` (4.4): all changes or none."""
    group = _find(call)
    products = list(group.products)
    for change in call.body.inners("product"):
        product_id = change.text("product_id")
        if change.one_of("mod_action", (REMOVE, ADD)) == REMOVE:
            products = [known for known in products if known != product_id]
        elif product_id not in products:
            _require_product(call, product_id)
            products.append(product_id)
    group.products = products
    return {}


def getall(call: StoreCall) -> Wire:
    """`/merchant/group/getall` (4.5): names only."""
    groups = call.shop.groups.values()
    return {
        "groups_detail": [
            {"group_id": known.group_id, "group_name": known.name} for known in groups
        ]
    }


def getbyid(call: StoreCall) -> Wire:
    """`/merchant/group/getbyid` (4.6)."""
    group = _find(call)
    return {
        "group_detail": {
            "group_id": group.group_id,
            "group_name": group.name,
            "product_list": group.products,
        }
    }


def _find(call: StoreCall) -> ProductGroup:
    group = call.shop.groups.get(call.body.whole("group_id"))
    if group is None:
        raise Refusal(call.invented.codes.group_not_found, "group not exist")
    return group


def _require_product(call: StoreCall, product_id: str) -> None:
    if product_id not in call.shop.products:
        raise Refusal(call.invented.codes.product_not_found, "product not exist")
