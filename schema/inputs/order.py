"""Orders to import, to change or to ship."""

import strawberry
from strawberry import UNSET

from schema.after_sale import WritableAfterSaleStatus
from schema.declare import described, public_input
from schema.inputs.after_sale import AfterSaleInput
from schema.inputs.money import MoneyInput
from schema.inputs.order_parts import (
    InvoiceInput,
    OrderItemInput,
    PaymentInput,
    PaymentLineInput,
    ShipmentInput,
    ShippingAddressInput,
)
from schema.inputs.page_link import PageLinkInput
from schema.order_details import BaiduOrderKind
from schema.order_status import WritableOrderStatus
from schema.scalars import DateTime


@public_input
class OrderShipInput:
    """Either a carrier the platform knows, or the name of another one, or needsDelivery: false."""

    id: strawberry.ID = described("The order.")
    carrier: str | None = described(
        "The code of a carrier that the platform knows; see `carriers`.", default=None
    )
    other_carrier: str | None = described(
        "The name of a carrier that the platform does not know.", default=None
    )
    tracking_number: str | None = described(
        "The waybill number; needed with a carrier.", default=None
    )
    needs_delivery: bool | None = described(
        "False where nothing is sent: then no carrier and no waybill number is given.", default=None
    )


@public_input
class OrderImportInput:
    """An order for a platform that keeps its own copy.

    Baidu wants `title` and `kind`; `updatedAt` is now where left out; `shippingFee` goes to it as
    the charge 运费, so it is not repeated in `charges`; `total` must equal Σ unitPrice × quantity
    + Σ charges + shippingFee − Σ discounts, else INVALID. The shopping list wants each item's
    `categoryPath` and `page.miniProgramPath`, an order `page`, `shippingFee`, and for SHIPPED the
    `shipments` with their items; it takes AWAITING_SHIPMENT, SHIPPED, REFUNDED, COMPLETED here, and
    SHIPPED, REFUNDED, CLOSED, COMPLETED on update.
    """

    shop: str = described("The key of the shop that shows it.")
    open_id: str | None = described(
        "The buyer's open id in that shop's app; required.", default=None
    )
    overwrite: bool | None = described(
        "Replace what the platform has, after-sales included.", default=None
    )
    adopt: bool | None = described(
        "The platform has it already: record it without sending.", default=None
    )
    history: bool | None = described(
        "Part of the back-fill of past orders (the shopping list's is_history).", default=None
    )
    platform_id: str = described("The order's own id, unique in the shop.")
    title: str | None = described("What the order is called; Baidu shows it.", default=None)
    kind: BaiduOrderKind | None = described(
        "Whether its goods are sent; Baidu wants it.", default=None
    )
    remark: str | None = described("What the buyer wrote.", default=None)
    status: WritableOrderStatus = described("Where it stands.")
    created_at: DateTime = described("When it was made.")
    updated_at: DateTime | None = described(
        "When it last changed; now where left out.", default=None
    )
    items: list[OrderItemInput] = described("What was ordered: one item at least.")
    total: MoneyInput = described("What the buyer pays.")
    shipping_fee: MoneyInput | None = described("What delivery costs the buyer.", default=None)
    discounts: list[PaymentLineInput] | None = described("What is taken off.", default=None)
    charges: list[PaymentLineInput] | None = described(
        "What is added, besides the shipping fee.", default=None
    )
    payment: PaymentInput | None = described("How it is paid.", default=None)
    shipping_address: ShippingAddressInput | None = described(
        "Where it goes. Baidu has no place for it: the gateway keeps it.", default=None
    )
    shipments: list[ShipmentInput] | None = described(
        "Its parcels. Baidu has no place for them: the gateway keeps them.", default=None
    )
    invoice: InvoiceInput | None = described("Whom the invoice is made out to.", default=None)
    brand_phone: str | None = described(
        "The merchant's phone; the shop's service_phone where left out.", default=None
    )
    contact_page: str | None = described(
        "The Mini Program page behind the contact button; the shop's contact_page where left out.",
        default=None,
    )
    page: PageLinkInput | None = described("The page that shows the order.", default=None)
    review_page: PageLinkInput | None = described("The page where it is reviewed.", default=None)
    after_sales: list[AfterSaleInput] | None = described(
        "Its refunds, returns and exchanges; with `overwrite`, those that the gateway has go "
        "along where left out. Baidu only.",
        default=None,
    )
    after_sale_status: WritableAfterSaleStatus | None = described(
        "Where its after-sales stand together; where left out: the status of the newest that is"
        " still open, else of the newest.",
        default=None,
    )


@public_input
class OrderUpdateInput:
    """What changes of an order: only what is given.

    The shopping list's call for it has room for status, payment, shipping, invoice and page alone.
    """

    id: strawberry.ID = described("The order.")
    open_id: str | None = described(
        "The buyer's open id, where the gateway does not have it any more.", default=UNSET
    )
    title: str | None = described("What the order is called.", default=UNSET)
    kind: BaiduOrderKind | None = described("Whether its goods are sent.", default=UNSET)
    remark: str | None = described("What the buyer wrote.", default=UNSET)
    status: WritableOrderStatus | None = described("Where it stands.", default=UNSET)
    updated_at: DateTime | None = described("When it changed; now where left out.", default=UNSET)
    items: list[OrderItemInput] | None = described("What was ordered: all of it.", default=UNSET)
    total: MoneyInput | None = described("What the buyer pays.", default=UNSET)
    shipping_fee: MoneyInput | None = described("What delivery costs the buyer.", default=UNSET)
    discounts: list[PaymentLineInput] | None = described(
        "What is taken off: all of it.", default=UNSET
    )
    charges: list[PaymentLineInput] | None = described(
        "What is added, besides the shipping fee: all of it.", default=UNSET
    )
    payment: PaymentInput | None = described("How it is paid.", default=UNSET)
    shipping_address: ShippingAddressInput | None = described("Where it goes.", default=UNSET)
    shipments: list[ShipmentInput] | None = described("Its parcels: all of them.", default=UNSET)
    invoice: InvoiceInput | None = described("Whom the invoice is made out to.", default=UNSET)
    page: PageLinkInput | None = described("The page that shows the order.", default=UNSET)
    review_page: PageLinkInput | None = described("The page where it is reviewed.", default=UNSET)


@public_input
class OrderStatusInput:
    """Where an order stands now."""

    id: strawberry.ID = described("The order.")
    open_id: str | None = described(
        "The buyer's open id, where the gateway does not have it any more.", default=None
    )
    status: WritableOrderStatus = described("Where it stands.")


@public_input
class BuyerLinkInput:
    """One buyer in two shops."""

    open_id: str = described("The buyer's open id in the shop that has the orders.")
    to_open_id: str = described("The same buyer's open id in the other shop.")
