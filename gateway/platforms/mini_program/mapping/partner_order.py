"""Maps a partner-store order and its prices from the platform's response."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.ledger.mapping.parts import money
from gateway.platforms.mini_program.mapping.status import AFTER_SALE_STATUS, PARTNER_STATUS
from gateway.platforms.mini_program.wire import partner
from gateway.wechat.order_prices import PriceInfo, prices_from_wire
from schema.buyer import Buyer
from schema.key import Key
from schema.line_ids import positions
from schema.money import Money
from schema.order import Order
from schema.order_details import PartnerOrderDetails
from schema.order_item import OrderItem
from schema.order_status import OrderStatus
from schema.shop import Shop
from schema.sku import SkuAttribute


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The requested order, which the response does not identify.

    `announced_at` is when the platform's event arrived, None if none has. `raw` returns the
    order's JSON as received.
    """

    shop: Shop
    partner_app_id: str
    order_id: str
    announced_at: datetime | None
    raw: Callable[[], Any]


def partner_order_from_wire(order: partner.Order, asked: Asked) -> Order:
    """The order; it has no time of its own, so the event's is used."""
    detail = order.order_detail or partner.OrderDetail()
    prices = detail.price_info or PriceInfo()
    key = Key("Order", asked.shop.key_name, asked.order_id, asked.partner_app_id)
    lines = detail.product_infos or ()
    places = positions((line.product_id, line.sku_id) for line in lines)
    items = [_item(line, key, position) for line, position in zip(lines, places, strict=True)]
    code = None if order.status is None else str(order.status)
    status = PARTNER_STATUS.get(code or "", OrderStatus.UNKNOWN)
    return Order(
        key=key,
        shop=asked.shop,
        platform=asked.shop.platform,
        platform_id=asked.order_id,
        status=status,
        platform_status=code,
        created_at=asked.announced_at,
        buyer_data=Buyer(open_id=order.openid, union_id=order.unionid),
        items=items,
        total=Money(fen=_total(prices, items)),
        subtotal=money(prices.product_price),
        shipping_fee=money(_freight(prices)),
        discount=money(_discount(prices)),
        shipments=[],
        after_sale_status=AFTER_SALE_STATUS.get(status),
        details=PartnerOrderDetails(
            partner_app_id=asked.partner_app_id,
            prices=(
                prices_from_wire(prices, consistent=consistent(prices))
                if detail.price_info is not None
                else None
            ),
        ),
        raw_source=asked.raw,
    )


def _total(prices: PriceInfo, items: Sequence[OrderItem]) -> int:
    """What the buyer pays, in fen; derived from the formulas or the items if not reported."""
    if prices.order_price is not None:
        return prices.order_price
    original = prices.original_order_price
    if original is None:
        original = implied_originals(prices)[0]
    if original is not None:
        return original - (_discount(prices) or 0)
    lines = sum(item.total.fen for item in items if item.total is not None)
    return lines + (_freight(prices) or 0)


def _freight(prices: PriceInfo) -> int | None:
    changed = prices.is_change_freight and prices.change_freight is not None
    return prices.change_freight if changed else prices.freight


def _discount(prices: PriceInfo) -> int | None:
    """Everything that lowers what the buyer pays; None if the platform reports nothing."""
    told = (
        prices.discounted_price,
        prices.merchant_discounted_price,
        prices.deduction_price,
        prices.change_down_price,
        prices.finder_discounted_price,
    )
    if all(amount is None for amount in told):
        return None
    return reductions(prices) + (prices.finder_discounted_price or 0)


def _item(line: partner.ProductInfo, order: Key, position: int) -> OrderItem:
    """A line; its product belongs to the partner store and cannot be looked up here."""
    return OrderItem(
        order_key=order,
        position=position,
        platform_product_id=str(line.product_id),
        platform_sku_id=None if line.sku_id is None else str(line.sku_id),
        known_code=line.sku_code,
        title=line.title or "",
        image=line.thumb_img,
        images=[] if line.thumb_img is None else [line.thumb_img],
        quantity=line.sku_cnt,
        unit_price=Money(fen=line.sale_price),
        list_price=money(line.market_price),
        total=Money(fen=_line_total(line)),
        estimated_total=money(line.estimate_price),
        changed_total=money(line.change_price),
        price_changed=line.is_change_price,
        discounted=line.is_discounted,
        attributes=[
            SkuAttribute(known_name=pair.attr_key, known_value=pair.attr_value, custom=False)
            for pair in line.sku_attrs or ()
        ],
    )


def _line_total(line: partner.ProductInfo) -> int:
    """What the buyer pays for the line, in fen.

    By the page it is the smaller of `estimate_price` and `change_price`; the latter only counts
    if `is_change_price` is true.
    """
    if line.real_price is not None:
        return line.real_price
    changed = None if line.is_change_price is False else line.change_price
    offered = [price for price in (line.estimate_price, changed) if price is not None]
    return min(offered, default=line.sale_price * line.sku_cnt)


def consistent(raw: PriceInfo) -> bool | None:
    """Whether the amounts satisfy the page's three formulas.

    original_order_price = product_price + freight
    order_price = original_order_price − reductions − finder_discounted_price
    merchant_receieve_price = original_order_price − reductions

    with reductions = discounted_price + deduction_price + change_down_price. A missing reduction
    counts as zero. Each formula yields an original price: False if two known ones differ, True
    if all are known and agree, None otherwise.
    """
    told = (raw.original_order_price, *implied_originals(raw))
    known = {original for original in told if original is not None}
    if len(known) > 1:
        return False
    return None if None in told else True


def implied_originals(raw: PriceInfo) -> tuple[int | None, int | None, int | None]:
    """The original price by each formula, in the order of `consistent`."""
    reduced = reductions(raw)
    return (
        _sum(raw.product_price, raw.freight),
        _sum(raw.order_price, reduced + (raw.finder_discounted_price or 0)),
        _sum(raw.merchant_receive_price, reduced),
    )


def reductions(raw: PriceInfo) -> int:
    """What lowers both the price and the merchant's receipts, in fen."""
    # The page gives merchant_discounted_price the same meaning as discounted_price.
    discounted = raw.discounted_price
    if discounted is None:
        discounted = raw.merchant_discounted_price or 0
    return discounted + (raw.deduction_price or 0) + (raw.change_down_price or 0)


def _sum(amount: int | None, more: int | None) -> int | None:
    return None if amount is None or more is None else amount + more
