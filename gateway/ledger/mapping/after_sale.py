"""Maps after-sales of the ledger to the public schema, and finds their common status."""

from collections.abc import Sequence
from typing import Final

from gateway.ledger.mapping.parts import member, moment, money, page_link
from gateway.store.documents import AfterSaleDocument
from schema.after_sale import AfterSale, AfterSaleItem, AfterSaleKind, AfterSaleStatus
from schema.key import Key
from schema.line_ids import positions
from schema.shop import Shop

#: Statuses of after-sales that are not settled yet.
OPEN: Final = frozenset({"APPLYING", "PROCESSING"})


def common_status(after_sales: Sequence[AfterSaleDocument]) -> str:
    """The status of the newest that is still open, else of the newest; there is at least one."""
    newest_first = sorted(after_sales, key=lambda one: one.created_at, reverse=True)
    still_open = (one for one in newest_first if one.status in OPEN)
    return next(still_open, newest_first[0]).status


def after_sale(document: AfterSaleDocument, shop: Shop) -> AfterSale:
    """The after-sale; its key holds the order's id, then its own."""
    order = document.order_platform_id
    key = Key("AfterSale", shop.key_name, order, document.platform_id)
    places = positions(item.platform_product_id for item in document.items)
    return AfterSale(
        key=key,
        order_key=Key("Order", shop.key_name, order),
        shop=shop,
        platform=shop.platform,
        platform_id=document.platform_id,
        status=member(document.status, AfterSaleStatus.UNKNOWN),
        platform_status=document.platform_status,
        kind=member(document.kind, AfterSaleKind.UNKNOWN),
        refund=money(document.refund),
        items=[
            AfterSaleItem(
                after_sale_key=key,
                position=position,
                product_key=Key("Product", shop.key_name, item.platform_product_id),
                platform_product_id=item.platform_product_id,
                quantity=item.quantity,
                refund=money(item.refund),
            )
            for item, position in zip(document.items, places, strict=True)
        ],
        created_at=moment(document.created_at),
        updated_at=moment(document.updated_at),
        page=page_link(document.page),
    )
