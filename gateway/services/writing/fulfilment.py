"""Ships and closes orders that the platform itself keeps."""

from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from gateway.ports import ReadOptions
from gateway.services.directory import Directory
from gateway.services.orders import OrderService
from gateway.services.viewer import Viewer
from gateway.services.writing.record_change import OrderChangeRecorder
from gateway.services.writing.targets import Targets, target_key
from gateway.services.writing.write_result import WriteResult, attempt, read_back
from schema.inputs.order import OrderShipInput
from schema.key import Key
from schema.order import Order

_SHIPPING: Final = "way to ship orders"
_CLOSING: Final = "way to close orders"
_ASK_ORDER: Final = (
    "read the order's `platformStatus` with Cache-Control: no-cache before you repeat it."
)


class Fulfilment:
    """Routes shipping and closing of orders to the shops' ports."""

    def __init__(
        self,
        directory: Directory,
        orders: OrderService,
        recorder: OrderChangeRecorder,
        now: Callable[[], float],
    ) -> None:
        self._targets = Targets(directory)
        self._orders = orders
        self._recorder = recorder
        self._now = now

    async def ship(
        self, given: OrderShipInput, viewer: Viewer, reading: ReadOptions
    ) -> WriteResult[Order]:
        """Ships an order; the value is the order as the platform has it afterwards."""

        async def write(key: Key) -> None:
            port = self._targets.port(
                key.shop, viewer, lambda adapter: adapter.ships_orders, _SHIPPING, "id"
            )
            await port.ship(key.platform_id, given, reading.deadline)

        return await self._written(given.id, write, viewer, reading)

    async def close(self, id_: str, viewer: Viewer, reading: ReadOptions) -> WriteResult[Order]:
        """Closes an order; the value is the order as the platform has it afterwards, CLOSED."""

        async def write(key: Key) -> None:
            port = self._targets.port(
                key.shop, viewer, lambda adapter: adapter.closes_orders, _CLOSING, "id"
            )
            await port.close(key.platform_id, reading.deadline)

        return await self._written(id_, write, viewer, reading)

    async def _written(
        self,
        id_: str,
        write: Callable[[Key], Awaitable[None]],
        viewer: Viewer,
        reading: ReadOptions,
    ) -> WriteResult[Order]:
        async def work() -> Key:
            key = target_key(id_, "Order", "id")
            await write(key)
            return key

        done = await attempt(work(), find_out=_ASK_ORDER)
        if done.value is None:
            return WriteResult(errors=done.errors)
        afresh, read_at = msgspec.structs.replace(reading, fresh=True), self._now()
        (found,) = await self._orders.get_many([done.value], viewer, afresh)
        if isinstance(found, Order):
            await self._recorder.record(found, read_at)
        return read_back(found)
