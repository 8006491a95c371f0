"""A partner order's amounts, and whether they satisfy the manual's three formulas."""

from gateway.ledger.mapping.parts import money
from gateway.platforms.mini_program.wire.partner import PriceInfo
from schema.order_details import PartnerOrderPrices


def prices_from_wire(raw: PriceInfo) -> PartnerOrderPrices:
    """The price_info, field by field; what the platform left out is None."""
    return PartnerOrderPrices(
        products=money(raw.product_price),
        estimated_products=money(raw.estimate_product_price),
        original=money(raw.original_order_price),
        paid=money(raw.order_price),
        freight=money(raw.freight),
        changed_freight=money(raw.change_freight),
        freight_changed=raw.is_change_freight,
        discounted=money(raw.discounted_price),
        merchant_discount=money(raw.merchant_discounted_price),
        has_merchant_discount=raw.is_discounted,
        finder_discount=money(raw.finder_discounted_price),
        uses_points=raw.use_deduction,
        points_deduction=money(raw.deduction_price),
        change_down=money(raw.change_down_price),
        merchant_receives=money(raw.merchant_receive_price),
        consistent=consistent(raw),
    )


def consistent(raw: PriceInfo) -> bool | None:
    """Whether the amounts satisfy the page's three formulas.

    original_order_price = product_price + freight
    order_price = original_order_price − reductions − finder_discounted_price
    merchant_receieve_price = original_order_price − reductions

    with reductions = discounted_price + deduction_price + change_down_price. A reduction that
    is absent counts as none. Each formula tells what the original price must be: False where
    two that can be told differ, True where all are there and agree, None otherwise.
    """
    told = (raw.original_order_price, *implied_originals(raw))
    known = {original for original in told if original is not None}
    if len(known) > 1:
        return False
    return None if None in told else True


def implied_originals(raw: PriceInfo) -> tuple[int | None, int | None, int | None]:
    """The original price by each formula, in the order in which `consistent` lists them."""
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
