"""The formula for an order's amount."""

from collections.abc import Iterable
from typing import Final

from gateway.ledger.mapping.parts import sum_of
from gateway.ledger.requirements import Requirements
from gateway.platforms.baidu.wire import base as wire
from gateway.store.documents import OrderDocument, PaymentLine

#: Name of the shipping charge, as in the manual's sample.
SHIPPING: Final = "运费"


def charges(document: OrderDocument) -> tuple[PaymentLine, ...]:
    """All charges, shipping first."""
    if document.shipping_fee is None:
        return document.charges
    return (PaymentLine(name=SHIPPING, amount=document.shipping_fee), *document.charges)


def payment_lines(lines: Iterable[PaymentLine]) -> tuple[wire.PaymentLine, ...]:
    """Discounts or charges as the order centre writes them."""
    return tuple(
        wire.PaymentLine(name=line.name, value=line.amount, quantity=line.quantity)
        for line in lines
    )


def expected_amount(document: OrderDocument) -> int:
    """Σ PayPrice × Quantity + Σ PaymentInfo − Σ PreferentialInfo, in fen."""
    items = sum(item.unit_price * item.quantity for item in document.items)
    return items + sum_of(charges(document)) - sum_of(document.discounts)


def check_amount(document: OrderDocument, needs: Requirements) -> None:
    """Record by how much the order's total is off."""
    expected = expected_amount(document)
    if document.total != expected:
        needs.wrong(
            f"it is {document.total} fen, but items, charges and shippingFee less discounts come"
            f" to {expected}: {document.total - expected:+d} fen",
            "total",
        )
