"""After-sales to import or to change."""

import strawberry
from strawberry import UNSET

from schema.after_sale import AfterSaleKind, WritableAfterSaleStatus
from schema.declare import described, public_input
from schema.money import MoneyInput
from schema.page_link import PageLinkInput
from schema.scalars import DateTime


@public_input
class AfterSaleItemInput:
    """Goods that an after-sale is about."""

    platform_product_id: str = described("The product's own id.")
    quantity: int = described("How many.")
    refund: MoneyInput = described("What is paid back for these goods.")


@public_input
class AfterSaleInput:
    """A refund, return or exchange of an order."""

    platform_id: str = described("Its own id, unique within its order.")
    status: WritableAfterSaleStatus = described("Where it stands.")
    kind: AfterSaleKind = described("What the buyer gets.")
    refund: MoneyInput | None = described(
        "What is paid back in all; an exchange has none.", default=None
    )
    items: list[AfterSaleItemInput] | None = described("The goods that it is about.", default=None)
    created_at: DateTime = described("When it was asked for.")
    updated_at: DateTime | None = described("When it last changed.", default=None)
    page: PageLinkInput | None = described("The page that shows it.", default=None)


@public_input
class AfterSaleImportInput:
    """After-sales to add to an order."""

    order_id: strawberry.ID = described("The order.")
    open_id: str | None = described(
        "The buyer's open id, where the gateway does not have it any more.", default=None
    )
    after_sales: list[AfterSaleInput] = described("The after-sales to add.")
    order_after_sale_status: WritableAfterSaleStatus | None = described(
        "Where the order's after-sales stand together; where left out: the status of the "
        "newest that is still open, else of the newest.",
        default=None,
    )


@public_input
class AfterSaleUpdateInput:
    """What changes of an after-sale: only what is given."""

    id: strawberry.ID = described("The after-sale.")
    open_id: str | None = described(
        "The buyer's open id, where the gateway does not have it any more.", default=UNSET
    )
    status: WritableAfterSaleStatus | None = described("Where it stands.", default=UNSET)
    kind: AfterSaleKind | None = described("What the buyer gets.", default=UNSET)
    refund: MoneyInput | None = described("What is paid back.", default=UNSET)
    items: list[AfterSaleItemInput] | None = described(
        "The goods that it is about: all of them.", default=UNSET
    )
    updated_at: DateTime | None = described("When it changed; now where left out.", default=UNSET)
    page: PageLinkInput | None = described("The page that shows it.", default=UNSET)


@public_input
class AfterSaleStatusInput:
    """Where an after-sale stands now."""

    id: strawberry.ID = described("The after-sale.")
    open_id: str | None = described(
        "The buyer's open id, where the gateway does not have it any more.", default=None
    )
    status: WritableAfterSaleStatus = described("Where it stands.")
    order_after_sale_status: WritableAfterSaleStatus | None = described(
        "Where the order's after-sales stand together; where left out: the status of the "
        "newest that is still open, else of the newest.",
        default=None,
    )
