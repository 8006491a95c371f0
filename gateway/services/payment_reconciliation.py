"""Payment reconciliation: reads payments from their platform, and joins them with the ledger."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import structlog

from gateway.concurrency.clock import DAY
from gateway.concurrency.outages import Outages
from gateway.errors import Overloaded, PlatformFailure
from gateway.ledger.payments import PaidOrder
from gateway.ports import Adapter, ReadsPayments
from gateway.services.payment_recording import PaymentRecorder
from gateway.store.store import Store
from schema.order_change import OrderChangeCause

#: Seconds between two rounds of a shop, by any replica, and between two looks at what is due.
EVERY: Final = 180.0
INTERVAL: Final = 30.0
#: Seconds after the start of a process: its first requests have priority.
DELAY: Final = 60.0
#: Days back that are read, one in each round beside the newest: what is older is settled.
DAYS: Final = 30
#: Seconds after which another replica takes over from one that died.
_LEASE: Final = 120.0

_log = structlog.stdlib.get_logger(__name__)


class PaymentReconciler:
    """Reads the payments of all shops that have some, with a lease for each shop.

    `now` gives unix seconds.
    """

    def __init__(
        self,
        store: Store,
        adapters: Mapping[str, Adapter],
        recorder: PaymentRecorder,
        now: Callable[[], float],
    ) -> None:
        self._store = store
        self._ports: dict[str, ReadsPayments[Any]] = {
            shop: adapter.payments
            for shop, adapter in adapters.items()
            if adapter.payments is not None
        }
        self._recorder = recorder
        self._now = now
        self._owner = secrets.token_hex(8)
        self._outages = Outages(now)

    @property
    def shops(self) -> Sequence[str]:
        """The shops whose payments are read."""
        return list(self._ports)

    async def work(self) -> int:
        """Reads the shops that are due; returns 0, as the next round is due later.

        Raises:
            StoreUnavailable: the ledger cannot be read or written.
        """
        for shop, port in self._ports.items():
            await self._visit(shop, port)
        return 0

    async def _visit(self, shop: str, port: ReadsPayments[Any]) -> None:
        name, began = f"payments/{shop}", self._now()
        last = await self._store.reconciliations.last(name)
        if last is not None and began - last < EVERY:
            return
        async with self._store.transaction() as transaction:
            lease = await self._store.leases.take(transaction, name, self._owner, _LEASE)
        if lease is None:
            return
        try:
            await self._read(shop, port, began)
        except (PlatformFailure, Overloaded) as failure:
            if self._outages.failed(shop):
                _log.info(
                    "payments.reconciliation.failed",
                    message="The payments of a shop cannot be read; each round tries again.",
                    shop=shop,
                    failure=type(failure).__name__,
                )
        else:
            self._outages.succeeded(shop)
        finally:
            async with self._store.transaction() as transaction:
                # After a failure as well: the platform limits the calls of a minute.
                await self._store.reconciliations.note(transaction, name, began)
                await self._store.leases.release(transaction, name, self._owner)

    async def _read(self, shop: str, port: ReadsPayments[Any], began: float) -> None:
        """The newest payments, and those of one day before: all days take turns."""
        if not await port.are_kept():
            return
        now = int(began)
        back = 1 + int(began // EVERY) % DAYS
        for begin, end in ((now - DAY, now), (now - (back + 1) * DAY, now - back * DAY)):
            paid: Sequence[PaidOrder] = await port.paid_between(begin, end)
            if paid:
                await self._recorder.record(shop, paid, now, OrderChangeCause.POLL)
