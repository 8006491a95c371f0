"""Reconciler: polls recent orders every few minutes, to find changes without an event."""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import structlog

from gateway.concurrency.clock import DAY
from gateway.concurrency.outages import Outages
from gateway.errors import Overloaded, PlatformFailure, StoreUnavailable
from gateway.inbox.change_detection import ChangeDetector, ObservedOrder
from gateway.index.reconciliation import CLOCK_SKEW, IndexReconciliation
from gateway.index.writer import IndexWriter, ReadOrder
from gateway.ports import (
    Adapter,
    OrderQuery,
    Position,
    Provenance,
    ReadOptions,
    ReadsOrders,
    order_position,
)
from gateway.store.order_changes import NewOrderChange
from gateway.store.order_overlays import Look
from gateway.store.store import Store
from schema.order_change import OrderChangeCause

#: Seconds between two reconciliations of one shop, by any replica.
EVERY: Final = 180.0
#: Seconds after its creation for which an order is polled.
_RECENT: Final = 7 * DAY
#: Seconds after which another replica takes over from one that died.
_LEASE: Final = 120.0
_PAGE: Final = 500
#: Seconds between a request and the end of its answer.
_LONGEST_CALL: Final = 30.0
#: Orders recorded in one transaction: others wait for it.
_BATCH: Final = 100
_ANEW: Final = ReadOptions(fresh=True, strict=True)
_CAUSE: Final = OrderChangeCause.POLL.value

_log = structlog.stdlib.get_logger(__name__)


class Reconciler:
    """Reconciles the shops whose orders the platform keeps, with a lease for each.

    The first reconciliation of a shop records orders of which nothing is known without changes.
    """

    def __init__(
        self,
        store: Store,
        adapters: Mapping[str, Adapter],
        changed: Callable[[], Awaitable[None]],
        now: Callable[[], float],
        *,
        every: float = EVERY,
        index: IndexWriter | None = None,
    ) -> None:
        """Without `index` the index is not kept in step."""
        self._store = store
        self._adapters = {
            shop: adapter for shop, adapter in adapters.items() if adapter.orders is not None
        }
        self._index = index
        self._index_reconciliation = (
            None if index is None else IndexReconciliation(store, index, now)
        )
        self._changed = changed
        self._now = now
        self._every = every
        self._outages = Outages(now)
        self._change_detector = ChangeDetector(store)
        self._owner = secrets.token_hex(8)

    async def work(self) -> int:
        """Reconcile the due shops; returns 0, as the next ones are due later.

        Raises:
            StoreUnavailable: the ledger cannot be read or written.
            ExceptionGroup: shops failed unexpectedly, each error with its shop as a note; the
                other shops were reconciled.
        """
        errors: list[Exception] = []
        for shop, adapter in self._adapters.items():
            try:
                await self._visit(shop, adapter)
            except StoreUnavailable:
                raise
            except Exception as error:  # noqa: BLE001 - one shop must not hold up the others
                error.add_note(f"while the orders of {shop} were reconciled")
                errors.append(error)
        if errors:
            raise ExceptionGroup("orders could not be reconciled", errors)
        return 0

    async def _visit(self, shop: str, adapter: Adapter) -> None:
        last = await self._store.reconciliations.last(shop)
        began = self._now()
        if last is not None and began - last < self._every:
            return
        async with self._store.transaction() as transaction:
            lease = await self._store.leases.take(transaction, _lease(shop), self._owner, _LEASE)
        if lease is None:
            return
        try:
            await self._look(shop, adapter, last)
        except (PlatformFailure, Overloaded) as failure:
            if self._outages.failed(shop):
                _log.info(
                    "inbox.reconciliation.failed",
                    message="The orders of a shop cannot be reconciled; each round tries again.",
                    shop=shop,
                    failure=type(failure).__name__,
                )
            return
        finally:
            await self._end(shop)
        async with self._store.transaction() as transaction:
            await self._store.reconciliations.note(transaction, shop, began)
        outage = self._outages.succeeded(shop)
        if outage is not None:
            _log.info(
                "inbox.reconciliation.recovered",
                message="The orders of a shop are reconciled again.",
                shop=shop,
                failures=outage.failures,
                seconds=round(outage.seconds, 1),
            )

    async def _end(self, shop: str) -> None:
        async with self._store.transaction() as transaction:
            await self._store.leases.release(transaction, _lease(shop), self._owner)

    async def _look(self, shop: str, adapter: Adapter, last: float | None) -> None:
        began = self._now()
        assert adapter.orders is not None  # noqa: S101 - others are not reconciled
        changed, first = adapter.changed_orders, last is None
        if changed is None:
            await self._look_at_recent(shop, adapter.orders, began, first=first)
        else:
            since = began - _RECENT if last is None else last - CLOCK_SKEW
            ids = await changed.changed(int(since), _ANEW)
            await self._look_at(shop, adapter.orders, ids, first=first)
        if self._index_reconciliation is not None:
            await self._index_reconciliation.reconcile(adapter, int(began - _RECENT))

    async def _look_at(
        self, shop: str, port: ReadsOrders, ids: Sequence[str], *, first: bool
    ) -> None:
        for begin in range(0, len(ids), _BATCH):
            read_at = self._now()
            found = await port.get_many(ids[begin : begin + _BATCH], _ANEW)
            seen = [ObservedOrder(shop, order, read_at) for order in found.values()]
            await self._note(seen, first=first)

    async def _look_at_recent(
        self, shop: str, port: ReadsOrders, began: float, *, first: bool
    ) -> None:
        query = OrderQuery(created_from=datetime.fromtimestamp(began - _RECENT, UTC))
        after: Position | None = None
        more = True
        while more:
            # The later pages come from the answer of the first, or one in the cache: dated as
            # later than it was read, it would undo what an event has told meanwhile.
            reading = ReadOptions(fresh=after is None, strict=True)
            page = await port.page(query, after, _PAGE, reading)
            read_at = began if after is None else _asked_at(page.provenance, began)
            seen = [ObservedOrder(shop, order, read_at) for order in page.items]
            for begin in range(0, len(seen), _BATCH):
                await self._note(seen[begin : begin + _BATCH], first=first)
            more = page.more and bool(page.items)
            if more:
                after = order_position(page.items[-1])

    async def _note(self, seen: Sequence[ObservedOrder], *, first: bool) -> None:
        look = Look.FIRST_POLL if first else Look.POLL
        found: list[NewOrderChange] = []
        async with self._store.transaction() as transaction:
            for observed in seen:
                changes = await self._change_detector.changes(transaction, observed, _CAUSE, look)
                found += changes or ()
            if self._index is not None:
                read = [ReadOrder(observed.order, observed.read_at) for observed in seen]
                await self._index.put_read_orders(transaction, read)
            await self._store.order_changes.append(transaction, found)
        if found:
            await self._changed()


def _asked_at(provenance: Provenance, began: float) -> float:
    """A time before the platform was asked for a page that may have come from the cache."""
    if provenance.fetched_at is None:
        return began
    return min(began, provenance.fetched_at.timestamp() - _LONGEST_CALL)


def _lease(shop: str) -> str:
    return f"sweep/{shop}"
