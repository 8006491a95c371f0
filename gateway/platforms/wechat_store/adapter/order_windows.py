"""Reads orders window by window, from the newest backwards."""

from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final

from gateway.concurrency.lru_cache import LruCache
from gateway.errors import PlatformAnswerTooLarge
from gateway.platform_kit.calls import ask
from gateway.platforms.wechat_store.adapter.order_list import OrderList
from gateway.platforms.wechat_store.adapter.windows import Window, halves, narrowed, windows
from gateway.platforms.wechat_store.endpoints import GET_ORDERS
from gateway.platforms.wechat_store.wire.order import OrdersRequest, OrdersResponse
from gateway.ports import Position, ReadOptions
from gateway.upstream.answer import PlatformAnswer
from gateway.upstream.client import PlatformClient
from schema.shop import Shop

#: How many windows are kept in mind as too large.
_MOST_TOO_LARGE: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What is to be read: `status` as the platform counts, times in unix seconds."""

    status: int | None = None
    oldest: float | None = None
    newest: float | None = None
    after: Position | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """One window that was read; `last` where none is left."""

    window: Window
    request: OrdersRequest
    answer: PlatformAnswer[OrdersResponse]
    orders: OrderList
    last: bool


class OrderWindows:
    """Cuts the time since `since` into windows and asks for one after the other.

    Bounds move once a day only, so that all who ask share an answer. An answer that is too large
    is asked for in halves, now and later.
    """

    def __init__(self, client: PlatformClient, shop: Shop, *, days: int, since: int) -> None:
        self._client = client
        self._shop = shop
        self._days = days
        self._since = since
        self._too_large: LruCache[OrdersRequest, bool] = LruCache(max_entries=_MOST_TOO_LARGE)

    async def read(self, span: Span, reading: ReadOptions) -> AsyncGenerator[Stretch, None]:
        """The windows of a span, the newest first, each read when it is asked for."""
        now = self._client.clock.wall()
        pending = deque(self._windows(span, now))
        while pending:
            window = pending.popleft()
            request = _request(window, span.status)
            parts = halves(window, now)
            answer = await self._answer(request, reading, divisible=parts is not None)
            if answer is not None:
                orders = self._derived(answer)
                yield Stretch(window, request, answer, orders, last=not pending)
            elif parts is not None:
                pending.extendleft(reversed(parts))

    async def again(self, request: OrdersRequest, reading: ReadOptions) -> OrderList:
        """The answer to a question that was asked before."""
        return self._derived(await ask(self._client, GET_ORDERS, request, reading))

    async def _answer(
        self, request: OrdersRequest, reading: ReadOptions, *, divisible: bool
    ) -> PlatformAnswer[OrdersResponse] | None:
        """None where the answer is too large, and the question can be divided."""
        if divisible and self._too_large.get(request):
            return None
        try:
            answer = await ask(self._client, GET_ORDERS, request, reading)
        except PlatformAnswerTooLarge:
            if not divisible:
                raise
        else:
            # An older answer may stand in for the one that has grown too large since.
            if not (divisible and isinstance(answer.error, PlatformAnswerTooLarge)):
                return answer
        self._too_large.put(request, True)
        return None

    def _derived(self, answer: PlatformAnswer[OrdersResponse]) -> OrderList:
        return answer.derive_with_body(self._list)

    def _list(self, value: OrdersResponse, body: bytes) -> OrderList:
        return OrderList(value, body, self._shop)

    def _windows(self, span: Span, now: float) -> list[Window]:
        """Windows that lie wholly before the position `after` in the list are left out."""
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
    """The question for a window.

    Whether the platform includes `begintime` and `endtime` themselves, no source tells. One
    second more at the begin covers both; what is outside the window is dropped when it is read.
    """
    return OrdersRequest(status=status, begintime=max(window.begin - 1, 0), endtime=window.end)
