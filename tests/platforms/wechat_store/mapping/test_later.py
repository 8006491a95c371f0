"""What nobody asks for is not made, and what is asked for is there."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import msgspec
import pytest

from gateway.platforms.wechat_store.adapter.closed_orders import shown
from gateway.platforms.wechat_store.mapping.order import order_from_wire
from gateway.platforms.wechat_store.mapping.product import product_from_wire
from gateway.platforms.wechat_store.wire.order import OrdersResponse
from gateway.platforms.wechat_store.wire.product import ProductBase, ProductsResponse, SkuInfo
from schema.order import Order
from schema.order_status import OrderStatus
from schema.product import Product
from schema.product_details import WechatStoreProductDetails
from tests.platforms.wechat_store.samples import answer, make_shop

SHOP = make_shop()
#: An attribute's id has more digits than Python writes out.
ILL = ProductBase(sku_info=[SkuInfo(id=10**5000, vid=[])], category_id=[1], name="茶")


def _products() -> list[Product]:
    raw = answer("getbystatus", ProductsResponse).products_info or []
    return [product_from_wire(product, SHOP) for product in raw]


def _orders() -> list[Order]:
    raw = answer("order.getbyfilter", OrdersResponse).order_list or []
    return [order_from_wire(order, SHOP) for order in raw]


def _unmade(begun: Any) -> set[str]:
    return {
        field.name
        for field in fields(begun)
        if field.init and field.name not in vars(begun) and not _has_default(begun, field.name)
    }


def _has_default(begun: Any, name: str) -> bool:
    return getattr(type(begun), name, begun) in (None, 0)


def _details(product: Product) -> WechatStoreProductDetails:
    assert isinstance(product.details, WechatStoreProductDetails)
    return product.details


@pytest.mark.parametrize("product", _products())
def test_a_product_begins_without_what_is_seldom_asked(product: Product) -> None:
    assert _unmade(product) == {"skus", "details", "known_description", "description_query"}
    assert [_unmade(sku) for sku in product.skus] == [
        {"key", "attributes", "known_status", "status_query"}
    ] * 2
    assert _unmade(product.details) == {
        "category_keys",
        "property_query",
        "sku_attribute_query",
        "detail_query",
        "known_blocks",
        "origin",
        "delivery",
    }


@pytest.mark.parametrize("order", _orders())
def test_an_order_begins_without_what_is_seldom_asked(order: Order) -> None:
    assert _unmade(order) == {
        "buyer_data",
        "shipping_address_data",
        "subtotal",
        "shipments",
        "details",
    }
    for item in order.items:
        assert _unmade(item) == {"sku_key", "images", "total", "attributes"}


def _all_of(products: Sequence[Product], orders: Sequence[Order]) -> list[Any]:
    return [
        *products,
        *(sku for product in products for sku in product.skus),
        *(product.details for product in products),
        *orders,
        *(item for order in orders for item in order.items),
    ]


@pytest.mark.parametrize("begun", _all_of(_products(), _orders()), ids=lambda it: type(it).__name__)
def test_every_field_can_be_read(begun: Any) -> None:
    for field in fields(begun):
        if field.init:
            getattr(begun, field.name)

    assert _unmade(begun) == set()


def test_what_cannot_be_made_fails_where_it_is_read_alone() -> None:
    (raw, *_) = answer("getbystatus", ProductsResponse).products_info or []
    product = product_from_wire(msgspec.structs.replace(raw, product_base=ILL), SHOP)

    assert product.title == "茶"
    assert len(product.skus) == 2
    assert _details(product).purchase_limit == 0
    for _ in range(2):
        with pytest.raises(ValueError, match="4300 digits"):
            _details(product).sku_attribute_query  # noqa: B018 - reading makes it


def test_an_order_that_was_closed_here_has_the_rest_of_the_one_that_was_read() -> None:
    order = _orders()[1]
    seen = shown(order, frozenset({order.platform_id}))

    assert seen is not order
    assert (seen.status, seen.after_sale_status) == (OrderStatus.CLOSED, None)
    assert (order.status, _unmade(order)) == (OrderStatus.IN_DISPUTE, _unmade(seen))
    assert seen.shipments == order.shipments
    assert seen.subtotal == order.subtotal
    assert seen.buyer_data == order.buyer_data
    assert seen.items is order.items
    assert seen.details == order.details
