"""Reads order inputs into the ledger's documents."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.ledger.mapping.after_sale import common_status
from gateway.ledger.mapping.buyer import address_document
from gateway.ports.carriers import chosen
from gateway.services.writing.after_sales.inputs import new_after_sales
from gateway.services.writing.input_reader import (
    InputReader,
    attributes,
    page,
    payment_lines,
)
from gateway.store.documents import (
    AfterSaleDocument,
    Invoice,
    OrderDocument,
    OrderItem,
    OrderPersonal,
    Payment,
    Shipment,
    ShipmentItem,
)
from schema.inputs.order import (
    InvoiceInput,
    OrderImportInput,
    OrderItemInput,
    ShipmentInput,
)
from schema.inputs.payment import PaymentInput
from schema.shipment import Carrier


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOrder:
    """An order, its buyer's data, and its after-sales; None: none were given."""

    document: OrderDocument
    personal: OrderPersonal
    after_sales: tuple[AfterSaleDocument, ...] | None


def read_order(
    reader: InputReader,
    given: OrderImportInput,
    carriers: Sequence[Carrier],
    *,
    takes_swan_ids: bool,
) -> ReadOrder:
    """An order for a platform with these carriers; the reader collects what is invalid."""
    _check_buyer(reader, given, takes_swan_ids=takes_swan_ids)
    after_sales = (
        None
        if given.after_sales is None
        else new_after_sales(reader, given.after_sales, given.platform_id)
    )
    status = given.after_sale_status.name if given.after_sale_status else None
    document = OrderDocument(
        platform_id=reader.id(given.platform_id, "platformId"),
        status=given.status.name,
        title=given.title,
        kind=given.kind.name if given.kind else None,
        created_at=reader.second(given.created_at, "createdAt"),
        updated_at=(
            reader.now if given.updated_at is None else reader.second(given.updated_at, "updatedAt")
        ),
        items=items(reader, given.items),
        total=reader.money(given.total, "total"),
        shipping_fee=reader.perhaps_money(given.shipping_fee, "shippingFee"),
        discounts=payment_lines(reader, given.discounts, "discounts"),
        charges=payment_lines(reader, given.charges, "charges"),
        payment=payment(reader, given.payment),
        shipments=shipments(reader, given.shipments, carriers),
        brand_phone=given.brand_phone,
        contact_page=given.contact_page,
        page=page(given.page),
        review_page=page(given.review_page),
        after_sale_status=status or (common_status(after_sales) if after_sales else None),
        history=bool(given.history),
    )
    personal = OrderPersonal(
        open_id=given.open_id,
        swan_id=given.swan_id,
        shipping_address=address_document(given.shipping_address),
        invoice=invoice(given.invoice),
        remark=given.remark,
    )
    return ReadOrder(document=document, personal=personal, after_sales=after_sales)


def _check_buyer(reader: InputReader, given: OrderImportInput, *, takes_swan_ids: bool) -> None:
    """Collects an id of the buyer that is missing, invalid, or one too many."""
    if given.swan_id is None:
        if given.open_id is None and takes_swan_ids:
            message = "Give openId, or swanId if the buyer is not logged in."
            reader.problems.add(message, "openId")
        else:
            reader.id(given.open_id or "", "openId")
    elif not takes_swan_ids:
        reader.problems.add("Buyers on this platform have no swan id: give openId.", "swanId")
    elif given.open_id is not None:
        reader.problems.add("Give either openId or swanId, not both.", "swanId")
    else:
        reader.id(given.swan_id, "swanId")


def items(reader: InputReader, given: Sequence[OrderItemInput]) -> tuple[OrderItem, ...]:
    """The items of an order, at least one."""
    if not given:
        reader.problems.add("An order has at least one item.", "items")
    return tuple(_item(reader, item, "items", place) for place, item in enumerate(given))


def _item(reader: InputReader, given: OrderItemInput, *path: str | int) -> OrderItem:
    sku = given.platform_sku_id
    return OrderItem(
        platform_product_id=reader.id(given.platform_product_id, *path, "platformProductId"),
        platform_sku_id=None if sku is None else reader.id(sku, *path, "platformSkuId"),
        code=given.code or None,
        title=given.title,
        description=given.description,
        quantity=reader.count(given.quantity, *path, "quantity"),
        unit_price=reader.money(given.unit_price, *path, "unitPrice"),
        list_price=reader.perhaps_money(given.list_price, *path, "listPrice"),
        total=reader.perhaps_money(given.total, *path, "total"),
        images=tuple(given.images or ()),
        attributes=attributes(given.attributes),
        category_path=tuple(given.category_path or ()),
        page=page(given.page),
    )


def payment(reader: InputReader, given: PaymentInput | None) -> Payment | None:
    """The payment."""
    if given is None:
        return None
    return Payment(
        method=given.method.name,
        paid=given.paid,
        paid_at=reader.perhaps_second(given.paid_at, "payment", "paidAt"),
        reference=given.reference,
        merchant_id=given.merchant_id,
        merchant_trade_number=given.merchant_trade_number,
    )


def shipments(
    reader: InputReader, given: Sequence[ShipmentInput] | None, carriers: Sequence[Carrier]
) -> tuple[Shipment, ...]:
    """The parcels, to a platform with these carriers."""
    return tuple(
        _shipment(reader, parcel, carriers, "shipments", place)
        for place, parcel in enumerate(given or ())
    )


def _shipment(
    reader: InputReader, given: ShipmentInput, carriers: Sequence[Carrier], *path: str | int
) -> Shipment:
    code = given.carrier_code
    carrier = (chosen(code, carriers) if code else None) or Carrier(code=code)
    return Shipment(
        carrier_code=carrier.code,
        carrier_name=given.carrier_name or (carrier.name if carrier.code is None else None),
        tracking_number=given.tracking_number,
        shipped_at=reader.perhaps_second(given.shipped_at, *path, "shippedAt"),
        page=page(given.page),
        items=tuple(
            ShipmentItem(
                platform_product_id=item.platform_product_id,
                platform_sku_id=item.platform_sku_id,
            )
            for item in given.items or ()
        ),
    )


def invoice(given: InvoiceInput | None) -> Invoice | None:
    """The recipient of the invoice."""
    if given is None:
        return None
    return Invoice(
        type=given.type.name,
        title=given.title,
        tax_number=given.tax_number,
        company_address=given.company_address,
        telephone=given.telephone,
        bank_name=given.bank_name,
        bank_account=given.bank_account,
        page=page(given.page),
    )
