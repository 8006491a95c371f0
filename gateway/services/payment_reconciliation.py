"""Payment reconciliation: reads payments from their platform, and joins them with the ledger."""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog

from gateway.concurrency.clock import DAY
from gateway.concurrency.outages import Outages
from gateway.errors import GatewayError, Overloaded, PlatformFailure, StoreUnavailable
from gateway.ledger.payments import PaidOrder, by_payment, is_of_payment, keys_of, with_payment
from gateway.outbox.command import Command, CurrentState, Decision
from gateway.outbox.intake import OrderIntake
from gateway.ports import Adapter, ReadsPayments
from gateway.ports.writing.problems import Path
from gateway.store.documents import OrderDocument
from gateway.store.orders import OrderPosition, StoredOrderQuery
from gateway.store.store import Store

#: Seconds between two rounds of a shop, by any replica, and between two looks at what is due.
EVERY: Final = 180.0
INTERVAL: Final = 30.0
#: Seconds after the start of a process: its first requests have priority.
DELAY: Final = 60.0
#: Days back that are read, one in each round beside the newest: what is older is settled.
DAYS: Final = 30
#: Seconds after which another replica takes over from one that died.
_LEASE: Final = 120.0
#: Orders of the ledger that are compared at once, and commands of one transaction.
_PAGE: Final = 500
_BATCH: Final = 50
#: Days by which an order may have been made before its payment, or imported with a later time.
_EARLIER: Final = 2 * DAY
_LATER: Final = DAY
_CAUSE: Final = "POLL"

_log = structlog.stdlib.get_logger(__name__)


class AlreadyRecorded(GatewayError):
    """Nothing to record: the ledger has it, or the order was deleted."""

    def __init__(self) -> None:
        super().__init__("The payment is recorded.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPayment:
    """Records a payment with its order, or as an order of its own; `now` in unix seconds."""

    shop: str
    platform_id: str
    paid: PaidOrder
    now: int
    at: Path = ()

    def apply(self, state: CurrentState) -> Decision:
        """The order with its payment; raises AlreadyRecorded."""
        if state.order is None:
            if state.version or self.platform_id != self.paid.document.platform_id:
                raise AlreadyRecorded
            new, buyer = self.paid
            return Decision(operation=None, document=new, personal=buyer, cause=_CAUSE)
        before = state.order.document
        document = with_payment(before, self.paid.document, self.now)
        if document is before:
            raise AlreadyRecorded
        # Its buyer stays as it is stored, and erased if it was.
        personal = state.order.personal
        return Decision(operation=None, document=document, personal=personal, cause=_CAUSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovePaymentOrder:
    """Removes the order of its own that a payment was, now that its order is in the ledger."""

    shop: str
    platform_id: str
    at: Path = ()

    def apply(self, state: CurrentState) -> Decision:
        """The order, deleted; raises AlreadyRecorded."""
        order = state.order
        if order is None or not is_of_payment(order.document):
            raise AlreadyRecorded
        return Decision(
            operation=None,
            document=order.document,
            personal=order.personal,
            deletes=True,
            cause=_CAUSE,
        )


class PaymentReconciler:
    """Reads the payments of all shops that have some, with a lease for each shop.

    `notify` is awaited once changes are committed, `now` gives unix seconds.
    """

    def __init__(
        self,
        store: Store,
        adapters: Mapping[str, Adapter],
        intake: OrderIntake,
        notify: Callable[[], Awaitable[None]],
        now: Callable[[], float],
    ) -> None:
        self._store = store
        self._ports: dict[str, ReadsPayments[Any]] = {
            shop: adapter.payments
            for shop, adapter in adapters.items()
            if adapter.payments is not None
        }
        self._intake = intake
        self._notify = notify
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
                await self._record(shop, paid, now)

    async def _record(self, shop: str, paid: Sequence[PaidOrder], now: int) -> None:
        orders = by_payment(await self._orders_around(shop, paid))
        own = await self._store.orders.get_many(shop, [one.document.platform_id for one in paid])
        commands: list[Command] = []
        for one in paid:
            id_, keys = one.document.platform_id, keys_of(one.document.payment)
            order = next((orders[key] for key in keys if key in orders), None)
            known = own[id_].document if id_ in own else None
            if order is not None and known is not None and is_of_payment(known):
                commands.append(RemovePaymentOrder(shop=shop, platform_id=id_))
            target = order or known
            if target is None or with_payment(target, one.document, now) is not target:
                name = id_ if target is None else target.platform_id
                commands.append(RecordPayment(shop=shop, platform_id=name, paid=one, now=now))
        for begin in range(0, len(commands), _BATCH):
            await self._accept(commands[begin : begin + _BATCH])

    async def _accept(self, commands: Sequence[Command]) -> None:
        try:
            async with self._store.transaction(bulk=True) as transaction:
                await self._intake.accept(transaction, commands)
        except StoreUnavailable:
            raise
        except GatewayError:
            # Another transaction inserted one of them: the next round finds it.
            return
        await self._notify()

    async def _orders_around(self, shop: str, paid: Sequence[PaidOrder]) -> list[OrderDocument]:
        """The orders of the ledger, copies apart, that may be those of the payments."""
        moments = [one.document.created_at for one in paid]
        query = StoredOrderQuery(
            created_from=min(moments) - _EARLIER, created_to=max(moments) + _LATER
        )
        found: list[OrderDocument] = []
        after: OrderPosition | None = None
        while page := await self._store.orders.scan(shop, query, after=after, limit=_PAGE):
            # A copy follows its original.
            found += [one.document for one in page if not one.original_shop]
            last = page[-1].document
            after = OrderPosition(last.created_at, last.platform_id)
        return found
