"""Which fields the store answers without a call to a platform, as exports need them.

A field that is read from its object, or computed from it, is answered with the object. Whatever
else a field does is taken for a call to a platform, unless it is listed here.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from graphql import GraphQLField

from gateway.services.export_sources import ExportedShop, Kept
from schema.declare import GUARD, RELATION

#: Whether a shop's fields of this kind are answered by the ledger or the index.
AnsweredBy = Callable[[ExportedShop], bool]


def _always(_: ExportedShop) -> bool:
    """From the store, or from the gateway's own memory, of any shop."""
    return True


def _never(_: ExportedShop) -> bool:
    """By the platform."""
    return False


def _orders(shop: ExportedShop) -> bool:
    return shop.adapter.exports_orders is not None or Kept.ORDERS in shop.indexed


def _announced_orders(shop: ExportedShop) -> bool:
    """Orders named by changes, which may be those of partner stores: the ledger lacks these."""
    if shop.adapter.partner_orders is None:
        return _orders(shop)
    return Kept.ORDERS in shop.indexed


def _after_sales(shop: ExportedShop) -> bool:
    return shop.adapter.exports_after_sales is not None or Kept.AFTER_SALES in shop.indexed


def _products(shop: ExportedShop) -> bool:
    return shop.adapter.exports_products is not None or Kept.PRODUCTS in shop.indexed


def _names(shop: ExportedShop) -> bool:
    """The ledger's SKU attributes hold their own names; those of others are their categories'."""
    return shop.adapter.exports_products is not None


#: By the loader of a relation.
#: Copies, originals and counterparts are not here: they are in other shops, whose platforms may be
#: asked for what is selected of them.
LOADERS: Final[Mapping[str, AnsweredBy]] = {
    "after_sales_of_order": _after_sales,
    "draft_refusal": _always,
    "metadata": _always,
    "order": _orders,
    "product": _products,
    "product_description": _always,
    "product_status": _products,
    "shop_index": _always,
    "shopping_cart_path": _always,
    "sku": _products,
    "sku_attribute_name": _names,
    "sku_attribute_value": _names,
    "sku_code": _products,
    "sku_of_line": _products,
    "sku_status": _products,
}
#: By `Type.field`, of fields whose method asks the request's context or awaits something. A page's
#: count is known with the page: the list is refused, once, where a platform has it.
METHODS: Final[Mapping[str, AnsweredBy]] = {
    "Order.deliveries": _always,
    "Order.pushes": _always,
    "OrderChange.order": _announced_orders,
    "OrderConnection.totalCount": _always,
    "ProductConnection.totalCount": _always,
    "Shop.calls": _always,
    "Shop.health": _always,
    "WebhookEndpoint.deliveries": _always,
}


def answered_by(coordinate: str, field: GraphQLField) -> AnsweredBy:
    """Of which shops the store answers a field; `coordinate` is its `Type.field`."""
    declared: Any = field.extensions.get("strawberry-definition")
    if declared is None:
        return _never
    if RELATION in declared.metadata:
        return LOADERS.get(declared.metadata[RELATION][0], _never)
    resolver = declared.base_resolver
    if GUARD in declared.metadata or resolver is None:
        return _always
    if resolver.info_parameter is None and not declared.is_async:
        return _always
    return METHODS.get(coordinate, _never)
