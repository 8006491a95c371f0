"""Maps an order of the ledger to the shopping list's import or update."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from gateway.ledger.mapping.order import line_total
from gateway.ledger.mapping.parts import sum_of
from gateway.ledger.mapping.totals import check_total
from gateway.ledger.requirements import Requirements
from gateway.platforms.mini_program.mapping.express_to_wire import express_info
from gateway.platforms.mini_program.mapping.status import import_code, update_code
from gateway.platforms.mini_program.wire import order as wire
from gateway.store.documents import (
    Attribute,
    Invoice,
    OrderDocument,
    OrderItem,
    OrderPersonal,
    PageLink,
    Payment,
)
from schema.order_status import OrderStatus

_NAME: Final = "the shopping list"
_WECHAT_PAY: Final = "WECHAT_PAY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """The shop's configured contact, used if the order has none."""

    phone: str | None = None
    contact_page: str | None = None


def new_order(document: OrderDocument, personal: OrderPersonal, brand: Brand) -> wire.NewOrder:
    """The order to import.

    Raises:
        InvalidForPlatform: a required value is missing, the order is not paid, its total
            contradicts its lines, or the platform has no such status.
    """
    needs = Requirements(_NAME)
    payment = document.payment
    check_total(document, sum(map(line_total, document.items)), needs)
    order = wire.NewOrder(
        order_id=document.platform_id,
        create_time=document.created_at,
        pay_finish_time=_paid_at(payment, needs),
        desc=personal.remark,
        fee=document.total,
        trans_id=_transaction(payment, needs),
        status=import_code(document.status, needs),
        ext_info=wire.NewExtInfo(
            product_info=wire.ProductInfo(item_list=_items(document.items, needs)),
            express_info=_express(document, personal, needs),
            promotion_info=_promotion(document),
            brand_info=_brand(document, brand, needs),
            invoice_info=_invoice(personal.invoice),
            payment_method=_payment_method(payment),
            user_open_id=needs.given(personal.open_id, "openId", instead=""),
            order_detail_page=_needed_page(document.page, needs, "page", "miniProgramPath"),
        ),
    )
    return needs.settle(order)


def changed_order(document: OrderDocument, personal: OrderPersonal) -> wire.ChangedOrder:
    """The order as an update: status, parcels, invoice and page.

    Raises:
        InvalidForPlatform: a required value is missing, or the platform has no such status.
    """
    needs = Requirements(_NAME)
    shipped = document.status == OrderStatus.SHIPPED.name or bool(document.shipments)
    order = wire.ChangedOrder(
        order_id=document.platform_id,
        trans_id=_transaction(document.payment, needs),
        status=update_code(document.status, needs),
        ext_info=wire.ChangedExtInfo(
            express_info=_express(document, personal, needs) if shipped else None,
            invoice_info=_invoice(personal.invoice),
            user_open_id=needs.given(personal.open_id, "openId", instead=""),
            order_detail_page=_page(document.page),
        ),
    )
    return needs.settle(order)


def _express(
    document: OrderDocument, personal: OrderPersonal, needs: Requirements
) -> wire.ExpressInfo:
    if document.status == OrderStatus.SHIPPED.name:
        needs.given(document.shipments, "shipments", instead=())
    return express_info(document, personal.shipping_address, needs)


def _items(items: Sequence[OrderItem], needs: Requirements) -> tuple[wire.Item, ...]:
    needs.given(tuple(items), "items", instead=())
    return tuple(_item(item, needs, "items", str(index)) for index, item in enumerate(items))


def _item(item: OrderItem, needs: Requirements, *path: str) -> wire.Item:
    return wire.Item(
        item_code=item.platform_product_id,
        sku_id=item.platform_sku_id or item.platform_product_id,
        amount=item.quantity,
        total_fee=line_total(item),
        thumb_url=item.images[0] if item.images else None,
        title=item.title,
        desc=item.description,
        unit_price=item.unit_price,
        original_price=item.unit_price if item.list_price is None else item.list_price,
        stock_attr_info=tuple(map(_attribute, item.attributes)),
        category_list=needs.given(item.category_path, *path, "categoryPath", instead=()),
        item_detail_page=_needed_page(item.page, needs, *path, "page", "miniProgramPath"),
    )


def _attribute(pair: Attribute) -> wire.StockAttribute:
    return wire.StockAttribute(
        attr_name=wire.Name(name=pair.name), attr_value=wire.Name(name=pair.value)
    )


def _promotion(document: OrderDocument) -> wire.PromotionInfo | None:
    if not document.discounts:
        return None
    return wire.PromotionInfo(discount_fee=sum_of(document.discounts))


def _brand(document: OrderDocument, brand: Brand, needs: Requirements) -> wire.BrandInfo:
    page = document.contact_page or brand.contact_page
    return wire.BrandInfo(
        phone=needs.given(document.brand_phone or brand.phone, "brandPhone", instead=""),
        contact_detail_page=wire.Page(path=needs.given(page, "contactPage", instead="")),
    )


def _transaction(payment: Payment | None, needs: Requirements) -> str | None:
    """The payment's id, required for orders paid by WeChat Pay."""
    if payment is None:
        return None
    if payment.method == _WECHAT_PAY:
        return needs.given(payment.reference, "payment", "reference", instead="")
    return payment.reference


def _paid_at(payment: Payment | None, needs: Requirements) -> int:
    """When it was paid: the list has paid orders only, each with that time."""
    if payment is not None and payment.paid:
        return needs.given(payment.paid_at, "payment", "paidAt", instead=0)
    path = ("payment",) if payment is None else ("payment", "paid")
    needs.wrong("the shopping list takes orders that are paid, with the time of payment", *path)
    return 0


def _payment_method(payment: Payment | None) -> Literal[0, 1, 2]:
    if payment is None or payment.method == "UNKNOWN":
        return 0
    return 1 if payment.method == _WECHAT_PAY else 2


def _invoice(invoice: Invoice | None) -> wire.InvoiceInfo | None:
    if invoice is None:
        return None
    return wire.InvoiceInfo(
        type=0 if invoice.type == "COMPANY" else 1,
        title=invoice.title,
        tax_number=invoice.tax_number,
        company_address=invoice.company_address,
        telephone=invoice.telephone,
        bank_name=invoice.bank_name,
        bank_account=invoice.bank_account,
        invoice_detail_page=_page(invoice.page),
    )


def _page(link: PageLink | None) -> wire.Page | None:
    if link is None or not link.mini_program_path:
        return None
    return wire.Page(path=link.mini_program_path)


def _needed_page(link: PageLink | None, needs: Requirements, *path: str) -> wire.Page:
    return needs.given(_page(link), *path, instead=wire.Page(path=""))
