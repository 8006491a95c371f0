"""Maps after-sales of the ledger to the order centre's form."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.ledger.mapping.after_sale import common_status
from gateway.ledger.requirements import Requirements
from gateway.platforms.baidu.mapping.amount import payment_lines
from gateway.platforms.baidu.mapping.page_to_wire import detail_page
from gateway.platforms.baidu.mapping.status import (
    after_sale_kind_code,
    after_sale_status_code,
    kind_code,
    method_code,
)
from gateway.platforms.baidu.wire import after_sale as wire
from gateway.platforms.baidu.wire.base import Payment
from gateway.store.documents import AfterSaleDocument

_NAME: Final = "Baidu"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderName:
    """Identifies the order of a record; `kind` is a BaiduOrderKind."""

    platform_id: str
    kind: str | None
    app_key: str


def after_sales_record(
    order: OrderName, after_sales: Sequence[AfterSaleDocument], together: str | None
) -> wire.AfterSales:
    """The after-sales to append, or to replace all existing ones with.

    `together` is their overall AfterSaleStatus; None: derive it from their statuses.

    Raises:
        InvalidForPlatform: the platform has no such status or kind.
    """
    needs = Requirements(_NAME)
    record = wire.AfterSales(
        cate_id=kind_code(order.kind, needs),
        biz_app_id=order.app_key,
        resource_id=order.platform_id,
        ext=wire.SubsExt(subs_order=subs_order(after_sales, together, needs)),
    )
    return needs.settle(record)


def statuses_record(
    order: OrderName, after_sales: Sequence[AfterSaleDocument], together: str
) -> wire.AfterSaleStatuses:
    """The statuses of these after-sales, and the order's overall after-sale status.

    Raises:
        InvalidForPlatform: the platform has no such status.
    """
    needs = Requirements(_NAME)
    items = tuple(
        wire.ItemStatus(
            sub_order_id=one.platform_id,
            sub_status=after_sale_status_code(
                one.status, needs, "afterSales", str(index), "status"
            ),
        )
        for index, one in enumerate(after_sales)
    )
    record = wire.AfterSaleStatuses(
        cate_id=kind_code(order.kind, needs),
        biz_app_id=order.app_key,
        resource_id=order.platform_id,
        ext=wire.StatusesExt(
            subs_order=wire.StatusesOrder(
                status=after_sale_status_code(together, needs, "afterSaleStatus"), items=items
            )
        ),
    )
    return needs.settle(record)


def subs_order(
    after_sales: Sequence[AfterSaleDocument], together: str | None, needs: Requirements
) -> wire.SubsOrder:
    """These after-sales and their overall status."""
    return wire.SubsOrder(
        status=after_sale_status_code(
            common_status(after_sales) if together is None else together, needs, "afterSaleStatus"
        ),
        items=tuple(
            _item(one, needs, "afterSales", str(index)) for index, one in enumerate(after_sales)
        ),
    )


def _item(document: AfterSaleDocument, needs: Requirements, *path: str) -> wire.SubsItem:
    updated_at = document.updated_at
    return wire.SubsItem(
        sub_order_id=document.platform_id,
        sub_status=after_sale_status_code(document.status, needs, *path, "status"),
        ctime=document.created_at,
        mtime=document.created_at if updated_at is None else updated_at,
        order_detail=detail_page(document.page),
        payment=_payment(document, needs, *path),
        refund=_refund(document, needs, *path),
        order_type=after_sale_kind_code(document.kind, needs, *path, "kind"),
    )


def _payment(document: AfterSaleDocument, needs: Requirements, *path: str) -> Payment | None:
    """What was paid for what it is about: the order centre has one place for all its items."""
    given = [(str(place), item.payment) for place, item in enumerate(document.items)]
    paid = [(place, payment) for place, payment in given if payment is not None]
    if not paid:
        return None
    if len(paid) > 1:
        needs.wrong(
            "Baidu takes one payment for an after-sale: give it for one of its items",
            *(*path, "items", paid[1][0], "payment"),
        )
    place, payment = paid[0]
    return Payment(
        method=method_code(payment.method, needs, *path, "items", place, "payment", "method"),
        amount=payment.amount,
        is_payment=payment.paid,
        time=payment.paid_at or 0,
        preferential_info=payment_lines(payment.discounts),
        payment_info=payment_lines(payment.charges),
    )


def _refund(document: AfterSaleDocument, needs: Requirements, *path: str) -> wire.Refund | None:
    """What is returned; an exchange refunds no money."""
    if document.refund is None and not document.items:
        return None
    if document.kind == "EXCHANGE" and document.refund is not None:
        needs.wrong("an exchange has no refund", *path, "refund")
    needs.given(document.items, *path, "items", instead=())
    return wire.Refund(
        amount=document.refund or 0,
        product=tuple(
            wire.RefundProduct(
                id=item.platform_product_id, quantity=item.quantity, amount=item.refund or 0
            )
            for item in document.items
        ),
    )
