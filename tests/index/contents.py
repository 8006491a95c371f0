"""What the index has, and what the platforms have, in the same form."""

from typing import Any, NamedTuple

from gateway.ports import (
    KeptDocument,
    OrderQuery,
    Position,
    ProductQuery,
    ReadOptions,
    order_position,
)
from gateway.runtime import RuntimeResources
from gateway.runtime.resources import IndexResources
from gateway.store.index_pages import IndexPlace
from gateway.store.indexed_after_sales import AfterSalePlace, AfterSaleQuestion
from gateway.store.indexed_products import ProductQuestion
from gateway.store.order_questions import OrderQuestion
from schema.order import Order

FRESH = ReadOptions(fresh=True, strict=True)


class Shown(NamedTuple):
    """An order as both tell it."""

    part: str
    created_at: int
    status: str
    total: int
    buyer: str | None
    phone: str | None
    raw: Any


def shown(order: Order) -> Shown:
    """An order that was read, or mapped from the index."""
    buyer, address = order.buyer_data, order.shipping_address_data
    raw = None if order.raw_source is None else dict(order.raw_source())
    if raw is not None:
        # The manual's answer about one order has it (6.2), that about many has not (6.3).
        raw.pop("receiver_zone", None)
    return Shown(
        order.key.part,
        order_position(order).at,
        order.status.name,
        order.total.fen,
        None if buyer is None else buyer.open_id,
        None if address is None else address.mobile,
        raw,
    )


def index_of(parts: RuntimeResources) -> IndexResources:
    """The index, which is on."""
    assert parts.index is not None
    return parts.index


async def indexed(parts: RuntimeResources, shop: str) -> dict[str, Shown]:
    """The orders of a shop whose documents the index has, newest first."""
    port = parts.adapters[shop].index_orders
    assert port is not None
    after: IndexPlace | None = None
    found: dict[str, Shown] = {}
    while True:
        question = OrderQuestion(shops=[shop])
        page = await parts.store.indexed_orders.page(shop, question, after, 50)
        for one in page.items:
            if one.document is not None:
                assert not isinstance(one.personal, Exception)
                kept = KeptDocument(one.platform_id, one.document, one.part, one.personal)
                found[one.platform_id] = shown(port.order(kept))
        if not page.more:
            return found
        after = page.items[-1].place


async def indexed_ids(parts: RuntimeResources, shop: str) -> set[str]:
    """The ids of all orders of a shop that are in the index."""
    question = OrderQuestion(shops=[shop])
    page = await parts.store.indexed_orders.page(shop, question, None, 1_000)
    return {one.platform_id for one in page.items}


async def indexed_after_sales(parts: RuntimeResources, shop: str) -> set[str]:
    """The ids of the orders of a shop that have an after-sale in the index."""
    after: AfterSalePlace | None = None
    page = await parts.store.indexed_after_sales.page(shop, AfterSaleQuestion(), after, 1_000)
    return {one.place.order_platform_id for one in page.items}


async def platform_orders(parts: RuntimeResources, shop: str) -> dict[str, Shown]:
    """The orders of a shop as its platform tells them now, newest first."""
    port = index_of(parts).adapters[shop].orders
    assert port is not None
    after: Position | None = None
    found: dict[str, Shown] = {}
    while True:
        page = await port.page(OrderQuery(), after, 50, FRESH)
        found |= {one.platform_id: shown(one) for one in page.items if one.raw_source}
        if not page.more:
            return found
        after = order_position(page.items[-1])


async def indexed_products(parts: RuntimeResources, shop: str) -> dict[str, tuple[str, Any]]:
    """Status and document of the products of a shop that the index has."""
    port = parts.adapters[shop].index_products
    assert port is not None
    page = await parts.store.indexed_products.page(shop, ProductQuestion(), None, 1_000)
    found = {}
    for one in page.items:
        assert one.document is not None
        product = port.product(KeptDocument(one.place.platform_id, one.document))
        assert product.known_status is not None
        assert product.raw_source is not None
        found[product.platform_id] = (product.known_status.name, product.raw_source())
    return found


async def platform_products(parts: RuntimeResources, shop: str) -> dict[str, tuple[str, Any]]:
    """Status and document of the products of a shop as its platform tells them now."""
    port = index_of(parts).adapters[shop].products
    assert port is not None
    page = await port.page(ProductQuery(), None, 1_000, FRESH)
    found = {}
    for product in page.items:
        assert product.known_status is not None
        assert product.raw_source is not None
        found[product.platform_id] = (product.known_status.name, product.raw_source())
    return found
