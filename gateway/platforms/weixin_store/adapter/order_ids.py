"""Lists the ids of orders by time windows; the platform lists nothing but ids."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from gateway.concurrency.clock import DAY
from gateway.concurrency.lru_cache import LruCache
from gateway.errors import PlatformRejected
from gateway.platform_kit.calls import ask, together
from gateway.platforms.weixin_store.adapter.order_windows import (
    CELL,
    MOST_HALVINGS,
    Window,
    window_before,
)
from gateway.platforms.weixin_store.endpoints import GET_ORDERS
from gateway.platforms.weixin_store.errors import TOO_MANY_ORDERS
from gateway.platforms.weixin_store.wire.order import (
    OrderListRequest,
    OrderListResponse,
    TimeRange,
)
from gateway.ports import ReadOptions
from gateway.upstream.answer import PlatformAnswer
from gateway.upstream.client import PlatformClient
from gateway.wechat.scalars import yes

#: Ids of one page, the most that the platform gives.
PAGE: Final = 100
#: The ids of a window are final once it ended so many seconds ago: no order is created in the past.
_FINAL_AFTER: Final = DAY
#: How many final windows are remembered.
_MOST_FINAL: Final = 2_000
#: Empty windows are listed so many at a time, at most.
_MOST_AT_ONCE: Final = 8
#: More ids than any window has.
_ENDLESS: Final = 2**62
#: The end of the newest window moves in steps of so many seconds.
_STEP: Final = 60


@dataclass(frozen=True, slots=True)
class Asked:
    """What is listed besides the time: the platform's codes, None for any status, and a buyer."""

    codes: tuple[int | None, ...] = (None,)
    open_id: str | None = None

    @property
    def everything(self) -> bool:
        """Whether nothing but the time restricts the list."""
        return self.codes == (None,) and self.open_id is None


@dataclass(frozen=True, slots=True)
class ListedWindow:
    """All ids of a window, in no order, and the answers that they are from."""

    window: Window
    ids: Sequence[str]
    answers: Sequence[PlatformAnswer[Any]]


class ChangedOrders(NamedTuple):
    """Ids of changed orders, and the answers that they are from."""

    ids: list[str]
    answers: list[PlatformAnswer[Any]]


class OrderIds:
    """Walks the windows of one shop, from the newest backwards."""

    def __init__(self, client: PlatformClient) -> None:
        self._client = client
        self._final: LruCache[Window, tuple[str, ...]] = LruCache(max_entries=_MOST_FINAL)
        #: How often a cell is halved at first, by what is asked: as the last window was.
        self._halvings: dict[Asked, int] = {}

    def walk(self, asked: Asked, span: Window, most: int, reading: ReadOptions) -> "Walk":
        """Goes back from the end of `span`; windows with more than `most` ids are halved."""
        return Walk(self, asked, span, most, reading)

    async def changed(self, since: int, reading: ReadOptions) -> list[str]:
        """Implements ListsChangedOrders: the orders whose last change was then or later.

        Raises:
            PlatformFailure | Overloaded: they cannot be listed.
        """
        return list(dict.fromkeys((await self.changed_between(since, self.now(), reading)).ids))

    async def changed_between(self, begin: int, end: int, reading: ReadOptions) -> "ChangedOrders":
        """The orders whose last change was in a time; raises like `changed`."""
        found = ChangedOrders([], [])
        pending = [(at, min(at + CELL, end)) for at in range(begin, end, CELL)]
        while pending:
            start, stop = pending.pop()
            request = OrderListRequest(
                update_time_range=TimeRange(start_time=start, end_time=stop), page_size=PAGE
            )
            divisible = stop - start > _STEP
            # A window is halved only if the platform refuses it.
            ids, answers = await self._pages(request, _ENDLESS if divisible else None, reading)
            if ids is None:
                middle = (start + stop) // 2
                pending += [(start, middle), (middle, stop)]
                continue
            found.ids.extend(ids)
            found.answers.extend(answers)
        return found

    def now(self) -> int:
        """The unix second after the last one."""
        return int(self._client.clock.wall()) + 1

    def first_halvings(self, asked: Asked) -> int:
        """How often a cell is halved at first."""
        return self._halvings.get(Asked(asked.codes), 0)

    def learn(self, asked: Asked, halvings: int) -> None:
        """Remembers how often a cell was halved for a window of the wanted size."""
        self._halvings[Asked(asked.codes)] = halvings

    async def listed(
        self, asked: Asked, window: Window, most: int | None, reading: ReadOptions
    ) -> ListedWindow | None:
        """The ids of a window; None if there are more than `most`.

        Raises:
            PlatformFailure | Overloaded: it cannot be listed.
        """
        final = window.end < self.now() - _FINAL_AFTER
        known = self._final.get(window) if final else None
        if known is not None and (asked.everything or not known):
            return ListedWindow(window, known, ())
        if final and known is None and not asked.everything:
            # Mostly it is a window from before the shop's first order: that is learnt once.
            whole = await self.listed(Asked(), window, most, reading)
            if whole is not None and not whole.ids:
                return whole
        found: dict[str, None] = {}
        answers: list[PlatformAnswer[Any]] = []
        for code in asked.codes:
            ids, some = await self._pages(self._request(asked, window, code), most, reading)
            if ids is None:
                return None
            found |= dict.fromkeys(ids)
            answers += some
        if final and asked.everything:
            self._final.put(window, tuple(found))
        return ListedWindow(window, list(found), answers)

    def _request(self, asked: Asked, window: Window, code: int | None) -> OrderListRequest:
        """The request for a window.

        Whether its bounds are inclusive is undocumented. One extra second on either side covers
        both cases; orders outside the window are dropped on reading.
        """
        # The end of the window that is not over yet is at most a minute ahead.
        end = min(window.end, -(-self.now() // _STEP) * _STEP)
        return OrderListRequest(
            create_time_range=TimeRange(start_time=max(window.begin - 1, 0), end_time=end),
            status=code,
            openid=asked.open_id,
            page_size=PAGE,
        )

    async def _pages(
        self, request: OrderListRequest, most: int | None, reading: ReadOptions
    ) -> tuple[list[str] | None, list[PlatformAnswer[OrderListResponse]]]:
        ids: list[str] = []
        answers: list[PlatformAnswer[OrderListResponse]] = []
        while True:
            try:
                answer = await ask(self._client, GET_ORDERS, request, reading)
            except PlatformRejected as refusal:
                if most is not None and refusal.platform_code == TOO_MANY_ORDERS:
                    return None, answers
                raise
            answers.append(answer)
            page = answer.value
            ids += map(str, page.order_id_list)
            if most is not None and len(ids) > most:
                return None, answers
            if not yes(page.has_more) or not page.next_key:
                return ids, answers
            request = _following(request, page.next_key)


def _following(request: OrderListRequest, key: str) -> OrderListRequest:
    return OrderListRequest(
        create_time_range=request.create_time_range,
        update_time_range=request.update_time_range,
        status=request.status,
        openid=request.openid,
        page_size=request.page_size,
        next_key=key,
    )


class Walk:
    """One walk through the windows of a span; `until` is where it stands, exclusive."""

    def __init__(
        self, ids: OrderIds, asked: Asked, span: Window, most: int, reading: ReadOptions
    ) -> None:
        self._ids = ids
        self._asked = asked
        self._most = most
        self._reading = reading
        self._halvings = ids.first_halvings(asked)
        self._empty = 0
        self._ahead: list[ListedWindow] = []
        self._floor = span.begin
        self.until = span.end

    @property
    def over(self) -> bool:
        """Whether the whole span was listed."""
        return self.until <= self._floor

    async def following(self) -> ListedWindow:
        """The next window backwards; the first may end after the span does."""
        if not self._ahead:
            self._ahead = await self._next()
        listed = self._ahead.pop(0)
        self._empty = 0 if listed.ids else self._empty + 1
        if len(listed.ids) < self._most // 4:
            self._halvings = max(0, self._halvings - 1)
        self.until = listed.window.begin
        return listed

    def _window(self, until: int, halvings: int) -> Window:
        """A window that does not begin before the span."""
        window = window_before(until, halvings)
        return Window(max(window.begin, self._floor), window.end)

    async def _next(self) -> list[ListedWindow]:
        if self._empty and not self._halvings:
            return await self._cells()
        while True:
            window = self._window(self.until, self._halvings)
            shortest = self._halvings == MOST_HALVINGS
            most = None if shortest else self._most
            listed = await self._ids.listed(self._asked, window, most, self._reading)
            if listed is not None:
                self._ids.learn(self._asked, self._halvings)
                return [listed]
            self._halvings += 1

    async def _cells(self) -> list[ListedWindow]:
        """Several whole cells at once, up to one that has too many ids."""
        windows: list[Window] = []
        until = self.until
        while until > self._floor and len(windows) < min(2**self._empty, _MOST_AT_ONCE):
            windows.append(self._window(until, 0))
            until = windows[-1].begin
        found = await together(
            self._ids.listed(self._asked, window, self._most, self._reading) for window in windows
        )
        cells: list[ListedWindow] = []
        for listed in found:
            if listed is None:
                break
            cells.append(listed)
        if cells:
            return cells
        self._halvings, self._empty = 1, 0
        return await self._next()
