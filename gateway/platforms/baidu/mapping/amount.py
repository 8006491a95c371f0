"""The formula for an order's amount."""

from collections.abc import Iterable
from typing import Final

from gateway.ledger.mapping.totals import check_total, expected_total
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
    return expected_total(document, _items(document))


def check_amount(document: OrderDocument, needs: Requirements) -> None:
    """Record by how much the order's total is off."""
    check_total(document, _items(document), needs)


def _items(document: OrderDocument) -> int:
    return sum(item.unit_price * item.quantity for item in document.items)
