"""Orders of shops that keep their own copy: import, change, status, deletion."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeVar

from gateway.outbox.intake import OrderIntake
from gateway.ports import Adapter, ReadOptions
from gateway.ports.writing.problems import InputRefused
from gateway.services.directory import Directory
from gateway.services.orders import OrderService
from gateway.services.pushes import PushService
from gateway.services.viewer import Viewer
from gateway.services.writing.commands import CommandAt, carry_out_commands
from gateway.services.writing.kept_order import Port
from gateway.services.writing.orders.deletion import deletion_wish
from gateway.services.writing.orders.done import OrderDone, orders_done
from gateway.services.writing.orders.importing import import_wish
from gateway.services.writing.orders.status import status_wish
from gateway.services.writing.orders.updating import update_wish
from gateway.services.writing.receipts import (
    OrderReceipt,
    OrdersReceipt,
    Path,
    Refusal,
    refusals,
)
from gateway.services.writing.targets import Targets, target_key
from gateway.store.mutation_receipts import left_before
from gateway.store.store import Store
from schema.errors import ErrorCode
from schema.inputs.order import OrderImportInput, OrderStatusInput, OrderUpdateInput
from schema.key import Key

__all__ = ["OrderDone", "OrderWriting"]

Given = TypeVar("Given")

_ABILITY: Final = "order list of its own that orders are pushed to"


class OrderWriting:
    """Reads the input, asks the platform's rules, and brings it to the intake.

    `now` gives unix seconds. Every method raises StoreUnavailable where nothing was accepted.
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

    async def bring_in(
        self, given: Mapping[Path, OrderImportInput], viewer: Viewer, reading: ReadOptions
    ) -> list[OrderDone]:
        """Imports orders, each with its own outcome; the paths tell where in the input each is."""

        async def task(at: Path, one: OrderImportInput) -> CommandAt:
            port = self._port(one.shop, viewer, *at, "shop")
            command = await import_wish(one, port, self._store, self._now, at)
            return CommandAt(at=at, command=command, keys=[Key("Order", one.shop, one.platform_id)])

        return await self._each(given, task, viewer, reading)

    async def update(
        self, given: OrderUpdateInput, viewer: Viewer, reading: ReadOptions
    ) -> OrderDone:
        """Changes what is given of an order."""

        async def task(at: Path, one: OrderUpdateInput) -> CommandAt:
            key, port = self._target(one.id, viewer, at)
            command = update_wish(one, key, port, self._now, at)
            return CommandAt(at=at, command=command, keys=[key])

        (done,) = await self._each({(): given}, task, viewer, reading)
        return done

    async def set_status(
        self, given: Mapping[Path, OrderStatusInput], viewer: Viewer, reading: ReadOptions
    ) -> list[OrderDone]:
        """Sets the statuses of orders, each with its own outcome."""

        async def task(at: Path, one: OrderStatusInput) -> CommandAt:
            key, port = self._target(one.id, viewer, at)
            command = status_wish(one, key, port, self._now, at)
            return CommandAt(at=at, command=command, keys=[key])

        return await self._each(given, task, viewer, reading)

    async def delete(self, id_: str, viewer: Viewer, reading: ReadOptions) -> OrderDone:
        """Deletes an order; where the platform cannot, it becomes HIDDEN."""

        async def task(at: Path, one: str) -> CommandAt:
            key, port = self._target(one, viewer, at)
            return CommandAt(at=at, command=deletion_wish(key, port, self._now, at), keys=[key])

        (done,) = await self._each({(): id_}, task, viewer, reading)
        return done

    async def _each(
        self,
        given: Mapping[Path, Given],
        task: Callable[[Path, Given], Awaitable[CommandAt]],
        viewer: Viewer,
        reading: ReadOptions,
    ) -> list[OrderDone]:
        """What became of each input, in their order."""
        receipt = left_before(OrdersReceipt) or await self._accepted(given, task)
        return await orders_done(receipt.orders, self._orders, self._pushes, viewer, reading)

    async def _accepted(
        self, given: Mapping[Path, Given], task: Callable[[Path, Given], Awaitable[CommandAt]]
    ) -> OrdersReceipt:
        refused: dict[Path, OrderReceipt] = {}
        tasks: dict[Key, CommandAt] = {}
        for at, one in given.items():
            try:
                made = await task(at, one)
            except InputRefused as refusal:
                refused[at] = OrderReceipt(at=at, refusals=refusals(refusal.errors))
                continue
            (key,) = made.keys
            if key in tasks:
                twice = Refusal(ErrorCode.CONFLICT, "This order stands twice here.", [*at])
                refused[at] = OrderReceipt(at=at, refusals=[twice])
                continue
            tasks[key] = made

        def arranged(told: list[OrderReceipt]) -> list[OrderReceipt]:
            by_path = refused | {one.at: one for one in told}
            return [by_path[at] for at in given]

        return await carry_out_commands(self._intake, list(tasks.values()), arranged)

    def _target(self, id_: str, viewer: Viewer, at: Path) -> tuple[Key, Port]:
        key = target_key(id_, "Order", *at, "id")
        return key, self._port(key.shop, viewer, *at, "id")

    def _port(self, shop: str, viewer: Viewer, *field: str) -> Port:
        def choose(adapter: Adapter) -> Port | None:
            return adapter.order_writes

        return self._targets.port(shop, viewer, choose, _ABILITY, *field)
