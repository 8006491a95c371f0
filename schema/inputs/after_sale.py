"""Inputs of after-sales: to import, to update, and to decide on."""

import strawberry
from strawberry import UNSET

from schema.after_sale import AfterSaleKind, AfterSaleStep, WritableAfterSaleStatus
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


@public_input
class AfterSaleAcceptInput:
    """Accepts what a buyer asks for."""

    id: strawberry.ID = described("The after-sale's id.")
    step: AfterSaleStep | None = described(
        "Which step of a return it is; required for RETURN_AND_REFUND. Omit it for the others: a"
        " refund is paid at once.",
        default=None,
    )
    return_address_id: str | None = described(
        "Where the goods are returned to: a `platformId` of `returnAddresses`, of AGREE only."
        " Defaults to the default one.",
        default=None,
    )


@public_input
class AfterSaleRejectInput:
    """Rejects what a buyer asks for."""

    id: strawberry.ID = described("The after-sale's id.")
    reason_code: str = described("A `code` of `rejectReasons`.")
    text: str | None = described("What the buyer is told.", default=None)
    evidence: list[str] | None = described(
        "Pictures: the URLs of uploaded images, or the platform's media ids.", default=None
    )


@public_input
class AfterSaleNegotiateInput:
    """Asks the buyer to withdraw an after-sale, to prove it, or to agree to another one."""

    id: strawberry.ID = described("The after-sale's id.")
    kind: AfterSaleKind | None = described(
        "What the shop offers: REFUND_ONLY or RETURN_AND_REFUND; as requested if omitted.",
        default=None,
    )
    refund: MoneyInput | None = described(
        "The refund that the shop offers; as requested if omitted.", default=None
    )
    ask_for_proof: bool | None = described(
        "Asks the buyer for proof. Without it, `kind` and `refund` the buyer is asked to withdraw"
        " the after-sale.",
        default=None,
    )
    reason_code: str = described("The platform's code of the reason.")
    text: str = described("What the buyer is told.")
    evidence: list[str] | None = described(
        "Pictures: the URLs of uploaded images, or the platform's media ids.", default=None
    )
