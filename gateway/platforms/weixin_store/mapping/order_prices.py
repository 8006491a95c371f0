"""Maps an order's price_info, and checks it by the platform's formulas (reference, section 3.3)."""

from gateway.platforms.weixin_store.wire.order import PriceInfo


def freight_of(prices: PriceInfo) -> int | None:
    """The shipping fee that the buyer pays, in fen; the changed one, if it was changed."""
    changed = prices.is_change_freight and prices.change_freight is not None
    return prices.change_freight if changed else prices.freight


def original_of(prices: PriceInfo) -> int | None:
    """Goods and shipping before discounts, in fen."""
    if prices.original_order_price is not None:
        return prices.original_order_price
    if prices.product_price is None or prices.freight is None:
        return None
    return prices.product_price + prices.freight


def discount_of(prices: PriceInfo) -> int | None:
    """What all discounts take off, in fen; None if an amount is missing."""
    original = original_of(prices)
    if original is None or prices.order_price is None:
        return None
    return original - prices.order_price


def consistent(prices: PriceInfo) -> bool | None:
    """Whether the amounts satisfy the two formulas of the page; a missing discount counts as 0.

    original_order_price = product_price + freight
    order_price = original_order_price − every reduction

    None if an amount is missing, or if a discount for members or of a limited time is not 0: the
    page does not say whether `discounted_price` contains them. The older formula of
    `merchant_receieve_price` has one source only (C), so it decides nothing.
    """
    if prices.vip_discounted_price or prices.limited_discount_price:
        return None
    original, paid = prices.original_order_price, prices.order_price
    goods, freight = prices.product_price, prices.freight
    if original is None or paid is None or goods is None or freight is None:
        return None
    return original == goods + freight and paid == original - _reductions(prices)


def _reductions(prices: PriceInfo) -> int:
    # The page gives merchant_discounted_price the same meaning as discounted_price.
    discounted = prices.discounted_price
    if discounted is None:
        discounted = prices.merchant_discounted_price
    return sum(
        amount or 0
        for amount in (
            discounted,
            prices.finder_discounted_price,
            prices.deduction_price,
            prices.change_down_price,
            prices.bulkbuy_discounted_price,
            prices.national_subsidy_discounted_price,
            prices.cash_coupon_discounted_price,
            prices.national_subsidy_merchant_discounted_price,
            prices.platform_activity_merchant_discounted_price,
        )
    )
