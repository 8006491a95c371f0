"""Fills the ledger with what the sandbox's platforms hold from the start."""

from itertools import groupby
from operator import attrgetter
from typing import Final

from gateway.demo import order_centre, shopping_list
from gateway.ledger.seen_products import products_seen
from gateway.sandbox.seed import SeedShop
from gateway.store.documents import ProductDocument
from gateway.store.engine import Transaction
from gateway.store.orders import OrderQuery
from gateway.store.partner_orders import PartnerOrder
from gateway.store.products import ProductEntry
from gateway.store.store import Store

_EVERY_ORDER: Final = OrderQuery()


async def seed_ledger(store: Store, sample: SeedShop, *, mini: str, swan: str) -> bool:
    """Bring the sample shop into an empty ledger; `mini` and `swan` are the shops' keys.

    All in one transaction, so that the ledger has either everything or nothing of it.

    Returns:
        Whether anything was written: a ledger that has orders of these shops is left alone.
    """
    if await store.orders.count(mini, _EVERY_ORDER) or await store.orders.count(swan, _EVERY_ORDER):
        return False
    async with store.transaction() as transaction:
        await _fill_mini(store, transaction, mini, sample)
        await _fill_swan(store, transaction, swan, sample)
    return True


async def _fill_mini(store: Store, transaction: Transaction, shop: str, sample: SeedShop) -> None:
    orders = [shopping_list.order_of(order) for order in sample.mini_orders]
    documents = [document for document, _ in orders]
    synced = [shopping_list.product_of(wire, sample.now) for wire in sample.synced_products]
    await store.orders.put_many(transaction, shop, orders)
    # The synced ones come last, and are of now: they tell more than an order does.
    await store.products.put_many(transaction, shop, products_seen(documents))
    await store.products.put_many(
        transaction, shop, [_entry(known, sample.now) for known in synced]
    )
    by_buyer = attrgetter("open_id")
    for open_id, lines in groupby(sorted(sample.wanted_items, key=by_buyer), by_buyer):
        wanted = [shopping_list.wanted_of(line) for line in lines]
        await store.wanted_items.put_many(transaction, shop, open_id, wanted)
    await store.shops.set_cart_path(transaction, shop, sample.cart_path)
    for order in sample.partner_orders:
        announced = PartnerOrder(shop, order.shop_appid, order.order_id, order.event_time)
        await store.partner_orders.announce(transaction, announced)


async def _fill_swan(store: Store, transaction: Transaction, shop: str, sample: SeedShop) -> None:
    orders = [order_centre.order_of(order) for order in sample.baidu_orders]
    after_sales = [
        after_sale
        for order in sample.baidu_orders
        for after_sale in order_centre.after_sales_of(order)
    ]
    await store.orders.put_many(transaction, shop, orders)
    await store.after_sales.put_many(transaction, shop, after_sales)
    seen = products_seen(document for document, _ in orders)
    await store.products.put_many(transaction, shop, seen)


def _entry(document: ProductDocument, now: int) -> ProductEntry:
    on_sale = any(sku.status == "ON_SALE" for sku in document.skus)
    return ProductEntry(document, "ON_SHELF" if on_sale else "OFF_SHELF", now)
