"""Personal data of an order: stored apart, encrypted, and erasable."""

import msgspec

from gateway.errors import LedgerUnreadable
from gateway.store.documents.parts import PageLink


class ShippingAddress(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where the parcels go."""

    name: str | None = None
    national_code: str | None = None
    country: str | None = None
    province: str | None = None
    city: str | None = None
    district: str | None = None
    street: str | None = None
    mobile: str | None = None
    phone: str | None = None


class Invoice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whom the invoice is made out to; `type` is an InvoiceType."""

    type: str
    title: str
    tax_number: str | None = None
    company_address: str | None = None
    telephone: str | None = None
    bank_name: str | None = None
    bank_account: str | None = None
    page: PageLink | None = None


class OrderPersonal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The buyer of an order; `open_id` is valid in the app of the order's shop only."""

    open_id: str | None = None
    union_id: str | None = None
    nickname: str | None = None
    shipping_address: ShippingAddress | None = None
    invoice: Invoice | None = None


#: None where none was given, or it was erased; the failure where it cannot be decrypted.
FoundPersonal = OrderPersonal | LedgerUnreadable | None

#: The failure where it cannot be decrypted.
FoundOpenId = str | LedgerUnreadable
