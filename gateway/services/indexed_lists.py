"""Lists that are read from the index: rows of several shops merged, then what they stand for."""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, Protocol, TypeVar

from gateway.errors import PlatformFailure
from gateway.ports import Adapter, Page, ReadOptions
from gateway.services.cursor import Place
from gateway.services.fan_out import FanOut, Listing, ListRequest
from gateway.services.index_reach import provenance_of
from gateway.services.merge import Merged, SortOrder
from gateway.services.viewer import Viewer
from gateway.store.index_pages import IndexPage
from gateway.store.store import Store


class OfShop(Protocol):
    """A row of the index."""

    @property
    def shop(self) -> str:
        """The key of its shop."""


Node = TypeVar("Node")
Row = TypeVar("Row", bound=OfShop)


@dataclass(frozen=True, slots=True)
class IndexSlice(Generic[Node]):
    """A part of one shop's list.

    `following` is where the list goes on, None at its end; `unreadable` how many of this part are
    left out because they were kept by another version.
    """

    nodes: Sequence[Node]
    following: Place
    unreadable: int


@dataclass(frozen=True, slots=True)
class CountedPage(Generic[Node]):
    """A page of a list; `total` tells how many there are on all pages, None if not known."""

    page: Merged[Node]
    total: Callable[[], Awaitable[int | None]]


def read_whole(page: Merged[Node]) -> CountedPage[Node]:
    """A page that knows how many there are, if anybody does."""

    async def total() -> int | None:
        return page.total

    return CountedPage(page, total)


def with_nodes(
    rows: Merged[Row], nodes: Sequence[Node | None], unreadable: Counter[str]
) -> Merged[Node]:
    """The page with the rows' nodes; one that cannot be read, or is gone, is left out.

    `unreadable` is how many of each shop cannot be read.
    """
    there = [index for index, node in enumerate(nodes) if node is not None]
    counts = Counter(rows.nodes[index].shop for index in there)
    for source in rows.sources:
        source.count = counts[source.shop.key_name]
        source.unreadable += unreadable[source.shop.key_name]
    cursors = rows.cursors
    # Of a page without a node too the next one follows.
    resume = cursors.at(len(nodes) - 1) if nodes and not there else cursors.resume
    return Merged(
        nodes=[node for node in nodes if node is not None],
        cursors=replace(cursors, at=lambda index: cursors.at(there[index]), resume=resume),
        total=None,
        sources=rows.sources,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedList(Generic[Row]):
    """Definition of a list of the index.

    `ability` is its name in messages, `progress` that of how far the index reaches. `has` tells
    whether a shop has such a list. `read` takes a shop's key, a position and the number of rows.
    `failures`: the shops whose platform was asked as well, and failed.
    """

    ability: str
    progress: str
    has: Callable[[Adapter], bool]
    read: Callable[[str, Place, int], Awaitable[IndexPage[Row]]]
    order: SortOrder[Row]
    failures: Mapping[str, PlatformFailure] = field(default_factory=dict)


def slice_of(
    rows: IndexPage[Row],
    nodes: Sequence[Node | None],
    unreadable: Counter[str],
    place: Callable[[Row], Place],
) -> IndexSlice[Node]:
    """The rows' nodes; one that cannot be read, or is gone, is left out."""
    return IndexSlice(
        nodes=[node for node in nodes if node is not None],
        following=place(rows.items[-1]) if rows.more else None,
        unreadable=unreadable.total(),
    )


class IndexedRows:
    """Reads rows of the index shop by shop, and merges them; `now` returns unix seconds."""

    def __init__(self, fan_out: FanOut, store: Store, now: Callable[[], float]) -> None:
        self._fan_out = fan_out
        self._store = store
        self._now = now

    async def page(
        self,
        listed: IndexedList[Row],
        request: ListRequest,
        shops: Collection[str],
        viewer: Viewer,
        reading: ReadOptions,
    ) -> Merged[Row]:
        """A page of the merged list of these shops.

        Raises:
            BadUserInput: the shops named have no such list.
            StoreUnavailable: the index cannot be read.
        """
        reaches = await self._store.index_progress.of_shops(listed.progress, shops)

        async def read(adapter: Adapter, place: Place, count: int, _: ReadOptions) -> Page[Row]:
            shop = adapter.shop.key_name
            found = await listed.read(shop, place, count)
            source = replace(
                provenance_of(reaches.get(shop), self._now()), error=listed.failures.get(shop)
            )
            return Page(items=found.items, more=found.more, provenance=source)

        merged = Listing(
            ability=listed.ability,
            port=lambda adapter: adapter if listed.has(adapter) else None,
            read=read,
            order=listed.order,
        )
        return await self._fan_out.across(viewer, merged, request, reading)
