"""Inputs of payments: of an order, and of what an after-sale is about."""

from schema.declare import described, public_input
from schema.money import MoneyInput
from schema.order_status import PaymentMethod
from schema.scalars import DateTime


@public_input
class PaymentInput:
    """The payment of an order."""

    method: PaymentMethod = described("How it is paid.")
    paid: bool = described("Whether it has been paid.")
    paid_at: DateTime | None = described("When it was paid.", default=None)
    reference: str | None = described(
        "The payment's transaction id. The shopping list requires it for orders paid by"
        " WeChat Pay; Baidu's cashier calls its own scene_id.",
        default=None,
    )
    merchant_id: str | None = described(
        "The merchant number of WeChat Pay that took the payment. With `merchantTradeNumber` it"
        " identifies the payment where `reference` is not known.",
        default=None,
    )
    merchant_trade_number: str | None = described(
        "The merchant's own number of the payment (out_trade_no), unique to `merchantId`.",
        default=None,
    )


@public_input
class PaymentLineInput:
    """A discount or a charge."""

    name: str = described("The name, such as 优惠券.")
    amount: MoneyInput = described("The amount of one unit.")
    quantity: int | None = described("The number of units; defaults to 1.", default=None)


@public_input
class AfterSaleItemPaymentInput:
    """The payment of what an after-sale is about (Baidu's SubsOrder.Items[].Payment)."""

    amount: MoneyInput = described("The amount that was paid for it.")
    method: PaymentMethod | None = described("How it was paid; defaults to online.", default=None)
    paid: bool | None = described("Whether it has been paid; defaults to true.", default=None)
    paid_at: DateTime | None = described("When it was paid.", default=None)
    discounts: list[PaymentLineInput] | None = described("The discounts.", default=None)
    charges: list[PaymentLineInput] | None = described(
        "The charges, the shipping fee among them.", default=None
    )
