"""Cost expressions: counts that are constant, or depend on an operation's variables."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Final

#: Counts stop here: a chain of fragments can double them hundreds of times.
ENOUGH: Final = 1_000_000_000_000

#: The coerced variables of an operation.
Values = Mapping[str, Any]
#: The counts of the fragments that depend on variables, once computed.
Known = dict[str, int]
Moving = Callable[[Values, Known], int]
Term = int | Moving


def value_of(amount: Term, values: Values, known: Known) -> int:
    """The count itself."""
    return amount if isinstance(amount, int) else amount(values, known)


def total(amounts: Iterable[Term]) -> Term:
    """Their sum."""
    fixed = 0
    moving: list[Moving] = []
    for amount in amounts:
        if isinstance(amount, int):
            fixed = min(ENOUGH, fixed + amount)
        else:
            moving.append(amount)
    if len(moving) == 1 and not fixed:
        return moving[0]
    return partial(_sum, fixed, tuple(moving)) if moving else fixed


def largest(amounts: Iterable[Term]) -> Term:
    """The largest of them; 0 if there are none."""
    fixed = 0
    moving: list[Moving] = []
    for amount in amounts:
        if isinstance(amount, int):
            fixed = max(fixed, amount)
        else:
            moving.append(amount)
    return partial(_largest, fixed, tuple(moving)) if moving else fixed


def product(count: Term, amount: Term) -> Term:
    """The count, multiplied."""
    if isinstance(count, int) and isinstance(amount, int):
        return min(ENOUGH, count * amount)
    if 0 in (count, amount):
        return 0
    return partial(_product, count, amount)


def where(variable: str, amount: Term, *, wanted: bool) -> Term:
    """The count if a boolean variable has the wanted value; else 0."""
    return 0 if amount == 0 else partial(_where, variable, wanted, amount)


def recall(name: str) -> Moving:
    """The count computed earlier under this name."""
    return partial(_recall, name)


def _sum(fixed: int, moving: tuple[Moving, ...], values: Values, known: Known) -> int:
    result = fixed
    for amount in moving:
        result += amount(values, known)
    return min(ENOUGH, result)


def _largest(fixed: int, moving: tuple[Moving, ...], values: Values, known: Known) -> int:
    return max(fixed, *(amount(values, known) for amount in moving))


def _product(count: Term, amount: Term, values: Values, known: Known) -> int:
    return min(ENOUGH, value_of(count, values, known) * value_of(amount, values, known))


def _where(
    variable: str,
    wanted: bool,  # noqa: FBT001 - a value, bound by partial
    amount: Term,
    values: Values,
    known: Known,
) -> int:
    return value_of(amount, values, known) if values.get(variable) is wanted else 0


def _recall(name: str, _values: Values, known: Known) -> int:
    return known[name]
