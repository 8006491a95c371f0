"""Orders of shops that keep their own copy: import, update, status, deletion."""

from collections.abc import Callable, Mapping
from typing import Final

from gateway.outbox.intake import OrderIntake
from gateway.outbox.outcomes import OrderOutcomes
from gateway.ports import Adapter, ReadOptions
from gateway.ports.writing.problems import Path
from gateway.services.directory import Directory
from gateway.services.orders import OrderService
from gateway.services.pushes import PushService
from gateway.services.viewer import Viewer
from gateway.services.writing.entries import OrderEntries
from gateway.services.writing.order_results import OrderResult, order_results
from gateway.services.writing.orders.commands import (
    DeleteOrder,
    ImportOrder,
    SetOrderStatus,
    UpdateOrder,
)
from gateway.services.writing.stored_order import Port
from gateway.services.writing.targets import Targets, target_key
from gateway.store.mutation_receipts import left_before
from gateway.store.store import Store
from schema.inputs.order import OrderImportInput, OrderStatusInput, OrderUpdateInput
from schema.key import Key

__all__ = ["OrderResult", "OrderWriting"]

_ABILITY: Final = "order list that orders are pushed to"


class OrderWriting:
    """Reads each entry of an input as a command, and passes the commands to the intake.

    `now` returns unix seconds. Every method raises StoreUnavailable where nothing was accepted.
    """

    def __init__(
        self,
        directory: Directory,
        store: Store,
        intake: OrderIntake,
        orders: OrderService,
        pushes: PushService,
        now: Callable[[], float],
    ) -> None:
        self._targets = Targets(directory)
        self._store = store
        self._intake = intake
        self._orders = orders
        self._pushes = pushes
        self._now = now

    async def import_orders(
        self, given: Mapping[Path, OrderImportInput], viewer: Viewer, reading: ReadOptions
    ) -> list[OrderResult]:
        """Imports orders, each with its own result; the keys are their paths in the input."""
        outcomes = left_before(OrderOutcomes)
        if outcomes is None:
            entries = OrderEntries()
            for at, one in given.items():
                with entries.reading(at):
                    port = self._port(one.shop, viewer, *at, "shop")
                    never = await self._store.pushes.all_refused(one.shop, one.platform_id)
                    entries.add(
                        ImportOrder.read(one, port, at, self._seconds(), never_arrived=never)
                    )
            outcomes = await self._intake.carry_out(entries)
        return await self._results(outcomes, viewer, reading)

    async def update(
        self, given: OrderUpdateInput, viewer: Viewer, reading: ReadOptions
    ) -> OrderResult:
        """Changes the given fields of an order."""
        outcomes = left_before(OrderOutcomes)
        if outcomes is None:
            entries = OrderEntries()
            with entries.reading(()):
                key, port = self._target(given.id, viewer, ())
                entries.add(UpdateOrder.read(given, key, port, self._seconds()))
            outcomes = await self._intake.carry_out(entries)
        (result,) = await self._results(outcomes, viewer, reading)
        return result

    async def set_status(
        self, given: Mapping[Path, OrderStatusInput], viewer: Viewer, reading: ReadOptions
    ) -> list[OrderResult]:
        """Sets the statuses of orders, each with its own result."""
        outcomes = left_before(OrderOutcomes)
        if outcomes is None:
            entries = OrderEntries()
            for at, one in given.items():
                with entries.reading(at):
                    key, port = self._target(one.id, viewer, at)
                    entries.add(SetOrderStatus.read(one, key, port, at, self._seconds()))
            outcomes = await self._intake.carry_out(entries)
        return await self._results(outcomes, viewer, reading)

    async def delete(self, id_: str, viewer: Viewer, reading: ReadOptions) -> OrderResult:
        """Deletes an order; where the platform cannot, it becomes HIDDEN."""
        outcomes = left_before(OrderOutcomes)
        if outcomes is None:
            entries = OrderEntries()
            with entries.reading(()):
                key, port = self._target(id_, viewer, ())
                entries.add(DeleteOrder(at=(), port=port, key=key, now=self._seconds()))
            outcomes = await self._intake.carry_out(entries)
        (result,) = await self._results(outcomes, viewer, reading)
        return result

    async def _results(
        self, outcomes: OrderOutcomes, viewer: Viewer, reading: ReadOptions
    ) -> list[OrderResult]:
        return await order_results(outcomes.orders, self._orders, self._pushes, viewer, reading)

    def _target(self, id_: str, viewer: Viewer, at: Path) -> tuple[Key, Port]:
        key = target_key(id_, "Order", *at, "id")
        return key, self._port(key.shop, viewer, *at, "id")

    def _port(self, shop: str, viewer: Viewer, *field: str) -> Port:
        def choose(adapter: Adapter) -> Port | None:
            return adapter.accepts_orders

        return self._targets.port(shop, viewer, choose, _ABILITY, *field)

    def _seconds(self) -> int:
        return int(self._now())
