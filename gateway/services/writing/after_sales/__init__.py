"""After-sales of shops that keep their own copy: import, change, status."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from gateway.outbox.intake import OrderIntake
from gateway.ports import Adapter, ReadOptions
from gateway.ports.writing.problems import InputRefused, Problems
from gateway.services.after_sales import AfterSaleService
from gateway.services.directory import Directory
from gateway.services.pushes import PushService
from gateway.services.viewer import Viewer
from gateway.services.writing.after_sales.done import AfterSalesDone, after_sales_done
from gateway.services.writing.after_sales.importing import import_task
from gateway.services.writing.after_sales.status import status_tasks
from gateway.services.writing.after_sales.updating import update_task
from gateway.services.writing.commands import CommandAt, carry_out_commands
from gateway.services.writing.input_reader import InputReader
from gateway.services.writing.kept_order import Port
from gateway.services.writing.receipts import OrderReceipt, OrdersReceipt, Path, refusals
from gateway.services.writing.targets import Targets, target_key
from gateway.store.mutation_receipts import left_before
from schema.errors import UserError
from schema.inputs.after_sale import (
    AfterSaleImportInput,
    AfterSaleStatusInput,
    AfterSaleUpdateInput,
)

__all__ = ["AfterSaleWriting", "AfterSalesDone"]

#: What is to be done, and what is refused before any of it is asked.
_Read: TypeAlias = tuple[Sequence[CommandAt], Sequence[UserError]]

_ABILITY: Final = "after-sales of its own: a refunded order is REFUNDED"


class AfterSaleWriting:
    """Reads the input, asks the platform's rules, and brings it to the intake.

    `now` gives unix seconds. Every method raises StoreUnavailable where nothing was accepted.
    """

    def __init__(
        self,
        directory: Directory,
        intake: OrderIntake,
        after_sales: AfterSaleService,
        pushes: PushService,
        now: Callable[[], float],
    ) -> None:
        self._targets = Targets(directory)
        self._intake = intake
        self._after_sales = after_sales
        self._pushes = pushes
        self._now = now

    async def bring_in(
        self, given: AfterSaleImportInput, viewer: Viewer, reading: ReadOptions
    ) -> AfterSalesDone:
        """Adds after-sales to an order."""

        def read() -> _Read:
            order = target_key(given.order_id, "Order", "orderId")
            port = self._port(order.shop, viewer, "orderId")
            return [import_task(given, order, port, self._reader())], []

        return await self._carried_out(read, viewer, reading)

    async def update(
        self, given: AfterSaleUpdateInput, viewer: Viewer, reading: ReadOptions
    ) -> AfterSalesDone:
        """Changes what is given of an after-sale."""

        def read() -> _Read:
            key = target_key(given.id, "AfterSale", "id")
            port = self._port(key.shop, viewer, "id")
            return [update_task(given, key, port, self._reader())], []

        return await self._carried_out(read, viewer, reading)

    async def set_status(
        self, given: Mapping[Path, AfterSaleStatusInput], viewer: Viewer, reading: ReadOptions
    ) -> AfterSalesDone:
        """Sets where after-sales stand, each with its own outcome; one push an order."""

        def read() -> _Read:
            return status_tasks(given, lambda key, at: self._port(key.shop, viewer, *at), self._now)

        return await self._carried_out(read, viewer, reading)

    async def _carried_out(
        self, read: Callable[[], _Read], viewer: Viewer, reading: ReadOptions
    ) -> AfterSalesDone:
        """What became of the tasks that are read from the input, unless they were done before."""
        receipt = left_before(OrdersReceipt)
        if receipt is None:
            try:
                tasks, errors = read()
            except InputRefused as refused:
                return AfterSalesDone(errors=list(refused.errors))
            before = [OrderReceipt(at=(), refusals=refusals(errors))] if errors else []
            receipt = await carry_out_commands(self._intake, tasks, lambda told: [*before, *told])
        return await after_sales_done(
            receipt.orders, self._after_sales, self._pushes, viewer, reading
        )

    def _reader(self) -> InputReader:
        return InputReader(Problems(), int(self._now()))

    def _port(self, shop: str, viewer: Viewer, *field: str) -> Port:
        def choose(adapter: Adapter) -> Port | None:
            port = adapter.order_writes
            return port if port is not None and port.takes_after_sales else None

        return self._targets.port(shop, viewer, choose, _ABILITY, *field)
