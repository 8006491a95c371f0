"""Amounts of money, exact to the fen."""

from decimal import Decimal
from functools import lru_cache

from strawberry import UNSET

from schema.declare import derived, described, public_choice, public_type
from schema.scalars import BigInt


@public_type
class Money:
    """An exact amount of money."""

    currency_code: str = described("The currency (ISO 4217); always CNY.", default="CNY")
    fen: BigInt = described("The amount in fen: 1/100 yuan.")

    @derived("The amount in yuan, with two decimals.")
    def amount(self) -> Decimal:
        """The amount in yuan."""
        return yuan(self.fen)


@lru_cache(maxsize=4_096)
def yuan(fen: int) -> Decimal:
    """An amount in yuan, with two decimals."""
    # The same prices recur.
    return Decimal(fen).scaleb(-2)


@public_type
class PriceRange:
    """The lowest and the highest price."""

    min: Money = described("The lowest price.")
    max: Money = described("The highest price.")


@public_choice
class MoneyInput:
    """An amount of money in CNY, exact to the fen. Give exactly one of the fields."""

    amount: Decimal | None = described(
        'The amount in yuan, with at most two decimals, such as "12.34".', default=UNSET
    )
    fen: BigInt | None = described("The amount in fen: 1/100 yuan.", default=UNSET)
