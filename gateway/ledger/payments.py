"""Payments of orders as their platform keeps them, and what they tell of orders of the ledger."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from msgspec.structs import replace

from gateway.store.documents import OrderDocument, OrderPersonal, PaymentKeys
from schema.order_status import OrderStatus

#: Statuses that a payment does not change: the order is over, or taken out of sight.
_FINAL: Final = frozenset(
    {OrderStatus.REFUNDED.name, OrderStatus.CLOSED.name, OrderStatus.HIDDEN.name}
)
#: How far an order is; of other statuses a payment knows more.
_RANK: Final = {
    OrderStatus.AWAITING_SHIPMENT.name: 1,
    OrderStatus.PARTIALLY_SHIPPED.name: 2,
    OrderStatus.SHIPPED.name: 3,
    OrderStatus.COMPLETED.name: 4,
    OrderStatus.REFUNDED.name: 5,
}
_DISPUTE: Final = OrderStatus.IN_DISPUTE.name


class PaidOrder(NamedTuple):
    """A payment as an order of its own, whose id is that of the transaction."""

    document: OrderDocument
    personal: OrderPersonal


def is_of_payment(document: OrderDocument) -> bool:
    """Whether the order is known by its payment alone: it has the transaction's id."""
    payment = document.payment
    return payment is not None and payment.reference == document.platform_id


def by_payment(documents: Iterable[OrderDocument]) -> dict[str | tuple[str, str], OrderDocument]:
    """Orders by both keys of their payments, without those that are known by these alone."""
    found: dict[str | tuple[str, str], OrderDocument] = {}
    for document in documents:
        if not is_of_payment(document):
            for key in PaymentKeys.of(document.payment):
                if key:
                    found.setdefault(key, document)
    return found


def with_payment(document: OrderDocument, paid: OrderDocument, now: int) -> OrderDocument:
    """An order with what its payment tells: when it was paid and how far it is, never its lines.

    Unchanged, and the same object, if the payment tells nothing new; `now` in unix seconds.
    """
    told, known = paid.payment, document.payment
    if told is None:
        return document
    payment = replace(
        known or told,
        paid=True,
        paid_at=(known.paid_at if known else None) or told.paid_at,
        reference=(known.reference if known else None) or told.reference,
    )
    status = _status(document.status, paid.status)
    changed = replace(document, payment=payment, status=status)
    if is_of_payment(document):
        shipments = document.shipments or paid.shipments
        changed = replace(changed, shipments=shipments, platform_status=paid.platform_status)
    elif status != document.status:
        changed = replace(changed, platform_status=paid.platform_status)
    return document if changed == document else replace(changed, updated_at=now)


def _status(known: str, told: str) -> str:
    """The status of an order that the ledger and the platform know."""
    if known in _FINAL:
        return known
    if _DISPUTE in {told, known}:
        return told
    return told if _RANK.get(told, 0) > _RANK.get(known, 0) else known
