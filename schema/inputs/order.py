"""Inputs of orders: to import, to update and to ship."""

import strawberry
from strawberry import UNSET

from schema.after_sale import WritableAfterSaleStatus
from schema.buyer import InvoiceType
from schema.declare import described, public_input
from schema.inputs.after_sale import AfterSaleInput
from schema.money import MoneyInput
from schema.order_details import BaiduOrderKind
from schema.order_status import PaymentMethod, WritableOrderStatus
from schema.page_link import PageLinkInput
from schema.scalars import DateTime
from schema.sku import SkuAttributeInput


@public_input
class PaymentInput:
    """`reference` is the payment's transaction id; Baidu's cash intake calls its own scene_id."""

    method: PaymentMethod = described("How it is paid.")
    paid: bool = described("Whether it was paid.")
    paid_at: DateTime | None = described("When it was paid.", default=None)
    reference: str | None = described(
        "The payment's transaction id; an order paid by WeChat Pay must have it in the "
        "shopping list.",
        default=None,
    )


@public_input
class PaymentLineInput:
    """A discount or a charge."""

    name: str = described("What it is for, such as 优惠券.")
    amount: MoneyInput = described("How much for one.")
    quantity: int | None = described("How many; 1 where left out.", default=None)


@public_input
class InvoiceInput:
    """Whom an invoice is made out to."""

    type: InvoiceType = described("To a company or to a person.")
    title: str = described("The name on it.")
    tax_number: str | None = described("The tax number of a company.", default=None)
    company_address: str | None = described("The company's address.", default=None)
    telephone: str | None = described("The company's phone.", default=None)
    bank_name: str | None = described("The company's bank.", default=None)
    bank_account: str | None = described("The company's account.", default=None)
    page: PageLinkInput | None = described("The page that shows the invoice.", default=None)


@public_input
class ShippingAddressInput:
    """Where parcels go."""

    name: str | None = described("Who receives them.", default=None)
    national_code: str | None = described(
        "The code of the place by the national standard, such as 440105.", default=None
    )
    country: str | None = described("The country.", default=None)
    province: str | None = described("The province.", default=None)
    city: str | None = described("The city.", default=None)
    district: str | None = described("The district.", default=None)
    street: str | None = described("Street, house and all else.", default=None)
    mobile: str | None = described("A mobile phone.", default=None)
    phone: str | None = described("Another phone.", default=None)


@public_input
class ShipmentItemInput:
    """Something of an order that a parcel holds."""

    platform_product_id: str = described("The product's own id.")
    platform_sku_id: str | None = described("The SKU's own id.", default=None)


@public_input
class ShipmentInput:
    """A parcel."""

    carrier_code: str | None = described(
        "The carrier's code; `carriers` lists those the platform knows.", default=None
    )
    carrier_name: str | None = described(
        "What the carrier is called; needed where the platform does not know it.", default=None
    )
    tracking_number: str | None = described("The number to follow it by.", default=None)
    shipped_at: DateTime | None = described("When it was sent.", default=None)
    page: PageLinkInput | None = described("The page that follows it.", default=None)
    items: list[ShipmentItemInput] | None = described("What it holds.", default=None)


@public_input
class OrderItemInput:
    """A line of an order."""

    platform_product_id: str = described("The product's own id.")
    platform_sku_id: str | None = described(
        "The SKU's own id; the product's where left out.", default=None
    )
    title: str = described("What it is called.")
    description: str | None = described("More about it.", default=None)
    quantity: int = described("How many.")
    unit_price: MoneyInput = described(
        "What one costs the buyer (Baidu's PayPrice, the shopping list's unit_price)."
    )
    list_price: MoneyInput | None = described(
        "What one costs without any reduction; unitPrice where left out.", default=None
    )
    total: MoneyInput | None = described(
        "What the line costs; unitPrice × quantity where left out.", default=None
    )
    images: list[str] | None = described(
        "Addresses of pictures; the shopping list shows the first, Baidu five at most.",
        default=None,
    )
    attributes: list[SkuAttributeInput] | None = described(
        "What the SKU differs in, such as 颜色 红色.", default=None
    )
    category_path: list[str] | None = described("The categories, the widest first.", default=None)
    page: PageLinkInput | None = described("The page that shows the product.", default=None)


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
