"""What of an order or a want-to-buy line the shopping list's form has no place for."""

from collections.abc import Iterator
from typing import Final

from gateway.ports import UnsentField
from gateway.store.documents import (
    OrderDocument,
    OrderItem,
    OrderPersonal,
    PageLink,
    ShipmentItem,
    ShippingAddress,
    WantedItemDocument,
)
from schema.order_status import OrderStatus

#: Links of a page that only other platforms open, by their fields in the inputs.
_OTHER_LINKS: Final = ("state", "name", "h5", "swan", "ios", "android")


def unsent_of_import(document: OrderDocument, personal: OrderPersonal) -> list[UnsentField]:
    """Of an order that is imported."""
    return list(_of_import(document, personal))


def unsent_of_update(document: OrderDocument, personal: OrderPersonal) -> list[UnsentField]:
    """Of an update, which sends the status, the parcels, the invoice and the page."""
    return list(_of_update(document, personal))


def unsent_of_wanted_item(document: WantedItemDocument) -> list[UnsentField]:
    """Of a line of a want-to-buy list."""
    given = (("quantity", document.quantity), ("addedAt", document.added_at))
    return [UnsentField((name,)) for name, value in given if value is not None]


def _of_import(document: OrderDocument, personal: OrderPersonal) -> Iterator[UnsentField]:
    for value, name in (
        (document.title, "title"),
        (document.kind, "kind"),
        (document.updated_at, "updatedAt"),
        (document.charges, "charges"),
        (document.review_page, "reviewPage"),
        (document.after_sale_status, "afterSaleStatus"),
    ):
        if value:
            yield UnsentField((name,))
    if document.discounts:
        message = "the platform takes the sum of the discounts only"
        yield UnsentField(("discounts",), message)
    for place, item in enumerate(document.items):
        if len(item.images) > 1:
            message = "the platform takes one image: the first was sent"
            yield UnsentField(("items", str(place), "images"), message)
        yield from _page(item.page, "items", str(place), "page")
    yield from _of_both(document, personal)


def _of_update(document: OrderDocument, personal: OrderPersonal) -> Iterator[UnsentField]:
    payment = document.payment
    if document.updated_at is not None:
        yield UnsentField(("updatedAt",))
    if payment is not None:
        yield UnsentField(("payment",), "the platform's update takes its reference only")
    if document.status != OrderStatus.SHIPPED.name and not document.shipments:
        message = "the platform's update takes it with the parcels only"
        if document.shipping_fee is not None:
            yield UnsentField(("shippingFee",), message)
        if personal.shipping_address is not None:
            yield UnsentField(("shippingAddress",), message)
    yield from _of_both(document, personal)


def _of_both(document: OrderDocument, personal: OrderPersonal) -> Iterator[UnsentField]:
    yield from _page(document.page, "page")
    if personal.invoice is not None:
        yield from _page(personal.invoice.page, "invoice", "page")
    for place, parcel in enumerate(document.shipments):
        yield from _page(parcel.page, "shipments", str(place), "page")
        for item_place, item in enumerate(parcel.items):
            ordered = (one.quantity for one in document.items if _is_of(item, one))
            if item.quantity is not None and item.quantity != sum(ordered):
                message = "the platform is told which goods a parcel holds, and not how many"
                path = ("shipments", str(place), "items", str(item_place), "quantity")
                yield UnsentField(path, message)
    address = personal.shipping_address or ShippingAddress()
    if address.mobile and address.phone:
        message = "the platform takes one number: the mobile phone's was sent"
        yield UnsentField(("shippingAddress", "phone"), message)


def _is_of(held: ShipmentItem, item: OrderItem) -> bool:
    goods = (held.platform_product_id, held.platform_sku_id)
    return goods == (item.platform_product_id, item.platform_sku_id)


def _page(link: PageLink | None, *path: str) -> Iterator[UnsentField]:
    if link is not None:
        for name in _OTHER_LINKS:
            if getattr(link, name):
                yield UnsentField((*path, name))
