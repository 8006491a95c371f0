"""The entries of one answer, each mapped when it is first asked for, and then kept."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Generic, TypeVar

from gateway.platforms.wechat_store.adapter.raw import RawList

Wire = TypeVar("Wire")
Made = TypeVar("Made")


class Entries(Generic[Wire, Made]):
    """A list may hold thousands of entries of which a page shows twenty."""

    __slots__ = ("_made", "_make", "_raw", "wires")

    def __init__(
        self,
        wires: Sequence[Wire],
        make: Callable[[Wire, Callable[[], Any]], Made],
        raw: RawList,
    ) -> None:
        self.wires = wires
        self._make = make
        self._raw = raw
        self._made: dict[int, Made] = {}

    def __getitem__(self, place: int) -> Made:
        made = self._made.get(place)
        if made is None:
            made = self._make(self.wires[place], partial(self._raw.at, place))
            self._made[place] = made
        return made
