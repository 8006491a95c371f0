"""Amounts of money in a mutation's input, exact to the fen."""

from decimal import Decimal
from typing import Final

from strawberry import UNSET

from gateway.writes.problems import Problems
from schema.inputs.money import MoneyInput

#: No platform counts further.
_MOST: Final = 2**53


def fen_of(money: MoneyInput, problems: Problems, *path: str | int) -> int | None:
    """The amount in fen, 0 or more; None, and a problem, where it is none such."""
    fen = _in_fen(money)
    if fen != fen.to_integral_value():
        problems.add("This is not a whole number of fen: give at most two decimals.", *path)
        return None
    if not 0 <= fen <= _MOST:
        problems.add("This is no amount that can be asked for: give 0 or more.", *path)
        return None
    return int(fen)


def _in_fen(money: MoneyInput) -> Decimal:
    if money.amount is not UNSET and money.amount is not None:
        # Scaling would round what has more digits than the context.
        sign, digits, exponent = money.amount.as_tuple()
        assert isinstance(exponent, int)  # noqa: S101 - the scalar takes finite numbers only
        return Decimal((sign, digits, exponent + 2))
    return Decimal(money.fen or 0)
