"""A refund, return or exchange of an order."""

import msgspec

from gateway.store.documents.parts import PageLink


class AfterSaleItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is given back, and how much of it; `refund` is in fen."""

    platform_product_id: str
    quantity: int
    refund: int | None = None


class AfterSaleDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The whole after-sale as it was last pushed, or is to be pushed."""

    platform_id: str
    #: The platform's id of the order that it belongs to.
    order_platform_id: str
    #: An AfterSaleStatus.
    status: str
    #: The platform's own code of that status.
    platform_status: str
    #: An AfterSaleKind.
    kind: str
    #: In fen; an exchange has none.
    refund: int | None = None
    items: tuple[AfterSaleItem, ...] = ()
    created_at: int
    updated_at: int | None = None
    page: PageLink | None = None
