"""Reads amounts of money as callers give them, exact to the fen."""

from decimal import Decimal, localcontext
from typing import Final

from gateway.ports.writing.problems import Problems
from schema.money import Money, MoneyInput

#: The platforms count in 32 bits; nothing is sold for more.
_MOST_FEN: Final = 2**31 - 1


def read_money(given: MoneyInput, problems: Problems, *path: str | int) -> Money | None:
    """An amount of 0 or more; None, and a problem at `path`, where it is no whole number of fen."""
    if isinstance(given.fen, int):
        fen, member = given.fen, "fen"
    else:
        assert isinstance(given.amount, Decimal)  # noqa: S101 - @oneOf: the one or the other
        exact, member = _fen(given.amount), "amount"
        if exact is None:
            problems.add("An amount is a whole number of fen: two decimals at most.", *path, member)
            return None
        fen = exact
    if not 0 <= fen <= _MOST_FEN:
        problems.add(f"An amount is 0 to {_MOST_FEN} fen.", *path, member)
        return None
    return Money(fen=fen)


def _fen(yuan: Decimal) -> int | None:
    if yuan.adjusted() > len(str(_MOST_FEN)):
        return _MOST_FEN + 1 if yuan > 0 else -1
    with localcontext() as context:
        context.prec = max(len(yuan.as_tuple().digits), 1) + 4
        fen = yuan.scaleb(2)
        return int(fen) if fen == fen.to_integral_value() else None
