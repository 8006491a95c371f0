"""Amounts of money as callers give them."""

from decimal import Decimal

from strawberry import UNSET

from schema.declare import described, public_choice
from schema.scalars import BigInt


@public_choice
class MoneyInput:
    """An amount of CNY, exact to the fen, in one of two ways."""

    amount: Decimal | None = described(
        'Yuan, with at most two decimals, such as "12.34".', default=UNSET
    )
    fen: BigInt | None = described("The same in fen.", default=UNSET)
