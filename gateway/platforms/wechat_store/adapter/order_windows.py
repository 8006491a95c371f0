"""Reads orders by time windows, newest first (unix seconds)."""

from collections import deque
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from gateway.china_days import day_start
from gateway.concurrency.clock import DAY
from gateway.concurrency.lru_cache import LruCache
from gateway.concurrency.sliced_work import Steps
from gateway.errors import PlatformAnswerTooLarge, PlatformFailure, PlatformMalformed
from gateway.platform_kit.calls import ask
from gateway.platforms.wechat_store.adapter.order_list import OrderList
from gateway.platforms.wechat_store.endpoints import GET_ORDERS
from gateway.platforms.wechat_store.wire.order import OrdersRequest, OrdersResponse
from gateway.ports import Position, ReadOptions
from gateway.upstream.answer import PlatformAnswer
from gateway.upstream.client import PlatformClient
from schema.shop import Shop

#: Windows are not halved below this.
_SHORTEST: Final = 60


class Window(NamedTuple):
    """From `begin` (inclusive) to `end` (exclusive); None: no end."""

    begin: int
    end: int | None

    def holds(self, at: float) -> bool:
        """Whether a moment is in it."""
        return self.begin <= at and (self.end is None or at < self.end)


def windows(now: float, days: int, since: int) -> Iterator[Window]:
    """The windows back to `since`: the first is `days` days long, each next one twice as long.

    Their bounds move only once a day, so that a repeated request is identical.
    """
    begin, end, length = day_start(now) + DAY - days * DAY, None, days * DAY
    while True:
        yield Window(max(begin, since), end)
        if begin <= since:
            return
        length *= 2
        begin, end = begin - length, begin


def narrowed(window: Window, oldest: float | None, newest: float | None) -> Window | None:
    """The part of a window between two moments, in whole days; None if they do not overlap."""
    begin, end = window
    if oldest is not None:
        begin = max(begin, day_start(oldest))
    if newest is not None:
        last = day_start(newest) + DAY
        end = last if end is None else min(end, last)
    return None if end is not None and end <= begin else Window(begin, end)


def halves(window: Window, now: float) -> tuple[Window, Window] | None:
    """The newer and the older half of a window; None if it is too short to halve.

    An open-ended window is halved between its begin and the end of today.
    """
    begin, end = window
    length = (day_start(now) + DAY if end is None else end) - begin
    if length < 2 * _SHORTEST:
        return None
    middle = begin + length // 2
    return Window(middle, end), Window(begin, middle)


#: How many too large windows are remembered.
_MOST_TOO_LARGE: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What to read: `status` is the platform's code, times are in unix seconds."""

    status: int | None = None
    oldest: float | None = None
    newest: float | None = None
    after: Position | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """One window that was read; `last` if no window is left."""

    window: Window
    request: OrdersRequest
    answer: PlatformAnswer[OrdersResponse]
    orders: OrderList
    last: bool


class OrderWindows:
    """Splits the time since `since` into windows and reads them one by one.

    Bounds move only once a day, so that callers share cached answers. A window whose answer is too
    large is read in halves, now and later.
    """

    def __init__(self, client: PlatformClient, shop: Shop, *, days: int, since: int) -> None:
        self._client = client
        self._shop = shop
        self._days = days
        self._since = since
        self._too_large: LruCache[OrdersRequest, bool] = LruCache(max_entries=_MOST_TOO_LARGE)

    async def read(self, span: Span, reading: ReadOptions) -> AsyncGenerator[Stretch, None]:
        """The windows of a span, newest first, read lazily.

        Once one has failed, the platform is not called for the others: they too are served from
        older answers, or the failure is raised.
        """
        now = self._client.clock.wall()
        pending = deque(self._windows(span, now))
        failure: PlatformFailure | None = None
        while pending:
            window = pending.popleft()
            request = _request(window, span.status)
            parts = halves(window, now)
            divisible = parts is not None
            if failure is None:
                answer = await self._answer(request, reading, divisible=divisible)
            else:
                answer = self._kept(request, failure, divisible=divisible)
            if answer is not None:
                if not isinstance(answer.error, PlatformMalformed):
                    # A malformed answer says nothing about the other windows.
                    failure = failure or answer.error
                orders = self._derived(answer)
                yield Stretch(window, request, answer, orders, last=not pending)
            elif parts is not None:
                pending.extendleft(reversed(parts))

    async def again(self, request: OrdersRequest, reading: ReadOptions) -> OrderList:
        """The answer to an earlier request."""
        answer = await ask(self._client, GET_ORDERS, request, reading, prepare=self._prepare)
        return self._derived(answer)

    async def _answer(
        self, request: OrdersRequest, reading: ReadOptions, *, divisible: bool
    ) -> PlatformAnswer[OrdersResponse] | None:
        """None if the answer is too large and the window can be halved."""
        if divisible and self._too_large.get(request):
            return None
        try:
            answer = await ask(self._client, GET_ORDERS, request, reading, prepare=self._prepare)
        except PlatformAnswerTooLarge:
            if not divisible:
                raise
        else:
            # A stale answer may be served for one that has since grown too large.
            if not (divisible and isinstance(answer.error, PlatformAnswerTooLarge)):
                return answer
        self._too_large.put(request, True)
        return None

    def _kept(
        self, request: OrdersRequest, failure: PlatformFailure, *, divisible: bool
    ) -> PlatformAnswer[OrdersResponse] | None:
        """Like `_answer`, but from older answers only; raises the failure if there is none."""
        if divisible and self._too_large.get(request):
            return None
        answer = self._client.stand_in(GET_ORDERS, request, failure)
        if answer is None:
            raise failure
        return answer

    def _prepare(self, answer: PlatformAnswer[OrdersResponse]) -> Steps[None]:
        orders = self._derived(answer)
        yield
        yield from orders.prepare()

    def _derived(self, answer: PlatformAnswer[OrdersResponse]) -> OrderList:
        return answer.derive_as_read(self._list)

    def _list(self, value: OrdersResponse, body: bytes, asked_at: float | None) -> OrderList:
        return OrderList(value, body, self._shop, asked_at)

    def _windows(self, span: Span, now: float) -> list[Window]:
        """Leaves out windows that are wholly before the position `after` in the list."""
        cut = (
            narrowed(window, span.oldest, span.newest)
            for window in windows(now, self._days, self._since)
        )
        return [
            window
            for window in cut
            if window is not None and (span.after is None or window.begin <= span.after.at)
        ]


def _request(window: Window, status: int | None) -> OrdersRequest:
    """The request for a window.

    Whether `begintime` and `endtime` are inclusive is undocumented. One extra second at the begin
    covers both cases; orders outside the window are dropped on reading.
    """
    return OrdersRequest(status=status, begintime=max(window.begin - 1, 0), endtime=window.end)
