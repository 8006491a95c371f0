"""Maps orders of the ledger to the public schema."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from gateway.errors import LedgerUnreadable
from gateway.ledger.mapping.buyer import address_of, buyer_of
from gateway.ledger.mapping.parts import attributes, member, moment, money, page_link, sum_of
from gateway.ledger.shipments import shipment_numbers
from gateway.ports.carriers import named
from gateway.store.documents import FoundPersonal, OrderDocument, OrderItem, OrderPersonal, Shipment
from schema.after_sale import AfterSaleStatus
from schema.key import Key
from schema.line_ids import positions
from schema.money import Money
from schema.order import Order
from schema.order_details import OrderDetails
from schema.order_item import OrderItem as PublicOrderItem
from schema.order_status import OrderStatus, PaymentMethod
from schema.shipment import Carrier, ShipmentItem
from schema.shipment import Shipment as PublicShipment
from schema.shop import Shop


def line_total(item: OrderItem) -> int:
    """What the line costs, in fen."""
    return item.unit_price * item.quantity if item.total is None else item.total


def order_items(document: OrderDocument, order: Key) -> list[PublicOrderItem]:
    """The lines of the order with this key."""
    goods = ((item.platform_product_id, item.platform_sku_id) for item in document.items)
    return [
        order_item(item, order, position)
        for item, position in zip(document.items, positions(goods), strict=True)
    ]


def order_item(item: OrderItem, order: Key, position: int = 0) -> PublicOrderItem:
    """A line of the order with this key, with the keys of its product and SKU in the same shop."""
    product, shop = item.platform_product_id, order.shop
    return PublicOrderItem(
        order_key=order,
        position=position,
        product_key=Key("Product", shop, product),
        sku_key=Key("Sku", shop, product, item.platform_sku_id or ""),
        platform_product_id=product,
        platform_sku_id=item.platform_sku_id,
        known_code=item.code,
        title=item.title,
        description=item.description,
        image=item.images[0] if item.images else None,
        images=list(item.images),
        quantity=item.quantity,
        unit_price=Money(fen=item.unit_price),
        list_price=money(item.unit_price if item.list_price is None else item.list_price),
        total=Money(fen=line_total(item)),
        attributes=attributes(item.attributes),
        category_path=list(item.category_path) or None,
        page=page_link(item.page),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderMapping:
    """Maps one shop's orders, with its platform's own details and table of carriers."""

    shop: Shop
    details: Callable[[OrderDocument, FoundPersonal], OrderDetails]
    carriers: Sequence[Carrier] = ()
    #: The name of an AfterSaleStatus, None where the order has no after-sales.
    after_sale_status: Callable[[OrderDocument], str | None] = attrgetter("after_sale_status")

    def order(self, document: OrderDocument, found: FoundPersonal) -> Order:
        """The order; without buyer, address and invoice once they are erased.

        If they cannot be decrypted, selecting them is an error; the rest is there.
        """
        personal = found if isinstance(found, OrderPersonal) else None
        payment = document.payment
        after_sales = self.after_sale_status(document)
        key = Key("Order", self.shop.key_name, document.platform_id)
        parcels = zip(shipment_numbers(document.shipments), document.shipments, strict=True)
        return Order(
            key=key,
            shop=self.shop,
            platform=self.shop.platform,
            platform_id=document.platform_id,
            status=member(document.status, OrderStatus.UNKNOWN),
            platform_status=document.platform_status,
            created_at=moment(document.created_at),
            updated_at=moment(document.updated_at),
            paid_at=moment(payment.paid_at) if payment else None,
            payment_method=member(payment.method, PaymentMethod.UNKNOWN) if payment else None,
            payment_reference=payment.reference if payment else None,
            buyer_data=buyer_of(personal),
            shipping_address_data=address_of(personal.shipping_address) if personal else None,
            items=order_items(document, key),
            total=Money(fen=document.total),
            subtotal=Money(fen=sum(map(line_total, document.items))),
            shipping_fee=money(document.shipping_fee),
            discount=money(sum_of(document.discounts)) if document.discounts else None,
            shipments=[parcel_of(key, number, one, self.carriers) for number, one in parcels],
            after_sale_status=(
                None if after_sales is None else member(after_sales, AfterSaleStatus.UNKNOWN)
            ),
            details=self.details(document, found),
            unreadable=found if isinstance(found, LedgerUnreadable) else None,
        )


def parcel_of(
    order: Key, number: int, shipment: Shipment, carriers: Sequence[Carrier]
) -> PublicShipment:
    """A parcel of an order; `carriers` are those that its platform has codes for."""
    items = [
        ShipmentItem(
            platform_product_id=item.platform_product_id,
            platform_sku_id=item.platform_sku_id,
            quantity=item.quantity,
        )
        for item in shipment.items
    ]
    return PublicShipment(
        order_key=order,
        number=number,
        carrier=_carrier(shipment.carrier_code, shipment.carrier_name, carriers),
        tracking_number=shipment.tracking_number,
        shipped_at=moment(shipment.shipped_at),
        page=page_link(shipment.page),
        items=items or None,
    )


def _carrier(code: str | None, name: str | None, carriers: Sequence[Carrier]) -> Carrier | None:
    listed = next((one for one in carriers if code and one.code == code), None)
    if listed is not None:
        return Carrier(code=code, name=name or listed.name, key=listed.key)
    if name is not None:
        return replace(named(name), code=code)
    return None if code is None else Carrier(code=code)
