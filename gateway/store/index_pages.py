"""Pages of the index's lists, and positions in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, NamedTuple, TypeVar

T = TypeVar("T")

#: Stands in sorted columns for what the platform does not report: it comes after all others.
UNREPORTED: Final = 2**62


class IndexPlace(NamedTuple):
    """A position in one shop's list: what it is sorted by, then the platform id.

    `value` is empty in a list that is sorted by the platform id alone.
    """

    value: int | str
    platform_id: str


@dataclass(frozen=True, slots=True)
class IndexPage(Generic[T]):
    """A part of one shop's list, in the list's order.

    `more`: whether anything follows `items`, or comes before them where the page was read
    backwards.
    """

    items: Sequence[T]
    more: bool
