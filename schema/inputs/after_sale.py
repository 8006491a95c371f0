"""Inputs of after-sales: to import and to update."""

import strawberry
from strawberry import UNSET

from schema.after_sale import AfterSaleKind, WritableAfterSaleStatus
from schema.declare import described, public_input
from schema.inputs.payment import AfterSaleItemPaymentInput
from schema.money import MoneyInput
from schema.page_link import PageLinkInput
from schema.scalars import DateTime


@public_input
class AfterSaleItemInput:
    """A product in an after-sale."""

    platform_product_id: str = described("The product's own id in the shop.")
    quantity: int = described("The number of units.")
    refund: MoneyInput = described("The refund for this product.")
    payment: AfterSaleItemPaymentInput | None = described(
        "What was paid for it. Baidu takes one payment for an after-sale: give it for one product.",
        default=None,
    )


@public_input
class AfterSaleInput:
    """An after-sale to import: a refund, return or exchange."""

    platform_id: str = described("The after-sale's own id, unique within its order.")
    status: WritableAfterSaleStatus = described("The status.")
    kind: AfterSaleKind = described("What the buyer receives.")
    refund: MoneyInput | None = described(
        "The total refund; omit it for an exchange.", default=None
    )
    items: list[AfterSaleItemInput] | None = described("The products concerned.", default=None)
    created_at: DateTime = described("When the buyer requested it.")
    updated_at: DateTime | None = described("When it was last updated.", default=None)
    page: PageLinkInput | None = described("The page that shows it.", default=None)


@public_input
class AfterSaleImportInput:
    """After-sales to add to an order."""

    order_id: strawberry.ID = described("The order's id.")
    open_id: str | None = described(
        "The buyer's open id, which replaces the stored one or a swan id; required only if the"
        " gateway no longer has either.",
        default=None,
    )
    after_sales: list[AfterSaleInput] = described("The after-sales to add.")
    order_after_sale_status: WritableAfterSaleStatus | None = described(
        "The overall after-sale status of the order. Defaults to the status of the"
        " newest open after-sale, or of the newest if none is open.",
        default=None,
    )


@public_input
class AfterSaleUpdateInput:
    """Changes to an after-sale; omitted fields stay unchanged."""

    id: strawberry.ID = described("The after-sale's id.")
    open_id: str | None = described(
        "The buyer's open id, which replaces the stored one or a swan id; required only if the"
        " gateway no longer has either.",
        default=UNSET,
    )
    status: WritableAfterSaleStatus | None = described("The status.", default=UNSET)
    kind: AfterSaleKind | None = described("What the buyer receives.", default=UNSET)
    refund: MoneyInput | None = described("The total refund.", default=UNSET)
    items: list[AfterSaleItemInput] | None = described(
        "All products concerned; replaces the existing ones.", default=UNSET
    )
    created_at: DateTime | None = described(
        "When the buyer requested it, to correct it.", default=UNSET
    )
    updated_at: DateTime | None = described(
        "When it was last updated; defaults to now.", default=UNSET
    )
    page: PageLinkInput | None = described("The page that shows it.", default=UNSET)


@public_input
class AfterSaleStatusInput:
    """A new status of an after-sale."""

    id: strawberry.ID = described("The after-sale's id.")
    open_id: str | None = described(
        "The buyer's open id, which replaces the stored one or a swan id; required only if the"
        " gateway no longer has either.",
        default=None,
    )
    status: WritableAfterSaleStatus = described("The status.")
    order_after_sale_status: WritableAfterSaleStatus | None = described(
        "The overall after-sale status of the order. Defaults to the status of the"
        " newest open after-sale, or of the newest if none is open.",
        default=None,
    )
