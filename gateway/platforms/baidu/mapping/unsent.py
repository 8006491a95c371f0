"""What of an order the order centre's form has no place for."""

from collections.abc import Iterator, Sequence

from gateway.ports import UnsentField
from gateway.store.documents import AfterSaleDocument, OrderDocument, OrderPersonal, PageLink


def unsent_of_order(
    document: OrderDocument, personal: OrderPersonal | None, *, imported: bool, with_parcels: bool
) -> list[UnsentField]:
    """Of an import, or of an update, which cannot give the payment's reference either.

    `with_parcels`: its parcels are sent.
    """
    found = list(_unsent(document, personal or OrderPersonal(), imported=imported))
    if document.shipments and not with_parcels:
        found.append(UnsentField(("shipments",)))
    return found


def unsent_of_after_sales(after_sales: Sequence[AfterSaleDocument]) -> list[UnsentField]:
    """Of the after-sales that a call appends or replaces, by their places in it."""
    return [
        one
        for place, after_sale in enumerate(after_sales)
        for one in _page(after_sale.page, "afterSales", str(place), "page")
    ]


def _unsent(
    document: OrderDocument, personal: OrderPersonal, *, imported: bool
) -> Iterator[UnsentField]:
    payment = document.payment
    reference = payment.reference if payment else None
    for value, path in (
        (personal.remark, ("remark",)),
        (personal.shipping_address, ("shippingAddress",)),
        (personal.invoice, ("invoice",)),
        (document.brand_phone, ("brandPhone",)),
        (document.contact_page, ("contactPage",)),
        (document.history, ("history",)),
        (None if imported else reference, ("payment", "reference")),
        (payment and payment.merchant_id, ("payment", "merchantId")),
        (payment and payment.merchant_trade_number, ("payment", "merchantTradeNumber")),
    ):
        if value:
            yield UnsentField(path)
    yield from _page(document.page, "page")
    yield from _page(document.review_page, "reviewPage")
    for place, item in enumerate(document.items):
        at = ("items", str(place))
        if item.platform_sku_id:
            yield UnsentField((*at, "platformSkuId"))
        if item.total is not None and item.total != item.unit_price * item.quantity:
            message = "the platform has no total of a line: it is told unitPrice × quantity"
            yield UnsentField((*at, "total"), message)
        if item.category_path:
            yield UnsentField((*at, "categoryPath"))
        yield from _page(item.page, *at, "page")


def _page(link: PageLink | None, *path: str) -> Iterator[UnsentField]:
    if link is not None and link.mini_program_path:
        yield UnsentField((*path, "miniProgramPath"))
