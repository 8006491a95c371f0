"""Reads ids, amounts of money and fee rules in inputs."""

from decimal import Decimal, localcontext
from typing import Final

from gateway.ports.writing.problems import Problems
from schema.delivery import FeeRule
from schema.errors import ErrorCode
from schema.inputs.delivery import FeeRuleInput
from schema.key import Key, MalformedId
from schema.money import Money, MoneyInput


def read_id(text: str, kind: str, shop: str, problems: Problems, *path: str | int) -> Key | None:
    """The key in an id; None, and a problem at `path`, if it is invalid there."""
    try:
        key = Key.decode(text)
    except MalformedId:
        problems.add("This is no id: give the `id` of an earlier answer.", *path)
        return None
    if key.kind != kind:
        problems.add(f"This is the id of a {key.kind}, not of a {kind}.", *path)
        return None
    if key.shop != shop:
        message = f"There is no such {kind} in the shop {shop!r}."
        problems.add(message, *path, code=ErrorCode.NOT_FOUND)
        return None
    return key


#: The platforms' amounts have 32 bits.
_MOST_FEN: Final = 2**31 - 1
_NOTHING: Final = Money(fen=0)


def read_money(given: MoneyInput, problems: Problems, *path: str | int) -> Money | None:
    """An amount of 0 or more; None, and a problem at `path`, where it is invalid."""
    if isinstance(given.fen, int):
        fen, member = given.fen, "fen"
    else:
        assert isinstance(given.amount, Decimal)  # noqa: S101 - @oneOf: the one or the other
        exact, member = _fen(given.amount), "amount"
        if exact is None:
            problems.add("An amount in yuan has at most two decimals.", *path, member)
            return None
        fen = exact
    if not 0 <= fen <= _MOST_FEN:
        bound = f"{_MOST_FEN} fen" if member == "fen" else f"{Decimal(_MOST_FEN).scaleb(-2)} yuan"
        problems.add(f"An amount must be between 0 and {bound}.", *path, member)
        return None
    return Money(fen=fen)


def read_fee_rule(given: FeeRuleInput, problems: Problems) -> FeeRule:
    """A shipping fee; adds the problems of its units and amounts."""
    for name, units in (
        ("startUnits", given.start_units),
        ("additionalUnits", given.additional_units),
    ):
        if units < 0:
            problems.add("Units are counted from 0.", name)
    return FeeRule(
        start_units=given.start_units,
        start_fee=read_money(given.start_fee, problems, "startFee") or _NOTHING,
        additional_units=given.additional_units,
        additional_fee=read_money(given.additional_fee, problems, "additionalFee") or _NOTHING,
    )


def _fen(yuan: Decimal) -> int | None:
    if yuan.adjusted() > len(str(_MOST_FEN)):
        return _MOST_FEN + 1 if yuan > 0 else -1
    with localcontext() as context:
        context.prec = max(len(yuan.as_tuple().digits), 1) + 4
        fen = yuan.scaleb(2)
        return int(fen) if fen == fen.to_integral_value() else None
