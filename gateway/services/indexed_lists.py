"""Lists that are read from the index: rows of several shops merged, then what they stand for."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

from gateway.services.merge import Merged


class OfShop(Protocol):
    """A row of the index."""

    @property
    def shop(self) -> str:
        """The key of its shop."""


Node = TypeVar("Node")
Row = TypeVar("Row", bound=OfShop)


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
