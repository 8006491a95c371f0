"""Stock: manual 2.1 and 2.2."""

from gateway.sandbox.call import StoreCall
from gateway.sandbox.product_rules import find_sku
from gateway.sandbox.products import find
from gateway.sandbox.refusal import Refusal
from gateway.sandbox.state import Wire


def add(call: StoreCall) -> Wire:
    """`/merchant/stock/add` (2.1)."""
    sku, quantity = _asked(call)
    sku["quantity"] += quantity
    return {}


def reduce(call: StoreCall) -> Wire:
    """`/merchant/stock/reduce` (2.2): never below nothing."""
    sku, quantity = _asked(call)
    if quantity > sku["quantity"]:
        raise Refusal(call.invented.store.stock_short, "stock not enough")
    sku["quantity"] -= quantity
    return {}


def _asked(call: StoreCall) -> tuple[Wire, int]:
    """Give the SKU that `sku_info`, here a string, names, and the quantity."""
    product = find(call)
    sku = find_sku(call, product, call.body.text("sku_info", empty=True))
    return sku, call.body.whole("quantity", at_least=1)
