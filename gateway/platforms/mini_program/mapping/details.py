"""Mini Program details of orders and products, from the ledger."""

from gateway.errors import LedgerUnreadable
from gateway.ledger.mapping.buyer import invoice_of
from gateway.ledger.mapping.parts import moment, page_link
from gateway.platforms.mini_program.mapping.status import AFTER_SALE_STATUS
from gateway.store.documents import FoundPersonal, OrderDocument, OrderPersonal, ProductDocument
from schema.order_details import MiniProgramOrderDetails
from schema.order_status import OrderStatus
from schema.product_details import MiniProgramProductDetails


def order_details(document: OrderDocument, found: FoundPersonal) -> MiniProgramOrderDetails:
    """An order of the shopping list."""
    known = found if isinstance(found, OrderPersonal) else None
    return MiniProgramOrderDetails(
        invoice_data=invoice_of(known.invoice) if known else None,
        unreadable=found if isinstance(found, LedgerUnreadable) else None,
        page=page_link(document.page),
        remark_data=known.remark if known else None,
        brand_phone=document.brand_phone,
        contact_page=document.contact_page,
    )


def product_details(document: ProductDocument) -> MiniProgramProductDetails:
    """A product as synced to the shopping list."""
    return MiniProgramProductDetails(
        category_path=list(document.category_path),
        page_path=document.page_path,
        synced_at=moment(document.synced_at),
    )


def after_sale_status(document: OrderDocument) -> str | None:
    """The AfterSaleStatus name of a shopping-list order, or None."""
    told = AFTER_SALE_STATUS.get(OrderStatus[document.status])
    return document.after_sale_status if told is None else told.name
