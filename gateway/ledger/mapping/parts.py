"""The small values of the ledger's documents, as the public schema shows them."""

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import Enum
from typing import Final, TypeVar

from gateway.store.documents import Attribute, PageLink, PaymentLine
from schema import page_link as public
from schema.money import Money
from schema.order_details import PaymentLine as PublicPaymentLine
from schema.product_status import ProductStatus
from schema.sku import SkuAttribute

Member = TypeVar("Member", bound=Enum)

#: A SKU's writable status → its ProductStatus.
SKU_STATUS: Final = {
    "ON_SALE": ProductStatus.ON_SHELF,
    "OFF_SALE": ProductStatus.OFF_SHELF,
    "SOLD_OUT": ProductStatus.SOLD_OUT,
}


def member(name: str, otherwise: Member) -> Member:
    """The enum's member of that name; `otherwise` where this version knows none."""
    return type(otherwise).__members__.get(name, otherwise)


def moment(seconds: int | None) -> datetime | None:
    """Unix seconds as a time in UTC."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def money(fen: int | None) -> Money | None:
    """Fen as money; None stays None."""
    return None if fen is None else Money(fen=fen)


def page_link(link: PageLink | None) -> public.PageLink | None:
    """A page that a platform's app opens."""
    if link is None:
        return None
    state = link.state
    return public.PageLink(
        state=None if state is None else public.PageLinkState.__members__.get(state),
        name=link.name,
        h5=link.h5,
        swan=link.swan,
        ios=link.ios,
        android=link.android,
        mini_program_path=link.mini_program_path,
    )


def attributes(pairs: Iterable[Attribute]) -> list[SkuAttribute]:
    """Names and values that the merchant wrote, from no table of the platform."""
    return [
        SkuAttribute(known_name=pair.name, known_value=pair.value, custom=True) for pair in pairs
    ]


def payment_lines(lines: Iterable[PaymentLine]) -> list[PublicPaymentLine]:
    """Discounts or charges, in the order in which they were given."""
    return [
        PublicPaymentLine(name=line.name, amount=Money(fen=line.amount), quantity=line.quantity)
        for line in lines
    ]


def sum_of(lines: Iterable[PaymentLine]) -> int:
    """The sum of the lines, in fen."""
    return sum(line.amount * line.quantity for line in lines)
