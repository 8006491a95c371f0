"""Orders of shops that keep their own copy: import, update, status, deletion."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.concurrency.time_slice import TimeSlice
from gateway.outbox.intake import OrderIntake, RecordOutcomes
from gateway.outbox.outcomes import OrderOutcomes
from gateway.ports import Adapter, ReadOptions
from gateway.ports.writing.parcels import Parcel, read_carrier, read_parcels
from gateway.ports.writing.problems import InputRefused, Path, Problems
from gateway.services.directory import Directory
from gateway.services.orders import OrderService
from gateway.services.pushes import PushService
from gateway.services.viewer import Viewer
from gateway.services.writing.entries import OrderEntries
from gateway.services.writing.order_results import OrderResult, order_results, time_limit_of
from gateway.services.writing.orders.commands import (
    DeleteOrder,
    ImportOrder,
    SetOrderStatus,
    UpdateOrder,
)
from gateway.services.writing.orders.shipping import CloseOrder, ShipOrder
from gateway.services.writing.stored_order import Port
from gateway.services.writing.targets import Targets, target_key
from gateway.store.mutation_receipts import left_before
from schema.errors import ErrorCode
from schema.inputs.order import (
    OrderImportInput,
    OrderShipInput,
    OrderStatusInput,
    OrderUpdateInput,
)
from schema.key import Key

__all__ = ["OrderResult", "OrderWriting", "ShippedOrder"]

_ABILITY: Final = "order list that orders are pushed to"


@dataclass(frozen=True, slots=True)
class ShippedOrder:
    """An order, and the parcel that it is shipped in, with all that it holds."""

    platform_id: str
    #: The carrier's code on the platform, or its key.
    carrier: str | None
    #: The name of another one.
    other_carrier: str | None
    tracking_number: str


class OrderWriting:
    """Reads each entry of an input as a command, and passes the commands to the intake.

    `now` returns unix seconds, `monotonic` the time of deadlines. Every method raises
    StoreUnavailable where nothing was accepted.
    """

    def __init__(
        self,
        directory: Directory,
        intake: OrderIntake,
        orders: OrderService,
        pushes: PushService,
        now: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self._directory = directory
        self._targets = Targets(directory)
        self._intake = intake
        self._orders = orders
        self._pushes = pushes
        self._now = now
        self._monotonic = monotonic
        self._slices = TimeSlice()

    async def import_orders(
        self, given: Mapping[Path, OrderImportInput], viewer: Viewer, reading: ReadOptions
    ) -> list[OrderResult]:
        """Imports orders, each with its own result; the keys are their paths in the input.

        Those that the platform did not answer in time are PENDING.
        """
        return await self._carried_out(lambda: self._imports(given, viewer), viewer, reading)

    async def accept_batch(
        self, given: Mapping[Path, OrderImportInput], viewer: Viewer, record: RecordOutcomes
    ) -> OrderOutcomes:
        """Accepts a batch of a large import, which the outbox delivers; nothing waits for that.

        At most BATCH entries, in one transaction of bulk work; `record` writes in the same one what
        came of them. The outcomes are in the order of the entries; one bad order hurts no other.
        An entry with outcomes of its own has keys if it was accepted, and else refusals.

        Raises:
            StoreUnavailable: nothing was accepted.
            GatewayError: nothing was accepted, for a reason that the caller cannot fix.
        """
        return await self._intake.accept_batch(await self._imports(given, viewer), record)

    async def accept_shipments(
        self, shop: str, given: Mapping[Path, ShippedOrder], viewer: Viewer, record: RecordOutcomes
    ) -> OrderOutcomes:
        """Ships a batch of a shop's orders, as `accept_batch` imports one."""
        entries = OrderEntries()
        port = self._port(shop, viewer, "shop")
        for at, one in given.items():
            with entries.reading(at):
                problems = Problems().below(*at)
                carrier = read_carrier(one.carrier, one.other_carrier, port.carriers, problems)
                problems.stop()
                entries.add(
                    ShipOrder(
                        at=at,
                        port=port,
                        shop=shop,
                        platform_id=one.platform_id,
                        parcels=[Parcel(carrier=carrier, tracking_number=one.tracking_number)],
                        when_shipped="add",
                        now=self._seconds(),
                        named_by="platformId",
                    )
                )
        return await self._intake.accept_batch(entries, record)

    async def update(
        self, given: OrderUpdateInput, viewer: Viewer, reading: ReadOptions
    ) -> OrderResult:
        """Changes the given fields of an order."""

        async def read() -> OrderEntries:
            entries = OrderEntries()
            with entries.reading(()):
                key, port = self._target(given.id, viewer, ())
                entries.add(UpdateOrder.read(given, key, port, self._seconds()))
            return entries

        (result,) = await self._carried_out(read, viewer, reading)
        return result

    async def set_status(
        self, given: Mapping[Path, OrderStatusInput], viewer: Viewer, reading: ReadOptions
    ) -> list[OrderResult]:
        """Sets the statuses of orders, each with its own result."""

        async def read() -> OrderEntries:
            entries = OrderEntries()
            for at, one in given.items():
                with entries.reading(at):
                    key, port = self._target(one.id, viewer, at)
                    entries.add(SetOrderStatus.read(one, key, port, at, self._seconds()))
                await self._slices.pause()
            return entries

        return await self._carried_out(read, viewer, reading)

    async def ship(
        self, given: Mapping[Path, OrderShipInput], viewer: Viewer, reading: ReadOptions
    ) -> list[OrderResult]:
        """Ships orders, or corrects their parcels, each with its own result."""

        async def read() -> OrderEntries:
            entries = OrderEntries()
            for at, one in given.items():
                with entries.reading(at):
                    key, port = self._target(one.id, viewer, at)
                    problems = Problems().below(*at)
                    parcels = read_parcels(one, port.carriers, problems)
                    problems.stop()
                    entries.add(
                        ShipOrder(
                            at=at,
                            port=port,
                            shop=key.shop,
                            platform_id=key.platform_id,
                            parcels=parcels,
                            when_shipped="correct" if one.correct else "refuse",
                            now=self._seconds(),
                        )
                    )
            return entries

        return await self._carried_out(read, viewer, reading)

    async def close(self, id_: str, viewer: Viewer, reading: ReadOptions) -> OrderResult:
        """Closes an order."""

        async def read() -> OrderEntries:
            entries = OrderEntries()
            with entries.reading(()):
                key, port = self._target(id_, viewer, ())
                shop, name = key.shop, key.platform_id
                entries.add(
                    CloseOrder(at=(), port=port, shop=shop, platform_id=name, now=self._seconds())
                )
            return entries

        (result,) = await self._carried_out(read, viewer, reading)
        return result

    async def delete(self, id_: str, viewer: Viewer, reading: ReadOptions) -> OrderResult:
        """Deletes an order; where the platform cannot, it becomes HIDDEN."""

        async def read() -> OrderEntries:
            entries = OrderEntries()
            with entries.reading(()):
                key, port = self._target(id_, viewer, ())
                entries.add(DeleteOrder(at=(), port=port, key=key, now=self._seconds()))
            return entries

        (result,) = await self._carried_out(read, viewer, reading)
        return result

    async def _carried_out(
        self, read: Callable[[], Awaitable[OrderEntries]], viewer: Viewer, reading: ReadOptions
    ) -> list[OrderResult]:
        """The results of the entries that `read` reads from the input."""
        outcomes = left_before(OrderOutcomes)
        if outcomes is None or outcomes.partial:
            outcomes = await self._intake.carry_out(
                await read(), time_limit=time_limit_of(reading, self._monotonic()), before=outcomes
            )
        return await order_results(outcomes.orders, self._orders, self._pushes, viewer, reading)

    async def _imports(
        self, given: Mapping[Path, OrderImportInput], viewer: Viewer
    ) -> OrderEntries:
        never_arrived = await self._never_arrived(given.values(), viewer)
        entries = OrderEntries()
        for at, one in given.items():
            with entries.reading(at):
                port = self._port(one.shop, viewer, *at, "shop")
                never = (one.shop, one.platform_id) in never_arrived
                entries.add(ImportOrder.read(one, port, at, self._seconds(), never_arrived=never))
            await self._slices.pause()
        return entries

    async def _never_arrived(
        self, given: Iterable[OrderImportInput], viewer: Viewer
    ) -> set[tuple[str, str]]:
        """Of which orders, by shop and platform id, the platform refused every push."""
        ids: defaultdict[str, set[str]] = defaultdict(set)
        for one in given:
            if self._directory.find(one.shop, viewer) is not None:
                ids[one.shop].add(one.platform_id)
        return {
            (shop, order_id)
            for shop, of_shop in ids.items()
            for order_id in await self._intake.never_arrived(shop, of_shop)
        }

    def _target(self, id_: str, viewer: Viewer, at: Path) -> tuple[Key, Port]:
        key = target_key(id_, "Order", *at, "id")
        port = self._port(key.shop, viewer, *at, "id")
        if key.part:
            message = "The order is a partner store's: only that store can change it."
            raise InputRefused.of(ErrorCode.UNSUPPORTED_BY_PLATFORM, message, *at, "id")
        return key, port

    def _port(self, shop: str, viewer: Viewer, *field: str) -> Port:
        def choose(adapter: Adapter) -> Port | None:
            return adapter.accepts_orders

        return self._targets.port(shop, viewer, choose, _ABILITY, *field)

    def _seconds(self) -> int:
        return int(self._now())
