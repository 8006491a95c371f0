"""Timelines: lists sorted newest first, of one shop and of all shops merged."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from gateway.ports import Adapter, Page, Position, ReadOptions
from gateway.services.cursor import Place
from gateway.services.fan_out import FanOut, Listing, ListRequest
from gateway.services.merge import Merged, SortOrder
from gateway.services.viewer import Viewer


class Created(Protocol):
    """Has a creation time; None if its platform does not report it."""

    @property
    def created_at(self) -> datetime | None:
        """When it was created."""

    @property
    def listed_at(self) -> int | None:
        """The unix second to sort by if the time is not reported; None: behind all others."""


Entry = TypeVar("Entry", bound=Created)
Query = TypeVar("Query")
Query_contra = TypeVar("Query_contra", contravariant=True)


class ReadsTimeline(Protocol[Entry, Query_contra]):
    """A port with a list by time."""

    async def page(
        self, query: Query_contra, after: Position | None, first: int, reading: ReadOptions
    ) -> Page[Entry]:
        """At most `first` entries that follow `after`."""


def newest_first(moment: datetime | None) -> int:
    """Ranks times so that the newest comes first; an entry without one comes last."""
    return -int(moment.timestamp()) if moment is not None else 0


def position(place: Place) -> Position | None:
    """A shop's position in a list by time, as its port takes it."""
    match place:
        case (int(at), str(name)):
            return Position(at, name)
        case _:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline(Generic[Entry, Query]):
    """The list of all shops.

    `ability` is its name in messages. `port` finds it on a shop, None if its platform has none.
    `name` orders entries of the same second, as the port's positions do.
    """

    fan_out: FanOut
    ability: str
    port: Callable[[Adapter], ReadsTimeline[Entry, Query] | None]
    name: Callable[[Entry], str]

    async def page(
        self, query: Query, part: ListRequest, viewer: Viewer, reading: ReadOptions
    ) -> Merged[Entry]:
        """The next entries, the newest first.

        Raises:
            BadUserInput: an unknown shop, or the shops named have no such list.
            PlatformFailure | StoreUnavailable: every shop asked failed.
        """
        listing: Listing[Entry, ReadsTimeline[Entry, Query]] = Listing(
            ability=self.ability,
            port=self.port,
            read=lambda port, place, count, within: port.page(
                query, position(place), count, within
            ),
            order=SortOrder(_rank, self._place),
        )
        return await self.fan_out.across(viewer, listing, part, reading)

    def _place(self, entry: Entry) -> Place:
        return (-_rank(entry), self.name(entry))


def _rank(entry: Created) -> int:
    if entry.created_at is None:
        return -(entry.listed_at or 0)
    return newest_first(entry.created_at)
