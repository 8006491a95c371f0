"""The buyer of an order: the ledger's documents, the public types, and back."""

import msgspec

from gateway.ledger.mapping.parts import page_link
from gateway.store.documents import Invoice, OrderPersonal, ShippingAddress
from schema import buyer as public
from schema.inputs.order import ShippingAddressInput


def buyer_of(personal: OrderPersonal | None) -> public.Buyer | None:
    """The buyer; None once the personal data is erased."""
    if personal is None:
        return None
    return msgspec.convert(personal, public.Buyer, from_attributes=True)


def address_of(address: ShippingAddress | None) -> public.ShippingAddress | None:
    """The shipping address as the public schema shows it; both have the same fields."""
    if address is None:
        return None
    return msgspec.convert(address, public.ShippingAddress, from_attributes=True)


def address_document(
    address: public.ShippingAddress | ShippingAddressInput | None,
) -> ShippingAddress | None:
    """The shipping address as the ledger stores it, from a public one or an input."""
    if address is None:
        return None
    return msgspec.convert(address, ShippingAddress, from_attributes=True)


def invoice_of(invoice: Invoice | None) -> public.Invoice | None:
    """The recipient of the invoice."""
    if invoice is None:
        return None
    return public.Invoice(
        type=public.InvoiceType[invoice.type],
        title=invoice.title,
        tax_number=invoice.tax_number,
        company_address=invoice.company_address,
        telephone=invoice.telephone,
        bank_name=invoice.bank_name,
        bank_account=invoice.bank_account,
        page=page_link(invoice.page),
    )
