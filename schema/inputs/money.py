"""Amounts of money as callers give them."""

from decimal import Decimal

from strawberry import UNSET

from schema.declare import described, public_choice
from schema.scalars import BigInt


@public_choice
class MoneyInput:
    """MoneyInput."""

    amount: Decimal | None = described("", default=UNSET)
    fen: BigInt | None = described("", default=UNSET)
