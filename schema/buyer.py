"""Buyers, shipping addresses and invoices."""

from enum import Enum

from schema.declare import described, means, public_enum, public_type
from schema.page_link import PageLink
from schema.scalars import DateTime


@public_enum
class InvoiceType(Enum):
    """Whom an invoice is issued to."""

    COMPANY = means("COMPANY", "A company, with its tax number.")
    PERSON = means("PERSON", "A person.")


@public_type
class Buyer:
    """A buyer. Open ids and swan ids are valid only in their own app."""

    open_id: str | None = described("The buyer's id, valid only in this app.", default=None)
    union_id: str | None = described(
        "The buyer's id across all apps of one WeChat Open Platform account; null if"
        " the platform does not report it.",
        default=None,
    )
    nickname: str | None = described("The buyer's nickname.", default=None)
    swan_id: str | None = described(
        "Baidu's id of a buyer who is not logged in; null if the buyer has an open id.",
        default=None,
    )


@public_type
class ShippingAddress:
    """The shipping address of an order."""

    name: str | None = described("The recipient's name.", default=None)
    national_code: str | None = described("The postal code of the region.", default=None)
    country: str | None = described("The country, such as 中国.", default=None)
    province: str | None = described("The province or municipality.", default=None)
    city: str | None = described("The city.", default=None)
    district: str | None = described("The district or county.", default=None)
    street: str | None = described("Street, building and room.", default=None)
    mobile: str | None = described("The mobile phone number.", default=None)
    phone: str | None = described("The landline number.", default=None)
    masked: bool = described(
        "Whether the platform hides parts of it with asterisks; `orderRevealAddress` asks for the"
        " whole.",
        default=False,
    )
    virtual_phone: str | None = described(
        "A number that leads to the buyer for a while, as the platform lends it, with the extension"
        " to dial behind a hyphen; null if it lends none.",
        default=None,
    )
    virtual_phone_expires_at: DateTime | None = described(
        "When the virtual number stops working; null if there is none, or the platform does not"
        " report it.",
        default=None,
    )
    hash: str | None = described(
        "Equal for equal addresses of one shop, so that parcels can be put together without"
        " reading them; null if the platform does not report it.",
        default=None,
    )


@public_type
class Invoice:
    """The invoice of an order in the shopping list."""

    type: InvoiceType = described("Whether it is issued to a company or a person.")
    title: str = described("The name on the invoice.")
    tax_number: str | None = described("The company's tax number.", default=None)
    company_address: str | None = described("The company's address.", default=None)
    telephone: str | None = described("The company's phone number.", default=None)
    bank_name: str | None = described("The company's bank.", default=None)
    bank_account: str | None = described("The company's bank account number.", default=None)
    page: PageLink | None = described("The page that shows it.", default=None)
