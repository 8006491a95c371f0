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
    """`reference` is the payment's transaction id; Baidu's cash desk calls its own scene_id."""

    method: PaymentMethod = described("")
    paid: bool = described("")
    paid_at: DateTime | None = described("", default=None)
    reference: str | None = described("", default=None)


@public_input
class PaymentLineInput:
    """PaymentLineInput."""

    name: str = described("")
    amount: MoneyInput = described("")
    quantity: int | None = described("", default=None)


@public_input
class InvoiceInput:
    """InvoiceInput."""

    type: InvoiceType = described("")
    title: str = described("")
    tax_number: str | None = described("", default=None)
    company_address: str | None = described("", default=None)
    telephone: str | None = described("", default=None)
    bank_name: str | None = described("", default=None)
    bank_account: str | None = described("", default=None)
    page: PageLinkInput | None = described("", default=None)


@public_input
class ShippingAddressInput:
    """ShippingAddressInput."""

    name: str | None = described("", default=None)
    national_code: str | None = described("", default=None)
    country: str | None = described("", default=None)
    province: str | None = described("", default=None)
    city: str | None = described("", default=None)
    district: str | None = described("", default=None)
    street: str | None = described("", default=None)
    mobile: str | None = described("", default=None)
    phone: str | None = described("", default=None)


@public_input
class ShipmentItemInput:
    """ShipmentItemInput."""

    platform_product_id: str = described("")
    platform_sku_id: str | None = described("", default=None)


@public_input
class ShipmentInput:
    """ShipmentInput."""

    carrier_code: str | None = described("", default=None)
    carrier_name: str | None = described("", default=None)
    tracking_number: str | None = described("", default=None)
    shipped_at: DateTime | None = described("", default=None)
    page: PageLinkInput | None = described("", default=None)
    items: list[ShipmentItemInput] | None = described("", default=None)


@public_input
class OrderItemInput:
    """OrderItemInput."""

    platform_product_id: str = described("")
    platform_sku_id: str | None = described("", default=None)
    title: str = described("")
    description: str | None = described("", default=None)
    quantity: int = described("")
    unit_price: MoneyInput = described(
        "What one costs the buyer (Baidu's PayPrice, the shopping list's unit_price)."
    )
    list_price: MoneyInput | None = described("unitPrice where left out.", default=None)
    total: MoneyInput | None = described("unitPrice × quantity where left out.", default=None)
    images: list[str] | None = described("", default=None)
    attributes: list[SkuAttributeInput] | None = described("", default=None)
    category_path: list[str] | None = described("", default=None)
    page: PageLinkInput | None = described("", default=None)
