"""Who the buyer is, as the ledger keeps it and as the public schema shows it."""

from gateway.ledger.mapping.parts import page_link
from gateway.store.documents import Invoice, OrderPersonal, ShippingAddress
from schema import buyer as public
from schema.inputs.order import ShippingAddressInput


def buyer_of(personal: OrderPersonal | None) -> public.Buyer | None:
    """The buyer; None once the personal data were erased."""
    if personal is None:
        return None
    return public.Buyer(
        open_id=personal.open_id, union_id=personal.union_id, nickname=personal.nickname
    )


def address_of(address: ShippingAddress | None) -> public.ShippingAddress | None:
    """Where the parcels go."""
    if address is None:
        return None
    return public.ShippingAddress(
        name=address.name,
        national_code=address.national_code,
        country=address.country,
        province=address.province,
        city=address.city,
        district=address.district,
        street=address.street,
        mobile=address.mobile,
        phone=address.phone,
    )


def address_document(
    address: public.ShippingAddress | ShippingAddressInput | None,
) -> ShippingAddress | None:
    """The same as the ledger keeps it, from what is shown of it or what a caller gives."""
    if address is None:
        return None
    return ShippingAddress(
        name=address.name,
        national_code=address.national_code,
        country=address.country,
        province=address.province,
        city=address.city,
        district=address.district,
        street=address.street,
        mobile=address.mobile,
        phone=address.phone,
    )


def invoice_of(invoice: Invoice | None) -> public.Invoice | None:
    """Whom the invoice is made out to."""
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
