"""Maps orders of the Weixin Store to Order (reference, section 3.3)."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from gateway.platforms.weixin_store.mapping.order_prices import (
    consistent,
    discount_of,
    freight_of,
    original_of,
)
from gateway.platforms.weixin_store.mapping.status import order_status
from gateway.platforms.weixin_store.wire.order import (
    AddressInfo,
    DeliveryInfo,
    ExtInfo,
    OrderDetail,
    ParcelInfo,
    PayInfo,
    PriceInfo,
    ProductInfo,
    TelNumberInfo,
)
from gateway.platforms.weixin_store.wire.order import Order as WireOrder
from gateway.ports.carriers import named
from gateway.wechat.order_prices import prices_from_wire
from gateway.wechat.scalars import moment, money, text, whole, yes
from schema.after_sale import AfterSaleStatus
from schema.buyer import Buyer, ShippingAddress
from schema.key import Key
from schema.lazy_fields import begin_lazy
from schema.line_ids import positions
from schema.money import Money
from schema.order import Order
from schema.order_details import WeixinStoreOrderDetails
from schema.order_item import OrderItem
from schema.order_status import OrderStatus, PaymentMethod
from schema.platform import Platform
from schema.shipment import Carrier, Shipment, ShipmentItem
from schema.shop import Shop
from schema.sku import SkuAttribute

#: Pay later is WeChat Pay too: it is charged later.
_PAYMENT: Final = {
    1: PaymentMethod.WECHAT_PAY,
    2: PaymentMethod.WECHAT_PAY,
    3: PaymentMethod.OTHER,
    4: PaymentMethod.OTHER,
}
_SCENES: Final = {1: "OTHER", 2: "LIVE", 3: "VIDEO", 4: "SHARE", 5: "WINDOW", 6: "ARTICLE"}
_UNPAID: Final = 10
_NO_DETAIL: Final = OrderDetail()


def order_from_wire(raw: WireOrder, shop: Shop, source: Callable[[], Any] | None = None) -> Order:
    """An order; `source` returns its document as received."""
    detail = raw.order_detail or _NO_DETAIL
    payment = detail.pay_info or PayInfo()
    prices = detail.price_info or PriceInfo()
    platform_id = str(raw.order_id)
    status = _status(raw, payment)
    order = begin_lazy(Order, _Rest(raw))
    order.key = Key("Order", shop.key_name, platform_id)
    order.shop = shop
    order.platform = Platform.WEIXIN_STORE
    order.platform_id = platform_id
    order.status = status
    order.platform_status = text(raw.status)
    order.created_at = moment(raw.create_time)
    order.updated_at = moment(raw.update_time)
    order.paid_at = moment(payment.pay_time)
    order.payment_method = _payment_method(payment)
    order.items = _items(detail, order.key)
    order.total = Money(fen=_total(prices, order.items))
    order.shipping_fee = money(freight_of(prices))
    order.discount = money(discount_of(prices))
    order.payment_reference = text(payment.transaction_id)
    order.after_sale_status = _after_sale_status(raw, status)
    order.raw_source = source
    return order


def _status(raw: WireOrder, payment: PayInfo) -> OrderStatus:
    """The status; that of a payment lags, so the time of payment is the truth of it (C)."""
    code = whole(raw.status)
    if code == _UNPAID and whole(payment.pay_time):
        return OrderStatus.AWAITING_SHIPMENT
    return order_status(code)


def _payment_method(payment: PayInfo) -> PaymentMethod | None:
    method = whole(payment.payment_method)
    return None if not method else _PAYMENT.get(method, PaymentMethod.UNKNOWN)


def _after_sale_status(raw: WireOrder, status: OrderStatus) -> AfterSaleStatus | None:
    """Of an open after-sale the order says only that there is one: the others are their own."""
    sales = raw.aftersale_detail
    if sales is not None and whole(sales.on_aftersale_order_cnt):
        return AfterSaleStatus.PROCESSING
    return AfterSaleStatus.REFUNDED if status is OrderStatus.REFUNDED else None


def _total(prices: PriceInfo, items: list[OrderItem]) -> int:
    """What the buyer pays, in fen; of the lines and the shipping fee, if it is not reported."""
    if prices.order_price is not None:
        return prices.order_price
    if (original := original_of(prices)) is not None:
        return original
    lines = sum(item.total.fen for item in items if item.total is not None)
    return lines + (freight_of(prices) or 0)


class _Rest(msgspec.Struct):
    """Builds the lazy members of an order."""

    raw: WireOrder

    @property
    def detail(self) -> OrderDetail:
        return self.raw.order_detail or _NO_DETAIL

    @property
    def delivery(self) -> DeliveryInfo:
        return self.detail.delivery_info or DeliveryInfo()

    def make_buyer_data(self, _: Order) -> Buyer | None:
        open_id, union_id = text(self.raw.openid), text(self.raw.unionid)
        if open_id is None and union_id is None:
            return None
        return Buyer(open_id=open_id, union_id=union_id)

    def make_shipping_address_data(self, _: Order) -> ShippingAddress | None:
        address = self.delivery.address_info
        return None if address is None else address_from_wire(address)

    def make_subtotal(self, _: Order) -> Money | None:
        prices = self.detail.price_info
        return None if prices is None else money(prices.product_price)

    def make_shipments(self, order: Order) -> list[Shipment]:
        parcels = self.delivery.delivery_product_info
        return [_parcel(raw, order.key, number) for number, raw in enumerate(parcels, start=1)]

    def make_details(self, _: Order) -> WeixinStoreOrderDetails:
        return _details(self.raw, self.detail, self.delivery)


def _details(
    raw: WireOrder, detail: OrderDetail, delivery: DeliveryInfo
) -> WeixinStoreOrderDetails:
    notes = detail.ext_info or ExtInfo()
    scene = whole(notes.order_scene)
    prices = detail.price_info
    deadlines = [
        deadline for line in detail.product_infos if (deadline := whole(line.delivery_deadline))
    ]
    return WeixinStoreOrderDetails(
        customer_note_data=text(notes.customer_notes),
        merchant_note=text(notes.merchant_notes),
        scene=None if not scene else _SCENES.get(scene, str(scene)),
        gift=yes(raw.is_present),
        ship_before=moment(min(deadlines, default=None)),
        address_requested=delivery.address_under_review is not None
        and delivery.address_under_review != AddressInfo(),
        prices=None if prices is None else prices_from_wire(prices, consistent=consistent(prices)),
    )


def address_from_wire(raw: AddressInfo) -> ShippingAddress:
    """An address; what the platform hides it has replaced by asterisks."""
    street = "".join(part for part in (raw.detail_info, raw.house_number) if part)
    numbers = raw.tel_number_ext_info or TelNumberInfo()
    parts = (raw.user_name, street, text(raw.tel_number))
    return ShippingAddress(
        name=text(raw.user_name),
        national_code=text(raw.postal_code),
        province=text(raw.province_name),
        city=text(raw.city_name),
        district=text(raw.county_name),
        street=street or None,
        mobile=text(raw.tel_number),
        masked=any("*" in part for part in parts if part),
        virtual_phone=text(numbers.virtual_tel_number) or text(raw.virtual_order_tel_number),
        virtual_phone_expires_at=moment(numbers.virtual_tel_expire_time),
        hash=text(raw.hash_code),
    )


def _parcel(raw: ParcelInfo, order: Key, number: int) -> Shipment:
    return Shipment(
        order_key=order,
        number=number,
        carrier=_carrier(raw),
        tracking_number=text(raw.waybill_id),
        shipped_at=moment(raw.delivery_time),
        items=[
            ShipmentItem(
                platform_product_id=text(one.product_id) or "",
                platform_sku_id=text(one.sku_id),
                quantity=whole(one.product_cnt),
            )
            for one in raw.product_infos
        ]
        or None,
    )


def _carrier(raw: ParcelInfo) -> Carrier | None:
    code, name = text(raw.delivery_id), text(raw.delivery_name)
    if code is None and name is None:
        return None
    return Carrier(code=code, name=name, key=None if name is None else named(name).key)


def _items(detail: OrderDetail, order: Key) -> list[OrderItem]:
    items = [_item(line, order) for line in detail.product_infos]
    goods = ((item.platform_product_id, item.platform_sku_id or "") for item in items)
    for item, position in zip(items, positions(goods), strict=True):
        item.position = position
    return items


def _item(raw: ProductInfo, order: Key) -> OrderItem:
    product_id, sku_id = text(raw.product_id) or "", text(raw.sku_id)
    item = begin_lazy(OrderItem, _RestOfLine(raw))
    item.order_key = order
    item.line = text(raw.product_unique_id)
    item.product_key = Key("Product", order.shop, product_id) if product_id else None
    item.known_code = text(raw.sku_code)
    item.platform_product_id = product_id
    item.platform_sku_id = sku_id
    item.title = raw.title or ""
    item.image = raw.thumb_img or None
    item.quantity = whole(raw.sku_cnt) or 0
    item.unit_price = money(raw.sale_price) or Money(fen=0)
    item.list_price = money(raw.market_price)
    item.estimated_total = money(raw.estimate_price)
    item.changed_total = money(raw.change_price) if yes(raw.is_change_price) else None
    item.discounted = None if raw.is_discounted is None else yes(raw.is_discounted)
    item.price_changed = None if raw.is_change_price is None else yes(raw.is_change_price)
    item.gift = yes(raw.is_free_gift)
    item.quantity_in_after_sale = whole(raw.on_aftersale_sku_cnt)
    item.quantity_refunded = whole(raw.finish_aftersale_sku_cnt)
    return item


class _RestOfLine(msgspec.Struct):
    """Builds the lazy members of a line."""

    raw: ProductInfo

    def make_sku_key(self, item: OrderItem) -> Key | None:
        product, sku_id = item.product_key, item.platform_sku_id
        if product is None or sku_id is None:
            return None
        return Key("Sku", product.shop, product.platform_id, sku_id)

    def make_images(self, item: OrderItem) -> list[str]:
        return [] if item.image is None else [item.image]

    def make_total(self, item: OrderItem) -> Money:
        told = money(self.raw.real_price)
        return Money(fen=item.unit_price.fen * item.quantity) if told is None else told

    def make_attributes(self, _: OrderItem) -> list[SkuAttribute]:
        return [
            SkuAttribute(known_name=pair.attr_key, known_value=pair.attr_value, custom=False)
            for pair in self.raw.sku_attrs
        ]
