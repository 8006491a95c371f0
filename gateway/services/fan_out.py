"""Fan-out: reads one list from several shops, each within its deadline, and merges them."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Protocol, Self, TypeVar

import msgspec

from gateway.errors import BadUserInput
from gateway.ports import Adapter, Page, ReadOptions
from gateway.services.cursor import ListStart, PageArguments, Place, read_start
from gateway.services.directory import Directory, unsupported
from gateway.services.merge import Merged, PageSource, Part, SortOrder, merge
from gateway.services.viewer import Viewer
from schema.platform import Platform

T = TypeVar("T")
Port = TypeVar("Port")

#: The share of an operation's time after which its lists return what they have.
LIST_SHARE: Final = 0.8
#: Seconds that one shop has in a list.
SHOP_SECONDS: Final = 10.0
#: Seconds that a list waits for a shop whose platform stopped answering, and is being probed.
PROBE_SECONDS: Final = 0.5
#: The share of a shop's time that its calls have: then the call itself reports its failure.
_CALLS_SHARE: Final = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[T, Port]):
    """Definition of a list.

    `ability` is its name in messages. `port` finds it on a shop, None if its platform has none.
    `read` takes the port, a position, the number of entries, and the read options; of a list that
    is read backwards it returns the entries before the position.
    """

    ability: str
    port: Callable[[Adapter], Port | None]
    read: Callable[[Port, Place, int, ReadOptions], Awaitable[Page[T]]]
    order: SortOrder[T]


class ChoosesShops(Protocol):
    """A filter of shops; None means all that the viewer sees."""

    @property
    def shops(self) -> Sequence[str] | None:
        """Their keys."""

    @property
    def platforms(self) -> Sequence[Platform] | None:
        """Their platforms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRequest:
    """Which page of a list, of which shops; None means all that the viewer sees."""

    shops: Sequence[str] | None
    platforms: Sequence[Platform] | None
    part: Part

    @classmethod
    def of(cls, chosen: ChoosesShops, places: dict[str, Place], first: int) -> Self:
        """The `first` entries that follow these positions, of the shops that a filter selects."""
        part = Part(start=ListStart(places=places), size=first)
        return cls(shops=chosen.shops, platforms=chosen.platforms, part=part)

    @classmethod
    def marked(
        cls,
        chosen: ChoosesShops,
        page: PageArguments,
        mark: int,
        *,
        timed: bool,
        default_order: bool = True,
    ) -> Self:
        """The page of the shops that a filter selects; its cursors are those of the mark alone.

        `timed` and `default_order` are as in `read_start`.

        Raises:
            BadUserInput: the cursor is of another list, or of one with another mark.
        """
        start = read_start(page, timed=timed, mark=mark, default_order=default_order)
        part = Part(start=start, size=page.size, backwards=page.backwards, mark=mark)
        return cls(shops=chosen.shops, platforms=chosen.platforms, part=part)


class FanOut:
    """Reads lists of several shops; `monotonic` is the clock of deadlines."""

    def __init__(self, directory: Directory, monotonic: Callable[[], float]) -> None:
        self._directory = directory
        self._monotonic = monotonic

    async def across(
        self, viewer: Viewer, listing: Listing[T, Port], asked: ListRequest, reading: ReadOptions
    ) -> Merged[T]:
        """The next entries of the list over all selected shops.

        Raises:
            BadUserInput: an unknown shop, or the shops named have no such list.
            PlatformFailure | StoreUnavailable | Overloaded: every shop asked failed.
        """
        selected = self._directory.select(viewer, asked.shops, asked.platforms)
        within, seconds = self.bounded(reading)
        feeds = [
            PageSource(adapter.shop, _reader(listing, port, within))
            for adapter in selected
            if (port := listing.port(adapter)) is not None
        ]
        if selected and not feeds and asked.shops is not None:
            raise BadUserInput(unsupported(selected, listing.ability))
        read = {feed.shop.key_name for feed in feeds}
        skipped = [adapter.shop for adapter in selected if adapter.shop.key_name not in read]
        return await merge(feeds, skipped, listing.order, asked.part, seconds)

    def bounded(self, reading: ReadOptions, share: float = 1.0) -> tuple[ReadOptions, float]:
        """The read options of each shop of a list, and its timeout in seconds.

        `share` is the part of the list's time that is given.
        """
        now = self._monotonic()
        seconds = SHOP_SECONDS
        if reading.list_deadline is not None:
            seconds = max(0.0, min(seconds, reading.list_deadline - now))
        seconds *= share
        within = msgspec.structs.replace(
            reading, deadline=now + seconds * _CALLS_SHARE, probe_seconds=PROBE_SECONDS
        )
        return within, seconds


def _reader(
    listing: Listing[T, Port], port: Port, reading: ReadOptions
) -> Callable[[Place, int], Awaitable[Page[T]]]:
    return lambda place, count: listing.read(port, place, count, reading)
