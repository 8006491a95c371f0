"""Reads after-sale inputs into the ledger's documents."""

from collections.abc import Sequence

from gateway.services.writing.input_reader import InputReader, page, payment_lines
from gateway.store.documents import AfterSaleDocument, AfterSaleItem, AfterSalePayment
from schema.inputs.after_sale import AfterSaleInput, AfterSaleItemInput
from schema.inputs.payment import AfterSaleItemPaymentInput


def new_after_sales(
    reader: InputReader, given: Sequence[AfterSaleInput], order_id: str
) -> tuple[AfterSaleDocument, ...]:
    """After-sales to add to an order; the reader collects what is invalid."""
    names = [one.platform_id for one in given]
    reader.each_once(names, "afterSales", field="platformId")
    return tuple(
        _after_sale(reader, one, order_id, "afterSales", place) for place, one in enumerate(given)
    )


def _after_sale(
    reader: InputReader, given: AfterSaleInput, order_id: str, *path: str | int
) -> AfterSaleDocument:
    """One after-sale; the platform's code of its status is filled in later."""
    return AfterSaleDocument(
        platform_id=reader.id(given.platform_id, *path, "platformId"),
        order_platform_id=order_id,
        status=given.status.name,
        platform_status="",
        kind=given.kind.name,
        refund=reader.perhaps_money(given.refund, *path, "refund"),
        items=after_sale_items(reader, given.items or (), *path, "items"),
        created_at=reader.second(given.created_at, *path, "createdAt"),
        updated_at=reader.perhaps_second(given.updated_at, *path, "updatedAt"),
        page=page(given.page),
    )


def after_sale_items(
    reader: InputReader, given: Sequence[AfterSaleItemInput], *path: str | int
) -> tuple[AfterSaleItem, ...]:
    """The goods that an after-sale is about."""
    return tuple(
        AfterSaleItem(
            platform_product_id=reader.id(
                item.platform_product_id, *path, place, "platformProductId"
            ),
            quantity=reader.count(item.quantity, *path, place, "quantity"),
            refund=reader.money(item.refund, *path, place, "refund"),
            payment=_payment(reader, item.payment, *path, place, "payment"),
        )
        for place, item in enumerate(given)
    )


def _payment(
    reader: InputReader, given: AfterSaleItemPaymentInput | None, *path: str | int
) -> AfterSalePayment | None:
    if given is None:
        return None
    return AfterSalePayment(
        amount=reader.money(given.amount, *path, "amount"),
        method=given.method.name if given.method else None,
        paid=given.paid is not False,
        paid_at=reader.perhaps_second(given.paid_at, *path, "paidAt"),
        discounts=payment_lines(reader, given.discounts, *path, "discounts"),
        charges=payment_lines(reader, given.charges, *path, "charges"),
    )
