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

    id: strawberry.ID = described("")
    carrier: str | None = described("", default=None)
    other_carrier: str | None = described("", default=None)
    tracking_number: str | None = described("", default=None)
    needs_delivery: bool | None = described("", default=None)


@public_input
class OrderImportInput:
    """An order for a platform that keeps its own copy. Baidu wants `title` and `kind`; `updatedAt` is now where left out; `shippingFee` goes to it as the charge 运费, so it is not repeated in `charges`; `total` must equal Σ unitPrice × quantity + Σ charges + shippingFee − Σ discounts, else INVALID. The shopping list wants each item's `categoryPath` and `page.miniProgramPath`, an order `page`, `shippingFee`, and for SHIPPED the `shipments` with their items; it takes AWAITING_SHIPMENT, SHIPPED, REFUNDED, COMPLETED here, and SHIPPED, REFUNDED, CLOSED, COMPLETED on update."""

    shop: str = described("")
    open_id: str = described("")
    overwrite: bool | None = described(
        "Replace what the platform has, after-sales included.", default=None
    )
    adopt: bool | None = described(
        "The platform has it already: record it without sending.", default=None
    )
    history: bool | None = described(
        "Part of the back-fill of past orders (the shopping list's is_history).", default=None
    )
    platform_id: str = described("")
    title: str | None = described("", default=None)
    kind: BaiduOrderKind | None = described("", default=None)
    remark: str | None = described("", default=None)
    status: WritableOrderStatus = described("")
    created_at: DateTime = described("")
    updated_at: DateTime | None = described("", default=None)
    items: list[OrderItemInput] = described("")
    total: MoneyInput = described("")
    shipping_fee: MoneyInput | None = described("", default=None)
    discounts: list[PaymentLineInput] | None = described("", default=None)
    charges: list[PaymentLineInput] | None = described("", default=None)
    payment: PaymentInput | None = described("", default=None)
    shipping_address: ShippingAddressInput | None = described("", default=None)
    shipments: list[ShipmentInput] | None = described("", default=None)
    invoice: InvoiceInput | None = described("", default=None)
    brand_phone: str | None = described("", default=None)
    contact_page: str | None = described("", default=None)
    page: PageLinkInput | None = described("", default=None)
    review_page: PageLinkInput | None = described("", default=None)
    after_sales: list[AfterSaleInput] | None = described("", default=None)
    after_sale_status: WritableAfterSaleStatus | None = described(
        "Where left out: the status of the newest after-sale that is still open, else of the newest.",
        default=None,
    )


@public_input
class OrderUpdateInput:
    """OrderUpdateInput."""

    id: strawberry.ID = described("")
    open_id: str | None = described("", default=UNSET)
    title: str | None = described("", default=UNSET)
    kind: BaiduOrderKind | None = described("", default=UNSET)
    remark: str | None = described("", default=UNSET)
    status: WritableOrderStatus | None = described("", default=UNSET)
    updated_at: DateTime | None = described("", default=UNSET)
    items: list[OrderItemInput] | None = described("", default=UNSET)
    total: MoneyInput | None = described("", default=UNSET)
    shipping_fee: MoneyInput | None = described("", default=UNSET)
    discounts: list[PaymentLineInput] | None = described("", default=UNSET)
    charges: list[PaymentLineInput] | None = described("", default=UNSET)
    payment: PaymentInput | None = described("", default=UNSET)
    shipping_address: ShippingAddressInput | None = described("", default=UNSET)
    shipments: list[ShipmentInput] | None = described("", default=UNSET)
    invoice: InvoiceInput | None = described("", default=UNSET)
    page: PageLinkInput | None = described("", default=UNSET)
    review_page: PageLinkInput | None = described("", default=UNSET)


@public_input
class OrderStatusInput:
    """OrderStatusInput."""

    id: strawberry.ID = described("")
    open_id: str | None = described("", default=None)
    status: WritableOrderStatus = described("")


@public_input
class BuyerLinkInput:
    """BuyerLinkInput."""

    open_id: str = described("")
    to_open_id: str = described("")
