"""Who buys, where it is sent, and who gets the invoice."""

from enum import Enum

from schema.declare import described, means, public_enum, public_type
from schema.page_link import PageLink


@public_enum
class InvoiceType(Enum):
    """Whom an invoice is made out to."""

    COMPANY = means("COMPANY", "A company, with its tax number.")
    PERSON = means("PERSON", "A person.")


@public_type
class Buyer:
    """The buyer as the platform names them; an open id is valid in its own app only."""

    open_id: str | None = described("The buyer's id in this app alone.", default=None)
    union_id: str | None = described(
        "The buyer's id in all apps of one open-platform account.", default=None
    )
    nickname: str | None = described("What the buyer calls themselves.", default=None)


@public_type
class ShippingAddress:
    """Where an order is sent."""

    name: str | None = described("Who receives it.", default=None)
    national_code: str | None = described("The postal service's code of the place.", default=None)
    country: str | None = described("The country, such as 中国.", default=None)
    province: str | None = described("The province or municipality.", default=None)
    city: str | None = described("The city.", default=None)
    district: str | None = described("The district or county.", default=None)
    street: str | None = described("Street, house and room.", default=None)
    mobile: str | None = described("The mobile number.", default=None)
    phone: str | None = described("The fixed-line number.", default=None)


@public_type
class Invoice:
    """The invoice of an order in the shopping list."""

    type: InvoiceType = described("Whether a company or a person is invoiced.")
    title: str = described("The name on the invoice.")
    tax_number: str | None = described("The company's tax number.", default=None)
    company_address: str | None = described("The company's address.", default=None)
    telephone: str | None = described("The company's telephone number.", default=None)
    bank_name: str | None = described("The company's bank.", default=None)
    bank_account: str | None = described("The company's account.", default=None)
    page: PageLink | None = described("The page that shows it.", default=None)
