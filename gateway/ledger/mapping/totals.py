"""The formula of an order's total, so that no platform is told one that its lines contradict."""

from gateway.ledger.mapping.parts import sum_of
from gateway.ledger.requirements import Requirements
from gateway.store.documents import OrderDocument


def expected_total(document: OrderDocument, lines: int) -> int:
    """What its lines, of so many fen, charges and shipping fee less discounts come to, in fen."""
    fee = document.shipping_fee or 0
    return lines + sum_of(document.charges) + fee - sum_of(document.discounts)


def check_total(document: OrderDocument, lines: int, needs: Requirements) -> None:
    """Record by how much the order's total is off; its lines come to `lines` fen."""
    expected = expected_total(document, lines)
    if document.total != expected:
        needs.wrong(
            f"it is {document.total} fen, but items, charges and shippingFee less discounts come"
            f" to {expected}: {document.total - expected:+d} fen",
            "total",
        )
