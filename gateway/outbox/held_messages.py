"""Releases held messages: pushes that waited for the buyer of their order to be known."""

from gateway.errors import LedgerUnreadable
from gateway.outbox.message import OrderPayload, written
from gateway.store.documents import OrderPersonal
from gateway.store.engine import Transaction
from gateway.store.outbox import ClaimedPush, QueueKey
from gateway.store.store import Store


async def release_held(
    store: Store, transaction: Transaction, shop: str, platform_id: str, open_id: str
) -> list[ClaimedPush]:
    """Releases the held pushes of an order: due at once, with the order as it is now and its buyer.

    Empty where the order has a buyer already, or was deleted.
    """
    order = (await store.orders.lock_many(transaction, shop, [platform_id])).get(platform_id)
    if order is None or order.deleted or isinstance(order.found, LedgerUnreadable):
        return []
    if order.personal and order.personal.buyer_id:
        return []
    personal = (order.personal or OrderPersonal()).with_open_id(open_id)
    await store.orders.put(transaction, shop, order.document, personal)
    subs = await store.after_sales.of_orders(shop, [platform_id], within=transaction)
    after_sales = tuple(one.document for one in subs.get(platform_id, ()))
    payload = OrderPayload(order=order.document, after_sales=after_sales)
    waiting = await store.outbox.waiting(transaction, QueueKey(shop, f"order/{platform_id}"))
    for push in waiting:
        await store.outbox.requeue(transaction, push, written(payload), personal)
    return waiting
