"""Maps orders of the WeChat Store to Order (manual 6.2, 6.3), and shipments back (6.4)."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

import msgspec

from gateway.platforms.wechat_store.mapping.carriers import carrier_from_wire
from gateway.platforms.wechat_store.mapping.sku import attributes_from_sku_id
from gateway.platforms.wechat_store.mapping.status import order_status_from_wire
from gateway.platforms.wechat_store.wire.order import DeliveryRequest, OrderProduct
from gateway.platforms.wechat_store.wire.order import Order as WireOrder
from gateway.ports.writing.parcels import Parcel
from gateway.wechat.scalars import moment, money, shown, text, whole
from schema.after_sale import AfterSaleStatus
from schema.buyer import Buyer, ShippingAddress
from schema.key import Key
from schema.lazy_fields import begin_lazy
from schema.line_ids import positions
from schema.money import Money
from schema.order import Order
from schema.order_details import WechatStoreOrderDetails
from schema.order_item import OrderItem
from schema.order_status import OrderStatus, PaymentMethod
from schema.platform import Platform
from schema.shipment import Shipment
from schema.shop import Shop
from schema.sku import SkuAttribute

#: All that an order says about its product.
_line: Final = attrgetter(*OrderProduct.__struct_fields__)


def order_from_wire(raw: WireOrder, shop: Shop, source: Callable[[], Any] | None = None) -> Order:
    """An order; `source` returns its document as received.

    The platform does not report the time of payment. The total includes the postage.
    """
    platform_id = str(raw.order_id)
    status = order_status_from_wire(raw)
    payment = text(raw.trans_id)
    order = begin_lazy(Order, _Rest(raw))
    order.key = Key("Order", shop.key_name, platform_id)
    order.shop = shop
    order.platform = Platform.WECHAT_STORE
    order.platform_id = platform_id
    order.status = status
    order.platform_status = None if raw.order_status is None else str(raw.order_status)
    order.created_at = moment(raw.order_create_time)
    order.payment_method = None if payment is None else PaymentMethod.WECHAT_PAY
    order.items = _items(raw, order.key)
    order.total = money(raw.order_total_price) or Money(fen=0)
    order.shipping_fee = money(raw.order_express_price)
    order.payment_reference = payment
    order.after_sale_status = (
        AfterSaleStatus.IN_DISPUTE if status is OrderStatus.IN_DISPUTE else None
    )
    order.raw_source = source
    return order


class _Rest(msgspec.Struct):
    """Builds the lazy members of an order."""

    raw: WireOrder

    def make_buyer_data(self, _: Order) -> Buyer | None:
        return _buyer(self.raw)

    def make_shipping_address_data(self, _: Order) -> ShippingAddress | None:
        return _address(self.raw)

    def make_subtotal(self, order: Order) -> Money | None:
        fee = order.shipping_fee
        return None if fee is None else Money(fen=order.total.fen - fee.fen)

    def make_shipments(self, order: Order) -> list[Shipment]:
        return _shipments(self.raw, order.key)

    def make_details(self, order: Order) -> WechatStoreOrderDetails:
        return WechatStoreOrderDetails(product=_flat(self.raw, order))


def _items(raw: WireOrder, order: Key) -> list[OrderItem]:
    """The list of products; the product beside it if the list is empty."""
    if not raw.products:
        return [item_from_wire(raw, order)] if raw.product_id else []
    items = [item_from_wire(line, order) for line in raw.products]
    if len(items) > 1:
        goods = ((item.platform_product_id, item.platform_sku_id or "") for item in items)
        for item, position in zip(items, positions(goods), strict=True):
            item.position = position
    return items


def _flat(raw: WireOrder, order: Order) -> OrderItem | None:
    """The product beside the list of products; usually the only one in the list."""
    if not raw.product_id:
        return None
    if not raw.products or _line(raw) == _line(raw.products[0]):
        return order.items[0]
    item = item_from_wire(raw, order.key)
    # None of the list: its id must be none of theirs, even if the goods are the same.
    item.position = len(order.items)
    return item


def _buyer(raw: WireOrder) -> Buyer | None:
    open_id, nickname = text(raw.buyer_openid), shown(raw.buyer_nick)
    if open_id is None and nickname is None:
        return None
    return Buyer(open_id=open_id, nickname=nickname)


def _shipments(raw: WireOrder, order: Key) -> list[Shipment]:
    company, number = text(raw.delivery_company), text(raw.delivery_id)
    if company is None and number is None:
        return []
    carrier = None if company is None else carrier_from_wire(company)
    return [Shipment(order_key=order, carrier=carrier, tracking_number=number)]


def _address(raw: WireOrder) -> ShippingAddress | None:
    address = ShippingAddress(
        name=text(raw.receiver_name),
        province=text(raw.receiver_province),
        city=text(raw.receiver_city),
        district=text(raw.receiver_zone),
        street=text(raw.receiver_address),
        mobile=text(raw.receiver_mobile),
        phone=text(raw.receiver_phone),
    )
    return None if address == _NO_ADDRESS else address


_NO_ADDRESS: Final = ShippingAddress()


def item_from_wire(raw: OrderProduct, order: Key) -> OrderItem:
    """A line of the order with this key; its total is price × count: the platform has none."""
    product_id = raw.product_id or ""
    item = begin_lazy(OrderItem, _REST_OF_LINE)
    item.order_key = order
    item.product_key = Key("Product", order.shop, product_id) if product_id else None
    item.platform_product_id = product_id
    item.platform_sku_id = raw.product_sku
    item.title = shown(raw.product_name) or ""
    item.image = raw.product_img or None
    item.quantity = whole(raw.product_count) or 0
    item.unit_price = money(raw.product_price) or Money(fen=0)
    return item


class _RestOfLine:
    """Builds the lazy members of a line from the others."""

    def make_sku_key(self, item: OrderItem) -> Key | None:
        product, sku_id = item.product_key, item.platform_sku_id
        if product is None or sku_id is None:
            return None
        return Key("Sku", product.shop, product.platform_id, sku_id)

    def make_images(self, item: OrderItem) -> list[str]:
        return [] if item.image is None else [item.image]

    def make_total(self, item: OrderItem) -> Money:
        return Money(fen=item.unit_price.fen * item.quantity)

    def make_attributes(self, item: OrderItem) -> list[SkuAttribute]:
        sku_id = item.platform_sku_id
        return attributes_from_sku_id(sku_id, item.product_key, {}) if sku_id else []


_REST_OF_LINE: Final = _RestOfLine()

_NO, _YES = 0, 1


def parcel_to_wire(order: str, parcel: Parcel | None) -> DeliveryRequest:
    """The request for an order's only parcel, or for an order that needs no delivery.

    A carrier with a code is in the platform's table, one without is sent by name.
    """
    if parcel is None:
        return DeliveryRequest(order_id=order, need_delivery=_NO)
    code, name = parcel.carrier.code, parcel.carrier.name
    return DeliveryRequest(
        order_id=order,
        delivery_company=code or name,
        delivery_track_no=parcel.tracking_number,
        need_delivery=_YES,
        is_others=_NO if code else _YES,
    )
