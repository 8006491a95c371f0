"""Payment recorder: joins payments, as their platform tells them, with the orders of the ledger."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.errors import GatewayError, StoreUnavailable
from gateway.ledger.payments import PaidOrder, by_payment, is_of_payment, with_payment
from gateway.outbox.command import Command, CurrentState, Decision
from gateway.outbox.intake import OrderIntake
from gateway.ports.writing.problems import Path
from gateway.store.documents import PaymentKeys
from gateway.store.store import Store
from schema.order_change import OrderChangeCause

#: Commands of one transaction.
_BATCH: Final = 50


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
    cause: str
    at: Path = ()

    def apply(self, state: CurrentState) -> Decision:
        """The order with its payment; raises AlreadyRecorded."""
        if state.order is None:
            if state.version or self.platform_id != self.paid.document.platform_id:
                raise AlreadyRecorded
            new, buyer = self.paid
            return Decision(operation=None, document=new, personal=buyer, cause=self.cause)
        before = state.order.document
        document = with_payment(before, self.paid.document, self.now)
        if document is before:
            raise AlreadyRecorded
        # Its buyer stays as it is stored, and erased if it was.
        personal = state.order.personal
        return Decision(operation=None, document=document, personal=personal, cause=self.cause)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovePaymentOrder:
    """Removes the order of its own that a payment was, now that its order is in the ledger."""

    shop: str
    platform_id: str
    cause: str
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
            cause=self.cause,
        )


class PaymentRecorder:
    """Records payments of all shops.

    `notify` is awaited once changes are committed; `now` returns unix seconds.
    """

    def __init__(
        self,
        store: Store,
        intake: OrderIntake,
        notify: Callable[[], Awaitable[None]],
        now: Callable[[], float],
    ) -> None:
        self._store = store
        self._intake = intake
        self._notify = notify
        self._now = now

    async def record(
        self, shop: str, paid: Sequence[PaidOrder], now: int, cause: OrderChangeCause
    ) -> None:
        """Gives each payment to its order, or makes it one of its own; `now` in unix seconds.

        Raises:
            StoreUnavailable: the ledger cannot be read or written.
        """
        keys = [PaymentKeys.of(one.document.payment) for one in paid]
        found = await self._store.orders.of_payments(shop, keys)
        orders = by_payment(one.document for one in found)
        own = await self._store.orders.get_many(shop, [one.document.platform_id for one in paid])
        commands: list[Command] = []
        for one, named in zip(paid, keys, strict=True):
            id_, why = one.document.platform_id, cause.value
            order = next((orders[key] for key in named if key in orders), None)
            known = own[id_].document if id_ in own else None
            if order is not None and known is not None and is_of_payment(known):
                commands.append(RemovePaymentOrder(shop=shop, platform_id=id_, cause=why))
            target = order or known
            if target is None or with_payment(target, one.document, now) is not target:
                name = id_ if target is None else target.platform_id
                commands.append(
                    RecordPayment(shop=shop, platform_id=name, paid=one, now=now, cause=why)
                )
        for begin in range(0, len(commands), _BATCH):
            await self._accept(commands[begin : begin + _BATCH])

    async def of_event(self, shop: str, paid: PaidOrder) -> None:
        """Records a payment that an event named; raises StoreUnavailable."""
        now = int(self._now())
        await self.record(shop, [paid], now, OrderChangeCause.PLATFORM_EVENT)

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
