"""Amounts of money, exact to the fen."""

from decimal import Decimal
from functools import lru_cache

from strawberry import UNSET

from schema.declare import derived, described, public_choice, public_type
from schema.scalars import BigInt


@public_type
class Money:
    """An amount of money, exact."""

    currency_code: str = described("ISO 4217: always CNY.", default="CNY")
    fen: BigInt = described("The same amount in fen, as the platforms count.")

    @derived("Yuan, with two decimals.")
    def amount(self) -> Decimal:
        """Yuan, exact."""
        return _yuan(self.fen)


@lru_cache(maxsize=4_096)
def _yuan(fen: int) -> Decimal:
    # The same prices come again and again.
    return Decimal(fen).scaleb(-2)


@public_type
class PriceRange:
    """The lowest and the highest price."""

    min: Money = described("The lowest.")
    max: Money = described("The highest.")


@public_choice
class MoneyInput:
    """An amount of CNY, exact to the fen, in one of two ways."""

    amount: Decimal | None = described(
        'Yuan, with at most two decimals, such as "12.34".', default=UNSET
    )
    fen: BigInt | None = described("The same in fen.", default=UNSET)
