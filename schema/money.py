"""money."""

from decimal import Decimal

from schema.declare import derived, described, public_type
from schema.scalars import BigInt


@public_type
class Money:
    """Money."""

    currency_code: str = described("ISO 4217: always CNY.", default="CNY")
    fen: BigInt = described("The same amount in fen, as the platforms count.")

    @derived("Yuan, with two decimals.")
    def amount(self) -> Decimal:
        """Yuan, exact."""
        return Decimal(self.fen).scaleb(-2)


@public_type
class PriceRange:
    """PriceRange."""

    min: Money = described("")
    max: Money = described("")
