"""Changes the stock of a SKU; the flow of the stock tells what became of a lost answer."""

from collections import deque
from collections.abc import Sequence
from typing import Final, NamedTuple

from gateway.errors import AnswerLost, Overloaded, PlatformFailure, PlatformRejected
from gateway.platform_kit.calls import ask
from gateway.platform_kit.object_locks import ObjectLocks
from gateway.platform_kit.writes import send_write
from gateway.platforms.weixin_store.endpoints import GET_STOCK_FLOW, UPDATE_STOCK
from gateway.platforms.weixin_store.wire.stock import (
    ADD,
    COMMON,
    FLOW_OF,
    OWN_CALL,
    SET,
    TAKE,
    FlowEntry,
    FlowRequest,
    StockRequest,
)
from gateway.ports import ReadOptions
from gateway.ports.writing.problems import Absent
from gateway.upstream.client import PlatformClient
from gateway.wechat.scalars import whole

#: Seconds that the platform's clock may be behind, or ahead of, this one.
_BEHIND: Final = 5
_AHEAD: Final = 300
#: Seconds between two changes of which the flow, whatever its clock, has the earlier one before
#: the span that begins with the later one; it counts whole seconds.
_APART: Final = _AHEAD + _BEHIND + 1
#: Seconds and changes that are remembered.
_REMEMBERED: Final = 3_600.0
_MOST: Final = 20_000
#: Changes of a page of the flow, and pages that are read: more in so short a time decide nothing.
_PAGE: Final = 50
_PAGES: Final = 3


class _Change(NamedTuple):
    """A change that was sent; `known`: whether it is known to have been made."""

    at: float
    request: StockRequest
    known: bool


class Stock:
    """Implements AdjustsStock and SetsStock.

    Changes of one SKU follow one another on all replicas: two equal ones at a time could not be
    told apart in the flow.
    """

    def __init__(self, client: PlatformClient, locks: ObjectLocks) -> None:
        self._client = client
        self._locks = locks
        #: The last changes of all SKUs, oldest first; when the newest dropped one was sent.
        self._sent: deque[_Change] = deque()
        self._dropped_at = 0.0

    async def adjust(self, product: str, sku: str, delta: int, deadline: float | None) -> None:
        """Adds units or takes them; the platform refuses to go below zero."""
        if delta:
            kind = ADD if delta > 0 else TAKE
            await self._change(product, sku, kind, abs(delta), deadline)

    async def set_stock(self, product: str, sku: str, stock: int, deadline: float | None) -> None:
        """Sets the stock, whatever was sold meanwhile."""
        await self._change(product, sku, SET, stock, deadline)

    async def _change(
        self, product: str, sku: str, kind: int, number: int, deadline: float | None
    ) -> None:
        request = StockRequest(product_id=product, sku_id=sku, diff_type=kind, num=number)
        async with self._locks.of("sku", f"{product}/{sku}"):
            began = self._now()
            try:
                await send_write(self._client, UPDATE_STOCK, request, deadline)
            except PlatformRejected as refusal:
                if self._client.errors.absent(refusal):
                    raise Absent("SKU") from refusal
                raise
            except AnswerLost:
                if not await self._was_made(request, began, deadline):
                    self._note(_Change(began, request, known=False))
                    raise
            self._note(_Change(began, request, known=True))

    async def _was_made(self, request: StockRequest, began: float, deadline: float | None) -> bool:
        """Whether the flow decides that a change was made whose answer was lost.

        It does if it has exactly one entry more than equal changes of this process explain, which
        the span then begins with. That it has none decides nothing: the change may still be on its
        way.
        """
        equal, since = 0, began
        for change in reversed(self._sent):
            if change.at < since - _APART:
                break
            if change.request == request:
                if not change.known:
                    return False
                equal, since = equal + 1, change.at
        if self._dropped_at >= since - _APART:
            return False
        try:
            flow = await self._flow(request, int(since) - _BEHIND, deadline)
        except (PlatformFailure, Overloaded):
            return False
        return flow is not None and sum(_fits(entry, request) for entry in flow) == equal + 1

    async def _flow(
        self, request: StockRequest, since: int, deadline: float | None
    ) -> Sequence[FlowEntry] | None:
        """The changes of this kind since a unix second; None if there are too many."""
        reading = ReadOptions(fresh=True, strict=True, deadline=deadline)
        found: list[FlowEntry] = []
        next_key: str | None = None
        for _ in range(_PAGES):
            page = FlowRequest(
                product_id=request.product_id,
                sku_id=request.sku_id,
                stock_type=COMMON,
                begin_time=since,
                end_time=int(self._now()) + _AHEAD,
                op_type_list=[FLOW_OF[request.diff_type]],
                page_size=_PAGE,
                next_key=next_key,
            )
            answer = (await ask(self._client, GET_STOCK_FLOW, page, reading)).value.data
            found += answer.stock_flow_info_list
            next_key = answer.next_key or None
            if next_key is None:
                return found
        return None

    def _note(self, change: _Change) -> None:
        while self._sent and (
            len(self._sent) >= _MOST or self._sent[0].at < change.at - _REMEMBERED
        ):
            self._dropped_at = self._sent.popleft().at
        self._sent.append(change)

    def _now(self) -> float:
        return self._client.clock.now().timestamp()


def _fits(entry: FlowEntry, request: StockRequest) -> bool:
    """Whether an entry of the flow may be that of the change."""
    if whole(entry.op_type) != FLOW_OF[request.diff_type]:
        return False
    if request.diff_type == SET:
        # The platform does not tell by whom a stock was set, nor does it matter.
        return whole(entry.ending_amount) == request.num
    source = whole(entry.ext_info.upload_source) if entry.ext_info is not None else None
    return source == OWN_CALL and whole(entry.amount) == request.num
