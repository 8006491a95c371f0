"""Merges several shops' lists: one shop's outage never hides the others' entries."""

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from gateway.errors import GatewayError, PlatformTimeout
from gateway.ports import Page
from gateway.services.cursor import Place, write_cursor
from gateway.services.failures import SHOP_FAILURES, public_failure
from schema.connection import Cursors, Source, SourceState
from schema.shop import Shop

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PageSource(Generic[T]):
    """One shop's list: `read(place, first)` returns the entries that follow a position."""

    shop: Shop
    read: Callable[[Place, int], Awaitable[Page[T]]]


@dataclass(frozen=True, slots=True)
class SortOrder(Generic[T]):
    """The sort order of entries of different shops, and how a position is stored.

    Entries of one shop are sorted already; `rank` need only compare shops.
    """

    rank: Callable[[T], int]
    place: Callable[[T], Place]


def by_shop_alone(_: object) -> int:
    """The rank for lists sorted by shop, as configured."""
    return 0


@dataclass(frozen=True, slots=True)
class Merged(Generic[T]):
    """A page of the merged list, its next positions, and each shop's contribution."""

    nodes: list[T]
    cursors: Cursors
    total: int | None
    sources: list[Source]


@dataclass(slots=True)
class _ShopPage(Generic[T]):
    feed: PageSource[T]
    page: Page[T] | None = None
    failure: GatewayError | None = None
    #: The shop was exhausted before this page.
    ended: bool = False


async def merge(
    feeds: Sequence[PageSource[T]],
    skipped: Sequence[Shop],
    order: SortOrder[T],
    places: dict[str, Place],
    first: int,
    seconds: float,
) -> Merged[T]:
    """The next `first` entries of all feeds merged.

    Args:
        feeds: the shops' lists, in the order of the configuration.
        skipped: shops whose platform has no such list.
        order: the sort order of entries of different shops.
        places: each shop's position; absent: at its beginning.
        first: the number of entries.
        seconds: the timeout of the feeds; a later one has failed.

    Raises:
        PlatformFailure | StoreUnavailable | Overloaded: every shop that had to be read failed.
    """
    answers = await _asked(feeds, places, first, seconds)
    asked = [answer for answer in answers if not answer.ended]
    failures = [answer.failure for answer in asked if answer.failure is not None]
    if asked and len(failures) == len(asked):
        raise failures[0]
    chosen = _take(answers, order, first)
    walk = _Walk(answers, chosen, order, places)
    return Merged(
        nodes=[entry for _, entry in chosen],
        cursors=walk.cursors(behind=bool(places)),
        total=_total(answers),
        sources=[
            *(_source(answer, index, chosen) for index, answer in enumerate(answers)),
            *(Source(shop=shop, state=SourceState.SKIPPED, count=0) for shop in skipped),
        ],
    )


async def _asked(
    feeds: Sequence[PageSource[T]], places: dict[str, Place], first: int, seconds: float
) -> Sequence[_ShopPage[T]]:
    if len(feeds) == 1:
        # Without a task: one shop is the usual case.
        return [await _ask(feeds[0], places, first, seconds)]
    return await asyncio.gather(*(_ask(feed, places, first, seconds) for feed in feeds))


async def _ask(
    feed: PageSource[T], places: dict[str, Place], first: int, seconds: float
) -> _ShopPage[T]:
    shop = feed.shop.key_name
    if shop in places and places[shop] is None:
        return _ShopPage(feed, ended=True)
    try:
        async with asyncio.timeout(seconds) as limit:
            return _ShopPage(feed, page=await feed.read(places.get(shop), first))
    except SHOP_FAILURES as failure:
        return _ShopPage(feed, failure=failure)
    except TimeoutError:
        if not limit.expired():
            raise
        words = f"list: the shop had no answer within {seconds:g} s"
        return _ShopPage(feed, failure=PlatformTimeout(words, endpoint="list", shop=shop))


def _take(answers: Sequence[_ShopPage[T]], order: SortOrder[T], first: int) -> list[tuple[int, T]]:
    if len(answers) == 1:
        page = answers[0].page
        return [] if page is None else [(0, entry) for entry in page.items[:first]]
    rows = (
        [(order.rank(entry), index, entry) for entry in answer.page.items]
        for index, answer in enumerate(answers)
        if answer.page is not None
    )
    merged = heapq.merge(*rows, key=lambda row: row[:2])
    return [(index, entry) for _, (_, index, entry) in zip(range(first), merged, strict=False)]


def _total(answers: Sequence[_ShopPage[T]]) -> int | None:
    total = 0
    for answer in answers:
        if answer.page is None or answer.page.total is None:
            return None
        total += answer.page.total
    return total


def _source(answer: _ShopPage[T], index: int, chosen: Sequence[tuple[int, T]]) -> Source:
    shop = answer.feed.shop
    if answer.failure is not None:
        return Source(
            shop=shop,
            state=SourceState.FAILED,
            count=0,
            error=public_failure(answer.failure),
        )
    if answer.page is None:
        return Source(shop=shop, state=SourceState.SKIPPED, count=0)
    provenance = answer.page.provenance
    return Source(
        shop=shop,
        state=provenance.state,
        fetched_at=provenance.fetched_at,
        count=sum(1 for row, _ in chosen if row == index),
        error=public_failure(provenance.error) if provenance.error is not None else None,
        unreadable=provenance.unreadable,
    )


class _Walk(Generic[T]):
    """Tracks the positions of all shops along a page's entries."""

    def __init__(
        self,
        answers: Sequence[_ShopPage[T]],
        chosen: Sequence[tuple[int, T]],
        order: SortOrder[T],
        places: dict[str, Place],
    ) -> None:
        self._answers = answers
        self._chosen = chosen
        self._order = order
        self._start = places
        self._texts: list[str] | None = None

    def cursors(self, *, behind: bool) -> Cursors:
        """Lazily created cursors."""
        left = [len(answer.page.items) if answer.page else 0 for answer in self._answers]
        for index, _ in self._chosen:
            left[index] -= 1
        unfinished = any(
            left[index] or answer.failure is not None or (answer.page and answer.page.more)
            for index, answer in enumerate(self._answers)
        )
        return Cursors(
            at=self._at,
            has_next_page=unfinished,
            has_previous_page=behind,
            resume=None if self._chosen or not unfinished else self._resume(),
        )

    def _at(self, index: int) -> str:
        if self._texts is None:
            self._texts = self._write()
        return self._texts[index]

    def _write(self) -> list[str]:
        places = self._opening()
        left = [len(answer.page.items) if answer.page else 0 for answer in self._answers]
        texts = []
        for index, entry in self._chosen:
            answer = self._answers[index]
            left[index] -= 1
            ended = not left[index] and answer.page is not None and not answer.page.more
            places[answer.feed.shop.key_name] = None if ended else self._order.place(entry)
            texts.append(write_cursor(places))
        return texts

    def _opening(self) -> dict[str, Place]:
        """The given positions, with an end for shops that turned out to be empty."""
        places = dict(self._start)
        for answer in self._answers:
            if answer.page is not None and not answer.page.items and not answer.page.more:
                places[answer.feed.shop.key_name] = None
        return places

    def _resume(self) -> str:
        return write_cursor(self._opening())
