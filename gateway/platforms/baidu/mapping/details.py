"""Baidu-specific details of orders and products, from the ledger."""

from gateway.ledger.mapping.parts import member, moment, page_link, payment_lines
from gateway.store.documents import FoundPersonal, OrderDocument, ProductDocument
from schema.money import Money
from schema.order_details import BaiduOrderDetails, BaiduOrderKind, BaiduPayment
from schema.order_status import PaymentMethod
from schema.product_details import BaiduProductDetails


def order_details(document: OrderDocument, _found: FoundPersonal) -> BaiduOrderDetails:
    """An order of the order centre; its kind defaults to physical."""
    return BaiduOrderDetails(
        title=document.title or "",
        kind=member(document.kind or "", BaiduOrderKind.PHYSICAL),
        payment=_payment(document),
        page=page_link(document.page),
        review_page=page_link(document.review_page),
    )


def _payment(document: OrderDocument) -> BaiduPayment:
    payment = document.payment
    return BaiduPayment(
        method=member(payment.method if payment else "", PaymentMethod.UNKNOWN),
        amount=Money(fen=document.total),
        paid=payment.paid if payment else False,
        paid_at=moment(payment.paid_at) if payment else None,
        discounts=payment_lines(document.discounts),
        charges=payment_lines(document.charges),
    )


def product_details(document: ProductDocument) -> BaiduProductDetails:
    """A product as shown in orders."""
    return BaiduProductDetails(page=page_link(document.page))
