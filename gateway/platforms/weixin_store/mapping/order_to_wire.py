"""Maps changes of orders to the Weixin Store's requests."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from gateway.platforms.weixin_store.rules.prices import NewPrices, changed_before
from gateway.platforms.weixin_store.wire import order_write as wire
from gateway.ports.writing.parcels import HeldLine, Parcel
from schema.order import Order
from schema.order_details import WeixinStoreOrderDetails
from schema.order_item import OrderItem

#: The code of every carrier that the platform does not list; its name has no place.
OTHER: Final = "OTHER"


def parcels_to_wire(
    order: str, parcels: Sequence[Parcel], contents: Sequence[Sequence[HeldLine]]
) -> wire.ParcelsRequest:
    """The request for the parcels of an order, each with what it holds."""
    return wire.ParcelsRequest(
        order_id=order,
        delivery_list=[
            wire.Parcel(
                deliver_type=wire.BY_CARRIER,
                delivery_id=parcel.carrier.code or OTHER,
                waybill_id=parcel.tracking_number,
                product_infos=_goods((held.line, held.quantity) for held in inside),
            )
            for parcel, inside in zip(parcels, contents, strict=True)
        ],
    )


def nothing_sent(order: str, lines: Sequence[OrderItem]) -> wire.ParcelsRequest:
    """The request for an order of which nothing is sent: it is always about all of it."""
    goods = _goods((line, line.quantity) for line in lines)
    one = wire.Parcel(deliver_type=wire.NOTHING_SENT, product_infos=goods)
    return wire.ParcelsRequest(order_id=order, delivery_list=[one])


def prices_to_wire(order: Order, prices: NewPrices) -> wire.PricesRequest:
    """The request for the prices of an order.

    A request voids the one before it: so it has what was changed before, too.
    """
    totals = dict(changed_before(order))
    totals.update({str(line.id()): fen for line, fen in prices.lines})
    fee = prices.shipping_fee
    if fee is None:
        fee = changed_fee(order)
    return wire.PricesRequest(
        order_id=order.platform_id,
        change_express=fee is not None,
        express_fee=fee,
        change_order_infos=[
            wire.LinePrice(
                product_id=line.platform_product_id,
                sku_id=line.platform_sku_id or "",
                change_price=totals[str(line.id())],
            )
            for line in order.items
            if str(line.id()) in totals
        ],
    )


def changed_fee(order: Order) -> int | None:
    """The shipping fee, in fen, that was set before; None if the order's own holds."""
    details = order.details
    prices = details.prices if isinstance(details, WeixinStoreOrderDetails) else None
    if prices is None or not prices.freight_changed or prices.changed_freight is None:
        return None
    return prices.changed_freight.fen


def _goods(held: Iterable[tuple[OrderItem, int]]) -> list[wire.Goods]:
    """The goods of a parcel: lines of the same goods as one, and none without units."""
    units: Counter[tuple[str, str]] = Counter()
    for line, quantity in held:
        units[line.platform_product_id, line.platform_sku_id or ""] += quantity
    return [
        wire.Goods(product_id=product, sku_id=sku, product_cnt=count)
        for (product, sku), count in units.items()
        if count
    ]
