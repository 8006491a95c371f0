"""Inputs of orders: to import, to update and to ship."""

import strawberry
from strawberry import UNSET

from schema.after_sale import WritableAfterSaleStatus
from schema.buyer import InvoiceType
from schema.declare import described, public_input
from schema.inputs.after_sale import AfterSaleInput
from schema.inputs.payment import PaymentInput, PaymentLineInput
from schema.money import MoneyInput
from schema.order_details import BaiduOrderKind
from schema.order_status import WritableOrderStatus
from schema.page_link import PageLinkInput
from schema.scalars import DateTime
from schema.shipment import ShipmentKind
from schema.sku import SkuAttributeInput


@public_input
class InvoiceInput:
    """The invoice of an order."""

    type: InvoiceType = described("Whether it is issued to a company or a person.")
    title: str = described("The name on the invoice.")
    tax_number: str | None = described("The company's tax number.", default=None)
    company_address: str | None = described("The company's address.", default=None)
    telephone: str | None = described("The company's phone number.", default=None)
    bank_name: str | None = described("The company's bank.", default=None)
    bank_account: str | None = described("The company's bank account number.", default=None)
    page: PageLinkInput | None = described("The page that shows the invoice.", default=None)


@public_input
class ShippingAddressInput:
    """The shipping address of an order."""

    name: str | None = described("The recipient's name.", default=None)
    national_code: str | None = described("The national region code, such as 440105.", default=None)
    country: str | None = described("The country.", default=None)
    province: str | None = described("The province.", default=None)
    city: str | None = described("The city.", default=None)
    district: str | None = described("The district.", default=None)
    street: str | None = described("Street, building and room.", default=None)
    mobile: str | None = described("The mobile phone number.", default=None)
    phone: str | None = described("The landline number.", default=None)


@public_input
class ShipmentItemInput:
    """A product in a parcel."""

    platform_product_id: str = described("The product's own id in the shop.")
    platform_sku_id: str | None = described("The SKU's own id.", default=None)


@public_input
class ShipmentInput:
    """A parcel of an order."""

    carrier_code: str | None = described(
        "The carrier: its code on the platform, or the key that it has on all platforms; see"
        " `carriers`.",
        default=None,
    )
    carrier_name: str | None = described(
        "The carrier's name; required if the platform does not list the carrier.", default=None
    )
    tracking_number: str | None = described("The tracking number.", default=None)
    shipped_at: DateTime | None = described("When it was shipped.", default=None)
    page: PageLinkInput | None = described("The page that tracks the parcel.", default=None)
    items: list[ShipmentItemInput] | None = described("The products in the parcel.", default=None)


@public_input
class OrderItemInput:
    """A line of an order."""

    platform_product_id: str = described("The product's own id in the shop.")
    platform_sku_id: str | None = described(
        "The SKU's own id; defaults to the product's.", default=None
    )
    code: str | None = described(
        "The merchant's own code of the SKU, shared by the same goods in all shops; kept only by"
        " the gateway. If omitted, the code of the SKU that the gateway has synced or seen.",
        default=None,
    )
    title: str = described("The name.")
    description: str | None = described("A short description.", default=None)
    quantity: int = described("The number of units.")
    unit_price: MoneyInput = described(
        "The price of one unit to the buyer (Baidu's PayPrice, the shopping list's unit_price)."
    )
    list_price: MoneyInput | None = described(
        "The price of one unit before discounts; defaults to `unitPrice`.", default=None
    )
    total: MoneyInput | None = described(
        "The price of the line; defaults to `unitPrice` × `quantity`.", default=None
    )
    images: list[str] | None = described(
        "Image URLs. The shopping list shows the first; Baidu accepts at most five.",
        default=None,
    )
    attributes: list[SkuAttributeInput] | None = described(
        "The attributes of the SKU, such as 颜色 红色.", default=None
    )
    category_path: list[str] | None = described(
        "The names of its categories, from the root down.", default=None
    )
    page: PageLinkInput | None = described("The page that shows the product.", default=None)


@public_input
class ParcelItemInput:
    """Units of a line of the order that a parcel holds."""

    item_id: strawberry.ID = described("The line's id: `Order.items.id`.")
    quantity: int = described("The number of units.")


@public_input
class ParcelInput:
    """One of several parcels that an order is shipped in."""

    carrier: str | None = described(
        "The carrier: its code on the platform, or the key that it has on all platforms; see"
        " `carriers`.",
        default=None,
    )
    other_carrier: str | None = described("The name of a carrier that has neither.", default=None)
    tracking_number: str = described("The tracking number.")
    items: list[ParcelItemInput] | None = described(
        "What it holds; a single parcel holds all of the order unless this is given.", default=None
    )


@public_input
class OrderShipInput:
    """Ships an order on any platform that knows shipping.

    Give `carrier` for a carrier with a code or a key, `otherCarrier` for any other, several
    `parcels`, or `needsDelivery: false`. What a platform takes less of is a user error that says
    so: the WeChat Store takes one parcel, with all of the order. A Weixin Store is told what each
    of several parcels holds, and sees every `otherCarrier` as one of another name.
    """

    id: strawberry.ID = described("The order's id.")
    kind: ShipmentKind | None = described(
        "How it gets to the buyer; defaults to CARRIER. A Weixin Store also takes VIRTUAL, for an"
        " order that no carrier delivers.",
        default=None,
    )
    carrier: str | None = described(
        "The carrier: its code on the platform, or the key that it has on all platforms; see"
        " `carriers`.",
        default=None,
    )
    other_carrier: str | None = described("The name of a carrier that has neither.", default=None)
    tracking_number: str | None = described(
        "The tracking number; required with a carrier.", default=None
    )
    needs_delivery: bool | None = described(
        "False if nothing is shipped; omit carrier and tracking number then. Defaults to true.",
        default=None,
    )
    parcels: list[ParcelInput] | None = described(
        "Several parcels, in place of `carrier` and `trackingNumber`.", default=None
    )
    correct: bool | None = described(
        "Replaces the parcels of an order that is SHIPPED already, for instance a wrong tracking"
        " number. Defaults to false.",
        default=None,
    )


@public_input
class OrderRepriceItemInput:
    """The new price of a line of an order."""

    item_id: strawberry.ID = described("The `id` of a line of the order.")
    total: MoneyInput = described("The new price of the whole line: more than 0, less than it was.")


@public_input
class OrderRepriceInput:
    """New prices of an order that is AWAITING_PAYMENT; what is left out stays as it is."""

    id: strawberry.ID = described("The order's id.")
    items: list[OrderRepriceItemInput] | None = described(
        "The lines with a new price, each once.", default=None
    )
    shipping_fee: MoneyInput | None = described("The new shipping fee.", default=None)


@public_input
class OrderImportInput:
    """An order for a platform that keeps its own copy.

    Baidu requires `title` and `kind`. It receives `shippingFee` as the charge 运费, so do not
    repeat it in `charges`. `total` must equal Σ unitPrice × quantity + Σ charges + shippingFee
    − Σ discounts, else INVALID.

    The shopping list requires `categoryPath` and `page.miniProgramPath` of each item, `page` and
    `shippingFee` of the order, `payment` with `paid: true` and `paidAt`, the same `total` and, if
    it is SHIPPED, `shipments` with their items. It accepts
    AWAITING_SHIPMENT, SHIPPED, REFUNDED and COMPLETED on import, and SHIPPED, REFUNDED, CLOSED and
    COMPLETED on update.
    """

    shop: str = described("The key of the shop that shows the order.")
    open_id: str | None = described(
        "The buyer's open id in that shop's app; required unless `swanId` is given.", default=None
    )
    swan_id: str | None = described(
        "The buyer's swan id, instead of `openId`, for a buyer who is not logged in; Baidu only.",
        default=None,
    )
    deliver_later: bool | None = described(
        "Accept only: the answer does not wait for the delivery, and the push is PENDING in it."
        " Defaults to false.",
        default=None,
    )
    overwrite: bool | None = described(
        "Replace the platform's copy, including after-sales. Defaults to false.", default=None
    )
    adopt: bool | None = described(
        "The platform already has the order: record it without sending it. Defaults to false.",
        default=None,
    )
    history: bool | None = described(
        "A past order of a back-fill (the shopping list's is_history). Defaults to false.",
        default=None,
    )
    platform_id: str = described("The order's own id, unique within the shop.")
    title: str | None = described("The order's title, shown and required by Baidu.", default=None)
    kind: BaiduOrderKind | None = described(
        "Whether goods are shipped; required by Baidu.", default=None
    )
    remark: str | None = described("The buyer's note.", default=None)
    status: WritableOrderStatus = described("The status.")
    created_at: DateTime = described("When the order was placed.")
    updated_at: DateTime | None = described(
        "When it was last updated; defaults to now.", default=None
    )
    items: list[OrderItemInput] = described("The lines of the order; at least one.")
    total: MoneyInput = described("The amount that the buyer pays.")
    shipping_fee: MoneyInput | None = described(
        "The shipping fee that the buyer pays.", default=None
    )
    discounts: list[PaymentLineInput] | None = described("The discounts.", default=None)
    charges: list[PaymentLineInput] | None = described(
        "The charges, without the shipping fee.", default=None
    )
    payment: PaymentInput | None = described("How it is paid.", default=None)
    shipping_address: ShippingAddressInput | None = described(
        "The shipping address. Baidu does not take it: only the gateway keeps it.", default=None
    )
    shipments: list[ShipmentInput] | None = described(
        "The parcels. Baidu takes them only if the shop's configuration says so; see `warnings`.",
        default=None,
    )
    invoice: InvoiceInput | None = described("The invoice.", default=None)
    brand_phone: str | None = described(
        "The merchant's phone number; defaults to the shop's `service_phone`.", default=None
    )
    contact_page: str | None = described(
        "The Mini Program page that the contact button opens; defaults to the shop's"
        " `contact_page`.",
        default=None,
    )
    page: PageLinkInput | None = described("The page that shows the order.", default=None)
    review_page: PageLinkInput | None = described(
        "The page on which the buyer can review the order.", default=None
    )
    after_sales: list[AfterSaleInput] | None = described(
        "Refunds, returns and exchanges; Baidu only. With `overwrite`, those that the"
        " gateway has are kept if this is omitted.",
        default=None,
    )
    after_sale_status: WritableAfterSaleStatus | None = described(
        "The overall after-sale status. Defaults to the status of the newest open"
        " after-sale, or of the newest if none is open.",
        default=None,
    )


@public_input
class OrderUpdateInput:
    """Changes to an order; omitted fields stay unchanged.

    The shopping list can update only status, payment, shipments, invoice and page.
    """

    id: strawberry.ID = described("The order's id.")
    open_id: str | None = described(
        "The buyer's open id, which replaces the stored one or a swan id; required only if the"
        " gateway no longer has either.",
        default=UNSET,
    )
    title: str | None = described("The order's title.", default=UNSET)
    kind: BaiduOrderKind | None = described("Whether goods are shipped.", default=UNSET)
    remark: str | None = described("The buyer's note.", default=UNSET)
    status: WritableOrderStatus | None = described("The status.", default=UNSET)
    created_at: DateTime | None = described("When it was placed, to correct it.", default=UNSET)
    updated_at: DateTime | None = described(
        "When it was last updated; defaults to now.", default=UNSET
    )
    items: list[OrderItemInput] | None = described(
        "All lines of the order; replaces the existing ones.", default=UNSET
    )
    total: MoneyInput | None = described("The amount that the buyer pays.", default=UNSET)
    shipping_fee: MoneyInput | None = described(
        "The shipping fee that the buyer pays.", default=UNSET
    )
    discounts: list[PaymentLineInput] | None = described(
        "All discounts; replaces the existing ones.", default=UNSET
    )
    charges: list[PaymentLineInput] | None = described(
        "All charges without the shipping fee; replaces the existing ones.", default=UNSET
    )
    payment: PaymentInput | None = described("How it is paid.", default=UNSET)
    shipping_address: ShippingAddressInput | None = described(
        "The shipping address.", default=UNSET
    )
    shipments: list[ShipmentInput] | None = described(
        "All parcels; replaces the existing ones.", default=UNSET
    )
    invoice: InvoiceInput | None = described("The invoice.", default=UNSET)
    page: PageLinkInput | None = described("The page that shows the order.", default=UNSET)
    review_page: PageLinkInput | None = described(
        "The page on which the buyer can review the order.", default=UNSET
    )


@public_input
class OrderStatusInput:
    """A new status of an order."""

    id: strawberry.ID = described("The order's id.")
    open_id: str | None = described(
        "The buyer's open id, which replaces the stored one or a swan id; required only if the"
        " gateway no longer has either.",
        default=None,
    )
    status: WritableOrderStatus = described("The status.")


@public_input
class BuyerLinkInput:
    """The open ids of one buyer in two shops."""

    open_id: str = described("The buyer's open id in the shop that has the orders.")
    to_open_id: str = described("The same buyer's open id in the other shop.")
