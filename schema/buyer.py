"""buyer."""

from enum import Enum

from schema.declare import described, public_enum, public_type
from schema.page_link import PageLink


@public_enum
class InvoiceType(Enum):
    """InvoiceType."""

    COMPANY = "COMPANY"
    PERSON = "PERSON"


@public_type
class Buyer:
    """Buyer."""

    open_id: str | None = described("", default=None)
    union_id: str | None = described("", default=None)
    nickname: str | None = described("", default=None)


@public_type
class ShippingAddress:
    """ShippingAddress."""

    name: str | None = described("", default=None)
    national_code: str | None = described("", default=None)
    country: str | None = described("", default=None)
    province: str | None = described("", default=None)
    city: str | None = described("", default=None)
    district: str | None = described("", default=None)
    street: str | None = described("", default=None)
    mobile: str | None = described("", default=None)
    phone: str | None = described("", default=None)


@public_type
class Invoice:
    """Invoice."""

    type: InvoiceType = described("")
    title: str = described("")
    tax_number: str | None = described("", default=None)
    company_address: str | None = described("", default=None)
    telephone: str | None = described("", default=None)
    bank_name: str | None = described("", default=None)
    bank_account: str | None = described("", default=None)
    page: PageLink | None = described("", default=None)
