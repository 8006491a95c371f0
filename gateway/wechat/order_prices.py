"""The price_info of orders, which partner stores and Weixin Stores report in the same form."""

from msgspec import field

from gateway.wechat.scalars import money
from gateway.wechat.wire import Read
from schema.order_details import PartnerOrderPrices


class PriceInfo(Read, frozen=True, kw_only=True):
    """The order's amounts, in fen; the page tags most of them as not required.

    `merchant_receive_price` is spelt merchant_receieve_price by the platform.
    """

    product_price: int | None = None
    order_price: int | None = None
    freight: int | None = None
    discounted_price: int | None = None
    is_discounted: bool | None = None
    original_order_price: int | None = None
    estimate_product_price: int | None = None
    change_down_price: int | None = None
    change_freight: int | None = None
    is_change_freight: bool | None = None
    use_deduction: bool | None = None
    deduction_price: int | None = None
    merchant_receive_price: int | None = field(name="merchant_receieve_price", default=None)
    merchant_discounted_price: int | None = None
    finder_discounted_price: int | None = None


def prices_from_wire(raw: PriceInfo, *, consistent: bool | None) -> PartnerOrderPrices:
    """The price_info, field by field; None if the platform does not report it.

    `consistent`: whether the amounts satisfy the formulas of the platform's page, None if that
    cannot be said.
    """
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
        consistent=consistent,
    )
