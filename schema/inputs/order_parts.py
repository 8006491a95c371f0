"""The parts of an order that is imported."""

from schema.buyer import InvoiceType
from schema.declare import described, public_input
from schema.inputs.attribute import SkuAttributeInput
from schema.inputs.money import MoneyInput
from schema.inputs.page_link import PageLinkInput
from schema.order_status import PaymentMethod
from schema.scalars import DateTime


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
