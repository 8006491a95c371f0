"""Copies an order of one platform into the document that another platform takes; pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from gateway.ledger.mapping.after_sale import OPEN, common_status
from gateway.ledger.mapping.buyer import address_document
from gateway.outbox.command import CurrentState
from gateway.services.mirroring.templates import Templates
from gateway.store.documents import (
    AfterSaleDocument,
    AfterSaleItem,
    Attribute,
    MirrorDocument,
    OrderDocument,
    OrderItem,
    Payment,
    PaymentLine,
    Shipment,
    ShipmentItem,
    ShippingAddress,
)
from gateway.store.indexed_products import IndexedSku
from schema import order_item, shipment
from schema.order import Order
from schema.order_status import OrderStatus
from schema.shipment import Carrier

#: Baidu's limit; the shopping list takes one.
_MOST_IMAGES: Final = 5
#: Baidu's limit.
_MOST_ATTRIBUTES: Final = 4


#: The platform's ids of a product and of its SKU; that is empty if the product has one only.
GoodsIds = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedGoods:
    """The goods of an order, as far as the index knows them by the merchant's codes."""

    #: Of the source's SKUs.
    codes: Mapping[GoodsIds, str] = field(default_factory=dict)
    #: The target's SKUs of each code.
    there: Mapping[str, Sequence[IndexedSku]] = field(default_factory=dict)

    def code_of(self, item: order_item.OrderItem) -> str | None:
        """The merchant's code of a line: its own, or that of its SKU."""
        ids = (item.platform_product_id, item.platform_sku_id or "")
        return item.known_code or self.codes.get(ids)

    def ids_there(
        self, item: order_item.OrderItem, former: OrderDocument | None
    ) -> tuple[str, str | None]:
        """The target's own ids of a line's goods; the source's if it is not known to have them.

        A copy keeps the ids that it was made with.
        """
        own = (item.platform_product_id, item.platform_sku_id or None)
        code = self.code_of(item)
        found = [(sku.product_id, sku.sku_id or None) for sku in self.there.get(code or "", ())]
        # What an earlier copy brought into the target is no goods of its own.
        others = [ids for ids in found if ids != own]
        lines = former.items if former is not None else ()
        copied = {(line.platform_product_id, line.platform_sku_id) for line in lines}
        return next((ids for ids in (own, *others) if ids in copied), next(iter(others), own))


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The shop that gets the copies."""

    templates: Templates
    goods: CopiedGoods = field(default_factory=CopiedGoods)
    #: Its platform's carriers.
    carriers: Sequence[Carrier] = ()
    takes_after_sales: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """The order as the target should have it."""

    document: OrderDocument
    address: ShippingAddress | None
    after_sales: tuple[AfterSaleDocument, ...]


def copy_of(
    order: Order, settings: MirrorDocument, target: Target, state: CurrentState, now: int
) -> Copy:
    """The copy; `state` has the copy so far, `now` in unix seconds.

    Times that the source does not report are those of the copy so far, or now: when a parcel was
    shipped, when a dispute began.
    """
    former = state.order.document if state.order else None
    fee = order.shipping_fee.fen if order.shipping_fee else 0
    items = tuple(_item(item, target, former) for item in order.items)
    excess = sum(item.unit_price * item.quantity for item in items) + fee - order.total.fen
    after_sales = _after_sales(order, items, state, now) if target.takes_after_sales else ()
    created_at = _seconds(order.created_at) or (former.created_at if former else now)
    document = OrderDocument(
        platform_id=order.platform_id,
        status=order.status.name,
        title=settings.title or (items[0].title if items else None),
        kind=settings.kind or "PHYSICAL",
        created_at=created_at,
        updated_at=now,
        items=items,
        total=order.total.fen,
        shipping_fee=fee,
        # The source reports discounts and charges as a sum only.
        discounts=(PaymentLine(name="优惠", amount=excess),) if excess > 0 else (),
        charges=(PaymentLine(name="其他", amount=-excess),) if excess < 0 else (),
        payment=_payment(order, settings),
        shipments=tuple(_parcel(parcel, order, target, former, now) for parcel in order.shipments),
        page=target.templates.page(target.templates.order_page, order.platform_id),
        after_sale_status=common_status(after_sales) if after_sales else None,
    )
    return Copy(
        document=document,
        address=address_document(order.shipping_address_data),
        after_sales=after_sales,
    )


def _item(item: order_item.OrderItem, target: Target, former: OrderDocument | None) -> OrderItem:
    templates = target.templates
    product, sku = target.goods.ids_there(item, former)
    return OrderItem(
        platform_product_id=product,
        platform_sku_id=sku,
        code=target.goods.code_of(item),
        title=item.title,
        description=item.description,
        quantity=item.quantity,
        unit_price=item.unit_price.fen,
        list_price=item.list_price.fen if item.list_price else None,
        images=tuple(item.images[:_MOST_IMAGES]),
        attributes=tuple(
            Attribute(name=pair.known_name, value=pair.known_value)
            for pair in item.attributes
            if pair.known_name and pair.known_value
        )[:_MOST_ATTRIBUTES],
        category_path=tuple(item.category_path or templates.category),
        page=templates.page(templates.product_page, product),
    )


def _payment(order: Order, settings: MirrorDocument) -> Payment:
    """The payment, whose time is the caller's or the source's; None: neither tells it."""
    paid = order.status is not OrderStatus.AWAITING_PAYMENT
    paid_at = settings.paid_at or _seconds(order.paid_at)
    return Payment(
        method=order.payment_method.name if order.payment_method else "ONLINE",
        paid=paid,
        paid_at=paid_at if paid else None,
        reference=order.payment_reference,
    )


def _parcel(
    parcel: shipment.Shipment, order: Order, target: Target, former: OrderDocument | None, now: int
) -> Shipment:
    number = parcel.tracking_number
    known = {one.tracking_number: one.shipped_at for one in former.shipments} if former else {}
    name = (parcel.carrier.name or parcel.carrier.code) if parcel.carrier else None
    return Shipment(
        carrier_code=_carrier_code(parcel.carrier, target.carriers),
        carrier_name=name,
        tracking_number=number,
        shipped_at=_seconds(parcel.shipped_at) or known.get(number) or now,
        page=target.templates.page(target.templates.parcel_page, order.platform_id),
        items=_parcel_items(parcel, order, target, former),
    )


def _parcel_items(
    parcel: shipment.Shipment, order: Order, target: Target, former: OrderDocument | None
) -> tuple[ShipmentItem, ...]:
    """The target's ids of a parcel's lines; of all lines if the source does not report them."""
    lines = {(item.platform_product_id, item.platform_sku_id or ""): item for item in order.items}
    items = []
    for item in parcel.items or order.items:
        product, sku = item.platform_product_id, item.platform_sku_id or None
        if (line := lines.get((product, sku or ""))) is not None:
            product, sku = target.goods.ids_there(line, former)
        items.append(
            ShipmentItem(platform_product_id=product, platform_sku_id=sku, quantity=item.quantity)
        )
    return tuple(items)


def _carrier_code(source: Carrier | None, carriers: Sequence[Carrier]) -> str | None:
    """The target's code of the carrier that the source names; None if it has none."""
    if source is None:
        return None
    if source.key is not None:
        return next((one.code for one in carriers if one.key == source.key), None)
    name = source.name or source.code
    for carrier in carriers:
        if name and carrier.name and (name in carrier.name or carrier.name in name):
            return carrier.code
    return None


def _after_sales(
    order: Order, items: Sequence[OrderItem], state: CurrentState, now: int
) -> tuple[AfterSaleDocument, ...]:
    """A dispute is an after-sale of the order's own id; it is closed once the dispute is over."""
    disputed = order.status is OrderStatus.IN_DISPUTE
    former = {one.platform_id: one for one in state.after_sales}
    mine = former.get(order.platform_id)
    if mine is None and disputed:
        former[order.platform_id] = _dispute(order, items, now)
    elif mine is not None and disputed and mine.status not in OPEN:
        former[order.platform_id] = replace(mine, status="APPLYING", updated_at=now)
    elif mine is not None and not disputed and mine.status in OPEN:
        former[order.platform_id] = replace(mine, status="CLOSED", updated_at=now)
    return tuple(former.values())


def _dispute(order: Order, items: Sequence[OrderItem], now: int) -> AfterSaleDocument:
    """About the whole order: the source reports neither the items nor the refund."""
    return AfterSaleDocument(
        platform_id=order.platform_id,
        order_platform_id=order.platform_id,
        status="APPLYING",
        platform_status="",
        kind="REFUND_ONLY",
        refund=order.total.fen,
        items=tuple(
            AfterSaleItem(
                platform_product_id=item.platform_product_id,
                quantity=item.quantity,
                refund=item.unit_price * item.quantity,
            )
            for item in items
        ),
        created_at=now,
        updated_at=now,
    )


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())
