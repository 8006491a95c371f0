"""Back-fill: reads the past of platforms that keep the orders, window by window, into the index."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import msgspec
import structlog

from gateway.china_days import day_start
from gateway.concurrency.clock import DAY
from gateway.concurrency.outages import Outages
from gateway.errors import Overloaded, PlatformFailure, PlatformMalformed, PlatformRejected
from gateway.index.fresh_reads import PAGE, read_orders
from gateway.index.reach import EVERYTHING, ORDERS, PARTNER_ORDERS, PRODUCTS
from gateway.index.reconciliation import IndexReconciliation, put_after_sales
from gateway.index.recorder import BATCH
from gateway.index.writer import IndexWriter, ReadOrder
from gateway.platform_calls import background_platform_calls
from gateway.ports import (
    Adapter,
    AfterSaleQuery,
    OrderQuery,
    Position,
    ReadOptions,
    ReadsAfterSales,
    ReadsOrders,
    ReadsPartnerOrders,
    after_sale_position,
)
from gateway.store.index_progress import IndexReach
from gateway.store.partner_orders import PartnerOrder, PartnerOrderPosition
from gateway.store.store import Store

#: Seconds between two windows: requests of callers have priority at the platform.
INTERVAL: Final = 0.5
#: Seconds after the start of a process: its first requests have priority.
DELAY: Final = 20.0
#: Seconds after which a shop is tried again whose platform failed, or that another process reads.
_PAUSE: Final = 30.0
#: Seconds after which another replica takes over from one that died.
_LEASE: Final = 120.0
#: Days of the longest window, and the numbers of orders below and above which windows are made
#: longer and shorter.
_LONGEST: Final = 64
_FEW: Final = 200
_MANY: Final = 2_000
#: Partner orders of one round, each read by a call of its own.
_PARTNER_ORDERS: Final = 5
#: These failures concern one order only.
_OF_ONE_ORDER: Final = (PlatformRejected, PlatformMalformed)

_log = structlog.stdlib.get_logger(__name__)


class _Window(msgspec.Struct, frozen=True, kw_only=True):
    """Where the back-fill of a shop's orders continues."""

    #: The past is read back to this unix second.
    until: int
    #: Everything from this unix second on was read; None: nothing.
    before: int | None = None
    #: Days of the next window.
    days: int = 1


_WINDOW: Final = msgspec.json.Decoder(_Window)
_PLACE: Final = msgspec.json.Decoder(tuple[int, str, str])


class Backfill:
    """Reads each shop's past once, newest first, with a lease for each shop.

    Killed anywhere, it continues with the window that was not finished: what is read again is what
    is there already. `adapters` are those whose reads are not recorded.
    """

    def __init__(
        self,
        store: Store,
        adapters: Mapping[str, Adapter],
        writer: IndexWriter,
        *,
        days: int,
        owner: str,
        now: Callable[[], float],
    ) -> None:
        """`days` is how far back it reads; `owner` names this process, `now` gives unix seconds."""
        self._store = store
        self._writer = writer
        self._days = days
        self._owner = owner
        self._now = now
        self._reconciliation = IndexReconciliation(store, writer, now)
        self._outages = Outages(now)
        self._paused: dict[str, float] = {}
        self._left: dict[str, Callable[[], Awaitable[bool]]] = {}
        for shop, adapter in adapters.items():
            if adapter.index_orders is None or adapter.orders is None:
                continue
            if adapter.traits.reconciled:
                since = adapter.index_orders.since
                self._left[shop] = self._step_of_orders(adapter, adapter.orders, since)
            elif adapter.partner_orders is not None:
                self._left[shop] = self._step_of_partner_orders(shop, adapter.partner_orders)

    @property
    def done(self) -> bool:
        """Whether the past of all shops was read."""
        return not self._left

    async def once(self) -> None:
        """Reads the next window of each shop; one whose platform fails is tried again later.

        Raises:
            StoreUnavailable: the store cannot be read or written.
        """
        for shop, step in list(self._left.items()):
            if self._paused.get(shop, 0.0) > self._now():
                continue
            if not await self._leased(shop):
                self._paused[shop] = self._now() + _PAUSE
                continue
            try:
                with background_platform_calls():
                    over = await step()
                if over:
                    del self._left[shop]
            except (PlatformFailure, Overloaded) as failure:
                self._paused[shop] = self._now() + _PAUSE
                if self._outages.failed(shop):
                    _log.info(
                        "index.backfill.failed",
                        message="The past of a shop cannot be read now; it is tried again.",
                        shop=shop,
                        failure=type(failure).__name__,
                    )
            else:
                self._outages.succeeded(shop)

    async def release(self) -> None:
        """Release the leases, so that another replica can continue at once."""
        async with self._store.transaction() as transaction:
            for shop in self._left:
                await self._store.leases.release(transaction, _lease(shop), self._owner)

    async def _leased(self, shop: str) -> bool:
        async with self._store.transaction() as transaction:
            name = _lease(shop)
            return await self._store.leases.take(transaction, name, self._owner, _LEASE) is not None

    async def _progress(self, kind: str, shop: str) -> IndexReach:
        known = await self._store.index_progress.of_shops(kind, [shop])
        return known.get(shop, IndexReach(shop=shop, kind=kind))

    def _step_of_orders(
        self, adapter: Adapter, port: ReadsOrders, since: int
    ) -> Callable[[], Awaitable[bool]]:
        shop = adapter.shop.key_name

        async def step() -> bool:
            """Reads the products, or one window of orders; whether it was the last."""
            progress = await self._progress(ORDERS[0], shop)
            if progress.done:
                return True
            if not (await self._progress(PRODUCTS, shop)).done:
                # First: lines of orders may lack the codes of their SKUs.
                await self._reconciliation.products(adapter)
            now = int(self._now())
            window = (
                _Window(until=max(since, day_start(now - self._days * DAY)))
                if progress.position is None
                else _WINDOW.decode(progress.position)
            )
            end = day_start(now) + DAY if window.before is None else window.before
            begin = max(window.until, end - window.days * DAY)
            query = OrderQuery(
                created_from=_moment(begin),
                created_to=None if window.before is None else _moment(window.before),
            )
            read = await read_orders(port, query, self._now)
            await self._put(shop, read)
            if adapter.index_after_sales is not None and adapter.after_sales is not None:
                await self._after_sales(adapter.after_sales, query)
            after = _next_window(window, begin, read)
            done = begin <= window.until
            reach = replace(
                progress,
                position=msgspec.json.encode(after).decode(),
                complete_from=EVERYTHING if begin <= since else begin,
                in_step_at=progress.in_step_at or float(now),
                done=done,
                seen=_days_between(begin, now),
                expected=_days_between(window.until, now),
            )
            async with self._store.transaction(bulk=True) as transaction:
                for kind in ORDERS:
                    await self._store.index_progress.put(transaction, replace(reach, kind=kind))
            return done

        return step

    def _step_of_partner_orders(
        self, shop: str, port: ReadsPartnerOrders
    ) -> Callable[[], Awaitable[bool]]:
        async def step() -> bool:
            """Reads some of the orders that events announced; whether they were the last."""
            progress = await self._progress(PARTNER_ORDERS, shop)
            if progress.done:
                return True
            after = None
            if progress.position is not None:
                after = PartnerOrderPosition(*_PLACE.decode(progress.position))
            announced = await self._store.partner_orders.page(
                shop, after=after, limit=_PARTNER_ORDERS
            )
            read = [
                found
                for one in announced
                if (found := await self._partner_order(port, one)) is not None
            ]
            await self._put(shop, read)
            done = len(announced) < _PARTNER_ORDERS
            position = progress.position
            if announced:
                last = announced[-1]
                place = (last.event_at, last.order_id, last.app_id)
                position = msgspec.json.encode(place).decode()
            async with self._store.transaction(bulk=True) as transaction:
                await self._store.index_progress.put(
                    transaction,
                    replace(
                        progress,
                        position=position,
                        complete_from=EVERYTHING if done else progress.complete_from,
                        in_step_at=progress.in_step_at or self._now(),
                        done=done,
                        seen=progress.seen + len(announced),
                    ),
                )
            return done

        return step

    async def _partner_order(
        self, port: ReadsPartnerOrders, announced: PartnerOrder
    ) -> ReadOrder | None:
        began = self._now()
        try:
            reading = ReadOptions(fresh=True, strict=True)
            order = await port.get(announced.app_id, announced.order_id, reading)
        except _OF_ONE_ORDER:
            return None
        return None if order is None else ReadOrder(order, began)

    async def _after_sales(self, port: ReadsAfterSales, query: OrderQuery) -> None:
        """Reads the after-sales of a window, which the platform keeps beside its orders."""
        wanted = AfterSaleQuery(created_from=query.created_from, created_to=query.created_to)
        began = self._now()
        after: Position | None = None
        while True:
            reading = ReadOptions(fresh=after is None, strict=True)
            page = await port.page(wanted, after, PAGE, reading)
            await put_after_sales(self._store, self._writer, page.items, began)
            if not page.more or not page.items:
                return
            after = after_sale_position(page.items[-1])

    async def _put(self, shop: str, read: Sequence[ReadOrder]) -> None:
        for begin in range(0, len(read), BATCH):
            async with self._store.transaction(bulk=True) as transaction:
                # The lease is renewed with each batch: a window may take long.
                name = _lease(shop)
                await self._store.leases.take(transaction, name, self._owner, _LEASE)
                await self._writer.put_read_orders(transaction, read[begin : begin + BATCH])


def _next_window(window: _Window, begin: int, read: Sequence[ReadOrder]) -> _Window:
    """The window before this one: longer where few orders were found, shorter where many were."""
    days = window.days
    if len(read) < _FEW:
        days = min(2 * days, _LONGEST)
    elif len(read) > _MANY:
        days = max(1, days // 2)
    return msgspec.structs.replace(window, before=begin, days=days)


def _days_between(begin: int, end: int) -> int:
    return -(-(end - begin) // DAY)


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _lease(shop: str) -> str:
    return f"index/{shop}"
