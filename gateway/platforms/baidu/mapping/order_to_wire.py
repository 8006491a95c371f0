"""Maps an order of the ledger to the order centre's import, update or status record."""

from collections.abc import Sequence
from typing import Final

from gateway.ledger.requirements import Requirements
from gateway.platforms.baidu.mapping.after_sale_to_wire import subs_order
from gateway.platforms.baidu.mapping.amount import charges, check_amount, payment_lines
from gateway.platforms.baidu.mapping.carriers import CARRIER_BY_CODE
from gateway.platforms.baidu.mapping.page_to_wire import detail_page
from gateway.platforms.baidu.mapping.status import (
    after_sale_status_code,
    kind_code,
    method_code,
    status_code,
)
from gateway.platforms.baidu.wire import order as wire
from gateway.platforms.baidu.wire.base import Payment
from gateway.ports import Codes
from gateway.store.documents import AfterSaleDocument, OrderDocument, OrderItem, Shipment

_NAME: Final = "Baidu"
MOST_IMAGES: Final = 5
MOST_ATTRIBUTES: Final = 4
#: Type of a parcel; 2 is one that the buyer sends back.
FROM_MERCHANT: Final = 1


def new_order(
    document: OrderDocument,
    after_sales: Sequence[AfterSaleDocument],
    app_key: str,
    *,
    with_parcels: bool = False,
) -> wire.NewOrder:
    """The order to import with all its after-sales, which an import also overwrites.

    Raises:
        InvalidForPlatform: a required value is missing, its amount does not add up, or the
            platform has no such status or method of payment.
    """
    needs = Requirements(_NAME)
    check_amount(document, needs)
    updated_at = document.updated_at
    order = wire.NewOrder(
        cate_id=kind_code(document.kind, needs),
        biz_app_id=app_key,
        title=needs.given(document.title, "title", instead=""),
        resource_id=document.platform_id,
        ctime=document.created_at,
        mtime=document.created_at if updated_at is None else updated_at,
        status=status_code(document.kind, document.status, needs),
        ext=wire.NewExt(
            main_order=_main_order(document, needs, with_parcels=with_parcels),
            subs_order=(
                subs_order(after_sales, document.after_sale_status, needs) if after_sales else None
            ),
        ),
    )
    return needs.settle(order)


def changed_order(
    document: OrderDocument, app_key: str, *, with_parcels: bool = False
) -> wire.ChangedOrder:
    """The order as an update: everything but its after-sales, which are left unchanged.

    Raises:
        InvalidForPlatform: as for `new_order`, except that a title may be missing.
    """
    needs = Requirements(_NAME)
    check_amount(document, needs)
    order = wire.ChangedOrder(
        cate_id=kind_code(document.kind, needs),
        biz_app_id=app_key,
        title=document.title,
        resource_id=document.platform_id,
        # The platform has it from the import.
        ctime=document.created_at if document.created_at_corrected else None,
        mtime=document.updated_at,
        status=status_code(document.kind, document.status, needs),
        ext=wire.ChangedExt(main_order=_main_order(document, needs, with_parcels=with_parcels)),
    )
    return needs.settle(order)


def order_status(document: OrderDocument, app_key: str) -> wire.OrderStatus:
    """The order's status only.

    Raises:
        InvalidForPlatform: orders of its kind do not have this status.
    """
    needs = Requirements(_NAME)
    status = wire.OrderStatus(
        cate_id=kind_code(document.kind, needs),
        biz_app_id=app_key,
        resource_id=document.platform_id,
        status=status_code(document.kind, document.status, needs),
    )
    return needs.settle(status)


def logistics(document: OrderDocument, app_key: str) -> list[wire.Logistics]:
    """The order's parcels, each as a record of the logistics call.

    Raises:
        InvalidForPlatform: a parcel has no tracking number or no carrier.
    """
    needs = Requirements(_NAME)
    records = [
        wire.Logistics(
            cate_id=kind_code(document.kind, needs),
            biz_app_id=app_key,
            resource_id=document.platform_id,
            ext=wire.LogisticsExt(main_order=wire.LogisticsMainOrder(express=parcel)),
        )
        for parcel in _parcels(document, needs)
    ]
    return needs.settle(records)


def codes(document: OrderDocument, after_sales: Sequence[AfterSaleDocument]) -> Codes:
    """The status codes of the order and of all its after-sales.

    Raises:
        InvalidForPlatform: the platform has no such status.
    """
    needs = Requirements(_NAME)
    written = Codes(
        str(status_code(document.kind, document.status, needs)),
        tuple(
            str(after_sale_status_code(one.status, needs, "afterSales", str(index), "status"))
            for index, one in enumerate(after_sales)
        ),
    )
    return needs.settle(written)


def _main_order(
    document: OrderDocument, needs: Requirements, *, with_parcels: bool
) -> wire.MainOrder:
    payment = document.payment
    needs.given(document.items, "items", instead=())
    return wire.MainOrder(
        products=tuple(
            _product(item, needs, "items", str(index)) for index, item in enumerate(document.items)
        ),
        payment=Payment(
            method=method_code(payment.method if payment else None, needs, "payment", "method"),
            amount=document.total,
            is_payment=payment.paid if payment else False,
            time=(payment.paid_at if payment else None) or 0,
            preferential_info=payment_lines(document.discounts),
            payment_info=payment_lines(charges(document)),
        ),
        appraise=detail_page(document.review_page),
        order_detail=detail_page(document.page),
        express=_parcels(document, needs) if with_parcels else (),
    )


def _parcels(document: OrderDocument, needs: Requirements) -> tuple[wire.Express, ...]:
    return tuple(
        _parcel(one, needs, "shipments", str(place)) for place, one in enumerate(document.shipments)
    )


def _parcel(shipment: Shipment, needs: Requirements, *path: str) -> wire.Express:
    listed = CARRIER_BY_CODE.get(shipment.carrier_code)
    name = shipment.carrier_name or (listed.name if listed else shipment.carrier_code)
    return wire.Express(
        id=needs.given(shipment.tracking_number, *path, "trackingNumber", instead=""),
        name=needs.given(name, *path, "carrierName", instead=""),
        code=shipment.carrier_code or "",
        type=FROM_MERCHANT,
        status=0,
    )


def _product(item: OrderItem, needs: Requirements, *path: str) -> wire.Product:
    if len(item.images) > MOST_IMAGES:
        needs.wrong(f"Baidu takes {MOST_IMAGES} images at most", *path, "images")
    if len(item.attributes) > MOST_ATTRIBUTES:
        needs.wrong(f"Baidu takes {MOST_ATTRIBUTES} attributes at most", *path, "attributes")
    return wire.Product(
        id=item.platform_product_id,
        name=item.title,
        desc=item.description,
        quantity=item.quantity,
        price=item.unit_price if item.list_price is None else item.list_price,
        pay_price=item.unit_price,
        img_list=item.images,
        detail_page=detail_page(item.page),
        sku_attr=tuple(wire.SkuAttr(name=pair.name, value=pair.value) for pair in item.attributes),
    )
