"""After-sales of shops that keep their own copy: import, update, status."""

from collections.abc import Callable, Mapping
from typing import Final

from gateway.outbox.intake import OrderIntake
from gateway.outbox.outcomes import OrderOutcome, OrderOutcomes
from gateway.ports import Adapter, ReadOptions
from gateway.ports.writing.problems import InputRefused, Path, Problems
from gateway.services.after_sales import AfterSaleService
from gateway.services.directory import Directory
from gateway.services.pushes import PushService
from gateway.services.viewer import Viewer
from gateway.services.writing.after_sales.commands import (
    ImportAfterSales,
    SetAfterSaleStatuses,
    UpdateAfterSale,
)
from gateway.services.writing.entries import OrderEntries
from gateway.services.writing.input_reader import InputReader
from gateway.services.writing.order_results import (
    AfterSalesResult,
    after_sales_result,
    time_limit_of,
)
from gateway.services.writing.stored_order import Port
from gateway.services.writing.targets import Targets, target_key
from gateway.store.mutation_receipts import left_before
from schema.errors import ErrorCode, UserError
from schema.inputs.after_sale import (
    AfterSaleImportInput,
    AfterSaleStatusInput,
    AfterSaleUpdateInput,
)
from schema.key import Key

__all__ = ["AfterSaleWriting", "AfterSalesResult"]

_ABILITY: Final = "after-sales of its own: a refunded order is REFUNDED"


class AfterSaleWriting:
    """Reads each input as a command, and passes the commands to the intake.

    `now` returns unix seconds, `monotonic` the time of deadlines. Every method raises
    StoreUnavailable where nothing was accepted.
    """

    def __init__(
        self,
        directory: Directory,
        intake: OrderIntake,
        after_sales: AfterSaleService,
        pushes: PushService,
        now: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self._targets = Targets(directory)
        self._intake = intake
        self._after_sales = after_sales
        self._pushes = pushes
        self._now = now
        self._monotonic = monotonic

    async def import_after_sales(
        self, given: AfterSaleImportInput, viewer: Viewer, reading: ReadOptions
    ) -> AfterSalesResult:
        """Adds after-sales to an order."""
        outcomes = left_before(OrderOutcomes)
        if outcomes is None or outcomes.partial:
            entries = OrderEntries()
            with entries.reading(()):
                order = target_key(given.order_id, "Order", "orderId")
                port = self._port(order.shop, viewer, "orderId")
                entries.add(ImportAfterSales.read(given, order, port, self._reader()))
            outcomes = await self._carried_out(entries, outcomes, reading)
        return await self._result(outcomes, viewer, reading)

    async def update(
        self, given: AfterSaleUpdateInput, viewer: Viewer, reading: ReadOptions
    ) -> AfterSalesResult:
        """Changes the given fields of an after-sale."""
        outcomes = left_before(OrderOutcomes)
        if outcomes is None or outcomes.partial:
            entries = OrderEntries()
            with entries.reading(()):
                key = target_key(given.id, "AfterSale", "id")
                port = self._port(key.shop, viewer, "id")
                entries.add(UpdateAfterSale.read(given, key, port, self._reader()))
            outcomes = await self._carried_out(entries, outcomes, reading)
        return await self._result(outcomes, viewer, reading)

    async def set_status(
        self, given: Mapping[Path, AfterSaleStatusInput], viewer: Viewer, reading: ReadOptions
    ) -> AfterSalesResult:
        """Sets the statuses of after-sales, each with its own result; one push for each order."""
        outcomes = left_before(OrderOutcomes)
        if outcomes is None or outcomes.partial:
            outcomes = await self._carried_out(
                self._status_entries(given, viewer), outcomes, reading
            )
        return await self._result(outcomes, viewer, reading)

    async def _carried_out(
        self, entries: OrderEntries, before: OrderOutcomes | None, reading: ReadOptions
    ) -> OrderOutcomes:
        return await self._intake.carry_out(
            entries, time_limit=time_limit_of(reading, self._monotonic()), before=before
        )

    def _status_entries(
        self, given: Mapping[Path, AfterSaleStatusInput], viewer: Viewer
    ) -> OrderEntries:
        errors: list[UserError] = []
        orders: dict[Key, tuple[Port, dict[Path, tuple[Key, AfterSaleStatusInput]]]] = {}
        seen: set[Key] = set()
        for at, one in given.items():
            try:
                key = target_key(one.id, "AfterSale", *at, "id")
                port = self._port(key.shop, viewer, *at, "id")
            except InputRefused as refused:
                errors += refused.errors
                continue
            if key in seen:
                message, field = "An earlier entry is about the same after-sale.", list(at) or None
                errors.append(UserError(code=ErrorCode.CONFLICT, message=message, field=field))
                continue
            seen.add(key)
            order = Key("Order", key.shop, key.platform_id)
            orders.setdefault(order, (port, {}))[1][at] = (key, one)
        entries = OrderEntries()
        if errors:
            entries.append(OrderOutcome.refused((), errors))
        for order, (port, inputs) in orders.items():
            entries.add(
                SetAfterSaleStatuses(
                    at=next(iter(inputs)),
                    port=port,
                    order=order,
                    inputs=inputs,
                    now=int(self._now()),
                )
            )
        return entries

    async def _result(
        self, outcomes: OrderOutcomes, viewer: Viewer, reading: ReadOptions
    ) -> AfterSalesResult:
        return await after_sales_result(
            outcomes.orders, self._after_sales, self._pushes, viewer, reading
        )

    def _reader(self) -> InputReader:
        return InputReader(Problems(), int(self._now()))

    def _port(self, shop: str, viewer: Viewer, *field: str) -> Port:
        def choose(adapter: Adapter) -> Port | None:
            port = adapter.accepts_orders
            return port if port is not None and port.takes_after_sales else None

        return self._targets.port(shop, viewer, choose, _ABILITY, *field)
