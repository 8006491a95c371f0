"""Operator actions on dead letters and other failed pushes: retry or discard.

A push in the state DEAD is a dead letter: its retries ended without a delivery.
"""

from collections.abc import Collection
from typing import Final

from gateway.errors import GatewayError, LedgerUnreadable
from gateway.outbox.message import OrderPayload, read_order_payload, written
from gateway.outbox.supersession import SUPERSEDED_BY_RETRY
from gateway.store.documents import OrderPersonal
from gateway.store.engine import Transaction
from gateway.store.object_changes import NewObjectChange
from gateway.store.orders import StoredOrder
from gateway.store.outbox import ClaimedPush
from gateway.store.store import Store

_RETRYABLE: Final = frozenset({"PENDING", "REJECTED", "OUTCOME_UNKNOWN", "DEAD", "DISCARDED"})
_DISCARDABLE: Final = frozenset({"PENDING", "REJECTED", "OUTCOME_UNKNOWN", "DEAD"})


class NotRetryable(GatewayError):
    """The push can be neither retried nor discarded now; the message says why."""


class NoSuchPush(GatewayError):
    """No push has this id."""

    def __init__(self) -> None:
        super().__init__("There is no such push.")


async def retry_push(store: Store, transaction: Transaction, push_id: int) -> ClaimedPush:
    """Queues a failed push again, due at once: a dead letter, a refused one, an unknown outcome.

    The push of an order sends the order as it is now, so that it neither undoes later changes nor
    is followed by them.

    Raises:
        NoSuchPush | NotRetryable: it cannot be retried.
    """
    push = await _locked(store, transaction, push_id, _RETRYABLE, "retried")
    payload, personal = push.payload, push.personal
    carried: Collection[str] = ()
    if push.unreadable is not None and (push.order_id is None or push.operation == "ORDER_DELETE"):
        raise NotRetryable(f"Its personal data cannot be read: {push.unreadable.message}.")
    if push.operation == "ORDER_DELETE":
        await _refuse_if_changed_since(store, transaction, push)
    elif push.order_id is not None:
        carried = SUPERSEDED_BY_RETRY.get(push.operation, ())
        payload, personal = await _as_it_is_now(store, transaction, push, push.order_id)
        if personal is None or not personal.buyer_id:
            raise NotRetryable("The buyer of the order is unknown: set or link the buyer first.")
    await store.outbox.requeue(transaction, push, payload, personal)
    if carried:
        await store.outbox.supersede(transaction, push.line, push.id, carried)
    await _append_change(store, transaction, push, "PENDING")
    return push


async def discard_push(store: Store, transaction: Transaction, push_id: int) -> None:
    """Discards a failed or waiting push, such as a dead letter: it is never sent.

    Raises:
        NoSuchPush | NotRetryable: it has ended already, or is being sent.
    """
    push = await _locked(store, transaction, push_id, _DISCARDABLE, "discarded")
    await store.outbox.discard(transaction, push_id)
    await _append_change(store, transaction, push, "DISCARDED")


async def _append_change(
    store: Store, transaction: Transaction, push: ClaimedPush, state: str
) -> None:
    change = NewObjectChange(
        kind="Push",
        shop=push.shop,
        platform_id=str(push.id),
        order_id=push.order_id,
        status=state,
        previous_status=push.state,
        cause="MUTATION",
    )
    await store.object_changes.append(transaction, [change])


async def _locked(
    store: Store, transaction: Transaction, push_id: int, states: frozenset[str], done: str
) -> ClaimedPush:
    push = await store.outbox.lock(transaction, push_id)
    if push is None:
        raise NoSuchPush
    if push.state not in states:
        raise NotRetryable(f"The push is {push.state} and cannot be {done}.")
    if push.lease_until is not None and push.lease_until > transaction.now:
        raise NotRetryable("The push is being sent: try again in a moment.")
    return push


async def _refuse_if_changed_since(
    store: Store, transaction: Transaction, push: ClaimedPush
) -> None:
    name = push.order_id or ""
    order = (await store.orders.lock_many(transaction, push.shop, [name])).get(name)
    if order is not None and _is_of_another(push, order):
        # It was taken back from a wrong buyer, who must not keep it.
        return
    if order is not None and not order.deleted and order.version != push.version:
        raise NotRetryable("The order was changed since: deleting it would undo the change.")


def _is_of_another(push: ClaimedPush, order: StoredOrder) -> bool:
    if push.personal is None or isinstance(order.found, LedgerUnreadable):
        return False
    buyer = order.found.buyer_id if order.found else None
    return push.personal.buyer_id not in (None, buyer)


async def _as_it_is_now(
    store: Store, transaction: Transaction, push: ClaimedPush, order_id: str
) -> tuple[str, OrderPersonal | None]:
    order = (await store.orders.lock_many(transaction, push.shop, [order_id])).get(order_id)
    if order is None or order.deleted:
        raise NotRetryable("The order was deleted since: there is nothing to send.")
    subs = await store.after_sales.of_orders(push.shop, [order_id], within=transaction)
    former = read_order_payload(push.payload)
    payload = OrderPayload(
        order=order.document,
        after_sales=tuple(one.document for one in subs.get(order_id, ())),
        named=former.named,
        replaces=former.replaces,
    )
    try:
        return written(payload), order.personal
    except LedgerUnreadable as failure:
        message = f"Import the order again with overwrite: true: {failure.message}."
        raise NotRetryable(message) from failure
