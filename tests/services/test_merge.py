"""Paging over several shops: nothing twice, nothing skipped, whoever fails meanwhile."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import GatewayError, Overloaded, PlatformTimeout
from gateway.ports import Page
from gateway.services.cursor import (
    ListStart,
    PageArguments,
    Place,
    read_cursor,
    read_start,
)
from gateway.services.merge import Merged, PageSource, Part, SortOrder, merge
from schema.connection import SourceState
from schema.key import Key
from schema.platform import Platform
from schema.shop import Shop


@dataclass(frozen=True, slots=True)
class Entry:
    shop: str
    at: int
    name: str


ORDER: SortOrder[Entry] = SortOrder(lambda entry: -entry.at, lambda entry: (entry.at, entry.name))


def shop(name: str) -> Shop:
    return Shop(
        key=Key("Shop", name), key_name=name, platform=Platform.BAIDU, name=name, capabilities=[]
    )


@dataclass
class Source:
    """A shop's list, newest first, that can be switched off."""

    name: str
    entries: list[Entry]
    down: bool = False
    hangs: bool = False
    failure: GatewayError | None = None
    broken: Exception | None = None
    asked: list[tuple[Place, int]] = field(default_factory=list)

    def feed(self) -> PageSource[Entry]:
        return PageSource(shop(self.name), self._read)

    async def _read(self, place: Place, first: int) -> Page[Entry]:
        self.asked.append((place, first))
        if self.hangs:
            await asyncio.Event().wait()
        if self.failure is not None:
            raise self.failure
        if self.broken is not None:
            raise self.broken
        if self.down:
            raise PlatformTimeout("no answer in time", endpoint="list", shop=self.name)
        rest = [e for e in self._sorted() if place is None or (-e.at, e.name) > _after(place)]
        return Page(items=rest[:first], more=len(rest) > first, total=len(self.entries))

    def _sorted(self) -> list[Entry]:
        return sorted(self.entries, key=lambda entry: (-entry.at, entry.name))


def _after(place: Place) -> tuple[int, str]:
    match place:
        case (int(at), str(name)):
            return (-at, name)
        case _:
            raise AssertionError(place)


def source(name: str, *times: int) -> Source:
    return Source(name, [Entry(name, at, f"{name}-{index}") for index, at in enumerate(times)])


async def page(
    sources: Sequence[Source], after: str | None, first: int, seconds: float = 60
) -> Merged[Entry]:
    feeds = [one.feed() for one in sources]
    part = Part(start=ListStart(places=read_cursor(after, timed=True)), size=first)
    return await merge(feeds, [], ORDER, part, seconds)


async def test_the_newest_of_all_shops_comes_first() -> None:
    merged = await page([source("a", 9, 5, 1), source("b", 8, 4)], None, 3)

    assert [(entry.shop, entry.at) for entry in merged.nodes] == [("a", 9), ("b", 8), ("a", 5)]
    assert merged.cursors.has_next_page is True
    assert merged.cursors.has_previous_page is False
    assert merged.total == 5
    assert [(s.shop.key_name, s.state, s.count) for s in merged.sources] == [
        ("a", SourceState.LIVE, 2),
        ("b", SourceState.LIVE, 1),
    ]


async def test_entries_of_the_same_second_follow_the_configuration() -> None:
    merged = await page([source("b", 5, 5), source("a", 5)], None, 10)

    assert [entry.name for entry in merged.nodes] == ["b-0", "b-1", "a-0"]
    assert merged.cursors.has_next_page is False


async def test_a_shop_that_too_many_ask_hides_no_other() -> None:
    crowded, other = source("a", 9), source("b", 8)
    crowded.failure = Overloaded("too many calls wait for this shop's platform", retry_after=1)

    merged = await page([crowded, other], None, 5)

    assert [entry.name for entry in merged.nodes] == ["b-0"]
    (failed, _) = merged.sources
    assert failed.state is SourceState.FAILED
    assert failed.error is not None
    assert failed.error.endpoint == "gateway"
    with pytest.raises(Overloaded):
        await page([crowded], None, 5)


async def test_a_shop_that_is_not_there_in_time_has_failed_and_keeps_its_place() -> None:
    hanging, other = source("a", 9), source("b", 8)
    hanging.hangs = True

    first = await page([hanging, other], None, 5, seconds=0.05)
    hanging.hangs = False
    second = await page([hanging, other], first.cursors.at(0), 5)

    assert [entry.name for entry in first.nodes] == ["b-0"]
    (failed, there) = first.sources
    assert (failed.state, there.state) == (SourceState.FAILED, SourceState.LIVE)
    assert failed.error is not None
    assert (failed.error.endpoint, failed.error.message) == (
        "list",
        "list: the shop had no answer within 0.05 s",
    )
    assert first.cursors.has_next_page is True
    assert [entry.name for entry in second.nodes] == ["a-0"]
    hanging.hangs = True
    with pytest.raises(PlatformTimeout):
        await page([hanging], None, 5, seconds=0.05)


async def test_a_timeout_of_the_shops_own_is_no_end_of_the_lists_time() -> None:
    broken = source("a", 9)
    broken.broken = TimeoutError("not the list's")

    with pytest.raises(TimeoutError, match="not the list's"):
        await page([broken, source("b", 8)], None, 5)


async def test_a_shop_that_fails_hides_no_other_and_keeps_its_place() -> None:
    failing, other = source("a", 9, 7), source("b", 8, 6)
    failing.down = True

    first = await page([failing, other], None, 1)

    assert [entry.name for entry in first.nodes] == ["b-0"]
    assert first.total is None
    (failed, live) = first.sources
    assert failed.state is SourceState.FAILED
    assert failed.error is not None
    assert failed.error.message == "no answer in time"
    assert failed.error.endpoint == "list"
    assert live.state is SourceState.LIVE

    failing.down = False
    rest = await page([failing, other], first.cursors.at(0), 10)

    assert [entry.name for entry in rest.nodes] == ["a-0", "a-1", "b-1"]


async def test_a_page_on_which_nothing_came_can_be_resumed() -> None:
    failing, empty = source("a", 9), source("b")
    failing.down = True

    first = await page([failing, empty], None, 5)

    assert first.nodes == []
    assert first.cursors.has_next_page is True
    resume = first.cursors.page_info(0).end_cursor
    assert resume is not None

    failing.down = False
    rest = await page([failing, empty], resume, 5)

    assert [entry.name for entry in rest.nodes] == ["a-0"]
    assert empty.asked == [(None, 5)], "what had nothing more is not asked again"
    assert [s.state for s in rest.sources] == [SourceState.LIVE, SourceState.SKIPPED]


async def test_only_when_every_shop_fails_the_list_does() -> None:
    a, b = source("a", 9), source("b", 8)
    a.down = b.down = True

    with pytest.raises(PlatformTimeout):
        await page([a, b], None, 5)


async def test_no_shop_at_all_is_an_empty_list() -> None:
    merged = await page([], None, 5)

    assert merged.nodes == []
    assert merged.cursors.has_next_page is False
    assert merged.total == 0


@given(
    times=st.lists(st.lists(st.integers(0, 20), max_size=12), min_size=1, max_size=4),
    sizes=st.lists(st.integers(1, 5), min_size=1, max_size=5),
    outages=st.lists(st.integers(0, 3), max_size=12),
)
async def test_reading_on_shows_everything_once(
    times: list[list[int]], sizes: list[int], outages: list[int]
) -> None:
    sources = [source(f"s{index}", *own) for index, own in enumerate(times)]
    everything = sorted(entry.name for one in sources for entry in one.entries)
    seen: list[str] = []
    after: str | None = None
    more = True
    turn = 0
    while more:
        for index, one in enumerate(sources):
            one.down = turn < len(outages) and outages[turn] == index
        try:
            merged = await page(sources, after, sizes[turn % len(sizes)])
        except PlatformTimeout:
            turn += 1
            continue
        seen += [entry.name for entry in merged.nodes]
        more = merged.cursors.has_next_page
        after = merged.cursors.page_info(len(merged.nodes)).end_cursor or after
        turn += 1

    assert sorted(seen) == everything
    assert len(seen) == len(set(seen))


@given(newcomers=st.lists(st.integers(11, 20), max_size=5), size=st.integers(1, 4))
async def test_what_comes_meanwhile_moves_nothing_that_stood(
    newcomers: list[int], size: int
) -> None:
    one = source("a", 10, 9, 8, 7, 6, 5, 4)
    stood = [entry.name for entry in one.entries]
    seen: list[str] = []
    after: str | None = None
    more = True
    while more:
        merged = await page([one], after, size)
        seen += [entry.name for entry in merged.nodes]
        more = merged.cursors.has_next_page
        after = merged.cursors.page_info(len(merged.nodes)).end_cursor
        if newcomers:
            one.entries.append(Entry("a", newcomers.pop(), f"new-{len(newcomers)}"))

    assert [name for name in seen if not name.startswith("new")] == stood
    assert len(seen) == len(set(seen))


#: The sort orders of lists that go both ways, and whether their values are texts.
ORDERS: dict[str, SortOrder[Entry]] = {
    "newest-first": SortOrder(lambda entry: -entry.at, lambda entry: (entry.at, entry.name)),
    "oldest-first": SortOrder(
        lambda entry: -entry.at, lambda entry: (entry.at, entry.name), reverse=True
    ),
    "by-text": SortOrder(
        lambda entry: f"{entry.at:02}", lambda entry: (f"{entry.at:02}", entry.name), falling=False
    ),
    "by-text-turned-round": SortOrder(
        lambda entry: f"{entry.at:02}",
        lambda entry: (f"{entry.at:02}", entry.name),
        reverse=True,
        falling=False,
    ),
    "by-shop": SortOrder(lambda _: 0, lambda entry: (entry.name,)),
    "by-shop-turned-round": SortOrder(lambda _: 0, lambda entry: (entry.name,), reverse=True),
}


@dataclass
class Index:
    """A shop's list in an order of ORDERS, read from positions in both directions."""

    name: str
    entries: list[Entry]
    order: SortOrder[Entry]

    @property
    def by_id(self) -> bool:
        """Whether the list is sorted by the id alone."""
        return len(self.place(Entry("", 0, ""))) == 1

    def place(self, entry: Entry) -> Any:
        return self.order.place(entry)

    def feed(self, *, backwards: bool) -> PageSource[Entry]:
        rises = self.order.reverse != (self.by_id or not self.order.falling)

        async def read(place: Place, count: int) -> Page[Entry]:
            rows = sorted(self.entries, key=self.place, reverse=not rises)
            if place is None:
                rest = rows
            elif backwards == rises:
                rest = [one for one in rows if self.place(one) < place]
            else:
                rest = [one for one in rows if self.place(one) > place]
            items = rest[-count:] if backwards else rest[:count]
            return Page(items=items, more=len(rest) > count)

        return PageSource(shop(self.name), read)

    async def page(self, *others: "Index", asked: PageArguments) -> Merged[Entry]:
        feeds = [one.feed(backwards=asked.backwards) for one in (self, *others)]
        start = read_start(asked, timed=not self.by_id, mark=7)
        part = Part(start=start, size=asked.size, backwards=asked.backwards, mark=7)
        return await merge(feeds, [], self.order, part, 60)


def indexes(times: Sequence[Sequence[int]], order: SortOrder[Entry]) -> list[Index]:
    return [
        Index(
            f"s{shop}", [Entry(f"s{shop}", at, f"s{shop}-{n}") for n, at in enumerate(own)], order
        )
        for shop, own in enumerate(times)
    ]


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
@settings(max_examples=25)
@given(
    times=st.lists(st.lists(st.integers(0, 9), max_size=8), min_size=1, max_size=4),
    sizes=st.lists(st.integers(1, 5), min_size=1, max_size=5),
)
async def test_reading_backwards_shows_the_same_entries_from_every_cursor(
    times: list[list[int]], sizes: list[int], order: SortOrder[Entry]
) -> None:
    first, *others = indexes(times, order)
    whole = await first.page(*others, asked=PageArguments(size=100))
    names = [entry.name for entry in whole.nodes]

    seen: list[str] = []
    cursor: str | None = None
    more = True
    for turn in range(len(names) + 2):
        asked = PageArguments(size=sizes[turn % len(sizes)], cursor=cursor, backwards=True)
        page_before = await first.page(*others, asked=asked)
        found = [entry.name for entry in page_before.nodes]
        assert page_before.cursors.has_next_page is (cursor is not None)
        for index, name in enumerate(found):
            at = names.index(name)
            on = PageArguments(size=2, cursor=page_before.cursors.at(index))
            following = await first.page(*others, asked=on)
            assert [entry.name for entry in following.nodes] == names[at + 1 : at + 3]
            back = PageArguments(size=2, cursor=whole.cursors.at(at), backwards=True)
            before = await first.page(*others, asked=back)
            assert [entry.name for entry in before.nodes] == names[max(0, at - 2) : at]
        seen = found + seen
        more = page_before.cursors.has_previous_page
        cursor = page_before.cursors.page_info(len(found)).start_cursor or cursor
        if not more:
            break

    assert seen == names
    assert more is False
