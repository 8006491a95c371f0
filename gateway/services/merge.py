"""Merges several shops' lists: one shop's outage never hides the others' entries."""

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from gateway.errors import GatewayError, PlatformTimeout
from gateway.ports import Page
from gateway.services.cursor import (
    ListStart,
    Place,
    Places,
    write_cursor,
    write_entry_cursor,
    write_resume_cursor,
)
from gateway.services.failures import SHOP_FAILURES, public_failure
from schema.connection import Cursors, Source, SourceState
from schema.shop import Shop

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PageSource(Generic[T]):
    """One shop's list: `read(place, first)` returns the entries that follow a position.

    Of a list that is read backwards it returns those before it, in the list's order; before None
    are the last ones.
    """

    shop: Shop
    read: Callable[[Place, int], Awaitable[Page[T]]]


@dataclass(frozen=True, slots=True)
class SortOrder(Generic[T]):
    """The sort order of entries of different shops, and how a position is stored.

    Entries of one shop are sorted already; `rank` need only compare shops. Of equal rank, the
    entries of the shop that is configured first come first. `reverse` turns the whole order round.
    `falling`: the value in an entry's place falls where the rank rises, as times do that are listed
    newest first.
    """

    rank: Callable[[T], int | str]
    place: Callable[[T], Place]
    reverse: bool = False
    falling: bool = True

    def cut(self, place: Place, *, inclusive: bool) -> Place:
        """The position in another shop's list where the entry at `place` would stand.

        `inclusive`: behind the other shop's entries of the same rank, else before them. It
        continues a list in both directions. Of lists without values it is None: behind all.
        """
        match place:
            case (int(value), str()):
                above: int | str = value + 1
            case (str(value), str()):
                above = f"{value}\x01"
            case _:
                return None
        return (value if inclusive == (self.falling != self.reverse) else above, "")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Which part of a merged list.

    The `size` entries that follow `start`, or `backwards` those that come before it. `mark` is of
    what is asked, for the cursors; None: they lead on in any list of these shops.
    """

    start: ListStart
    size: int
    backwards: bool = False
    mark: int | None = None


async def merge(
    feeds: Sequence[PageSource[T]],
    skipped: Sequence[Shop],
    order: SortOrder[T],
    part: Part,
    seconds: float,
) -> Merged[T]:
    """A part of all feeds merged.

    Args:
        feeds: the shops' lists, in the order of the configuration.
        skipped: shops whose platform has no such list.
        order: the sort order of entries of different shops.
        part: which entries.
        seconds: the timeout of the feeds; a later one has failed.

    Raises:
        PlatformFailure | StoreUnavailable | Overloaded: every shop that had to be read failed.
    """
    answers = await _asked(feeds, _reads(feeds, order, part), part.size, seconds)
    asked = [answer for answer in answers if not answer.ended]
    failures = [answer.failure for answer in asked if answer.failure is not None]
    if asked and len(failures) == len(asked):
        raise failures[0]
    chosen = _take(answers, order, part)
    return Merged(
        nodes=[entry for _, entry in chosen],
        cursors=_Walk(answers, chosen, order, part).cursors(),
        total=_total(answers),
        sources=[
            *(_source(answer, index, chosen) for index, answer in enumerate(answers)),
            *(Source(shop=shop, state=SourceState.SKIPPED, count=0) for shop in skipped),
        ],
    )


@dataclass(frozen=True, slots=True)
class _Reads:
    """Where each shop is read from; those that have nothing left are not read."""

    places: Mapping[str, Place]
    ended: Collection[str]


def _reads(feeds: Sequence[PageSource[T]], order: SortOrder[T], part: Part) -> _Reads:
    start = part.start
    if not part.backwards:
        return _Reads(start.places, [shop for shop, at in start.places.items() if at is None])
    if start.entry is None:
        return _Reads({}, ())
    keys = [feed.shop.key_name for feed in feeds]
    return _around(keys, order, *start.entry)


def _around(keys: Sequence[str], order: SortOrder[T], shop: str, place: Place) -> _Reads:
    """The positions in all shops at an entry; `ended` are those that have nothing before it."""
    of_entry = keys.index(shop) if shop in keys else -1
    places: dict[str, Place] = {shop: place}
    ended = []
    for index, key in enumerate(keys):
        if index == of_entry:
            continue
        inclusive = (index < of_entry) != order.reverse
        places[key] = order.cut(place, inclusive=inclusive)
        if places[key] is None and not inclusive:
            ended.append(key)
    return _Reads(places, ended)


async def _asked(
    feeds: Sequence[PageSource[T]], reads: _Reads, first: int, seconds: float
) -> Sequence[_ShopPage[T]]:
    if len(feeds) == 1:
        # Without a task: one shop is the usual case.
        return [await _ask(feeds[0], reads, first, seconds)]
    return await asyncio.gather(*(_ask(feed, reads, first, seconds) for feed in feeds))


async def _ask(feed: PageSource[T], reads: _Reads, first: int, seconds: float) -> _ShopPage[T]:
    shop = feed.shop.key_name
    if shop in reads.ended:
        return _ShopPage(feed, ended=True)
    try:
        async with asyncio.timeout(seconds) as limit:
            return _ShopPage(feed, page=await feed.read(reads.places.get(shop), first))
    except SHOP_FAILURES as failure:
        return _ShopPage(feed, failure=failure)
    except TimeoutError:
        if not limit.expired():
            raise
        words = f"list: the shop had no answer within {seconds:g} s"
        return _ShopPage(feed, failure=PlatformTimeout(words, endpoint="list", shop=shop))


def _take(answers: Sequence[_ShopPage[T]], order: SortOrder[T], part: Part) -> list[tuple[int, T]]:
    """The entries of the part, each with the number of its shop."""
    backwards, size = part.backwards, part.size
    if len(answers) == 1:
        page = answers[0].page
        items = () if page is None else page.items
        return [(0, entry) for entry in (items[-size:] if backwards else items[:size])]
    rows = (
        [
            (order.rank(entry), index, entry)
            for entry in (reversed(answer.page.items) if backwards else answer.page.items)
        ]
        for index, answer in enumerate(answers)
        if answer.page is not None
    )
    merged = heapq.merge(*rows, key=lambda row: row[:2], reverse=order.reverse != backwards)
    chosen = [(index, entry) for _, (_, index, entry) in zip(range(size), merged, strict=False)]
    return chosen[::-1] if backwards else chosen


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
        complete_from=provenance.complete_from,
    )


class _Walk(Generic[T]):
    """Tracks the positions of all shops along a page's entries."""

    def __init__(
        self,
        answers: Sequence[_ShopPage[T]],
        chosen: Sequence[tuple[int, T]],
        order: SortOrder[T],
        part: Part,
    ) -> None:
        self._answers = answers
        self._chosen = chosen
        self._order = order
        self._part = part
        self._texts: list[str] | None = None

    def cursors(self) -> Cursors:
        """Lazily created cursors."""
        left = [len(answer.page.items) if answer.page else 0 for answer in self._answers]
        for index, _ in self._chosen:
            left[index] -= 1
        unfinished = any(
            left[index] or answer.failure is not None or (answer.page and answer.page.more)
            for index, answer in enumerate(self._answers)
        )
        start, backwards = self._part.start, self._part.backwards
        begun = bool(start.places) or start.entry is not None
        return Cursors(
            at=self._at,
            has_next_page=begun if backwards else unfinished,
            has_previous_page=unfinished if backwards else begun,
            resume=None if self._chosen or not unfinished or backwards else self._resume(),
        )

    def _at(self, index: int) -> str:
        if self._texts is None:
            self._texts = self._write_backwards() if self._part.backwards else self._write()
        return self._texts[index]

    def _write(self) -> list[str]:
        places = self._opening()
        left = [len(answer.page.items) if answer.page else 0 for answer in self._answers]
        texts = []
        for index, entry in self._chosen:
            answer = self._answers[index]
            left[index] -= 1
            shop, place = answer.feed.shop.key_name, self._order.place(entry)
            ended = not left[index] and answer.page is not None and not answer.page.more
            places[shop] = None if ended else place
            texts.append(self._cursor(places, shop, place))
        return texts

    def _write_backwards(self) -> list[str]:
        """Of pages whose entries were not reached from the beginning of the list."""
        keys = [answer.feed.shop.key_name for answer in self._answers]
        texts = []
        for index, entry in self._chosen:
            shop, place = keys[index], self._order.place(entry)
            around = _around(keys, self._order, shop, place)
            places = {key: at for key, at in around.places.items() if key not in around.ended}
            texts.append(self._cursor(places, shop, place))
        return texts

    def _cursor(self, places: Places, shop: str, place: Place) -> str:
        if self._part.mark is None:
            return write_cursor(places)
        return write_entry_cursor(places, self._part.mark, shop, place)

    def _opening(self) -> dict[str, Place]:
        """The given positions, with an end for shops that turned out to be empty."""
        places = dict(self._part.start.places)
        for answer in self._answers:
            if answer.page is not None and not answer.page.items and not answer.page.more:
                places[answer.feed.shop.key_name] = None
        return places

    def _resume(self) -> str:
        places, mark = self._opening(), self._part.mark
        if mark is None:
            return write_cursor(places)
        return write_resume_cursor(places, mark)
