"""Ships and closes orders."""

from typing import Final

from gateway.errors import StoreUnavailable
from gateway.ledger.order_times import KnownOrderTimes
from gateway.platform_kit.writes import send_write
from gateway.platforms.wechat_store.adapter.closed_orders import ClosedOrders
from gateway.platforms.wechat_store.endpoints import CLOSE_ORDER, SET_DELIVERY
from gateway.platforms.wechat_store.mapping.order import parcel_to_wire
from gateway.platforms.wechat_store.rules.shipment import (
    check_closable,
    check_shippable,
    parcel_from_input,
)
from gateway.platforms.wechat_store.wire.order import OrderRequest
from gateway.ports import ReadOptions, ReadsOrders
from gateway.ports.writing.problems import Absent
from gateway.upstream.client import PlatformClient
from schema.inputs.order import OrderShipInput
from schema.order import Order

_KIND: Final = "order"


class OrderWrites:
    """Implements ShipsOrders and ClosesOrders."""

    def __init__(
        self,
        client: PlatformClient,
        orders: ReadsOrders,
        closed: ClosedOrders,
        times: KnownOrderTimes,
    ) -> None:
        self._client = client
        self._orders = orders
        self._closed = closed
        self._times = times

    async def ship(self, order: str, given: OrderShipInput, deadline: float | None) -> None:
        """Marks an order as shipped, or corrects its parcel (manual 6.4), by its status of now."""
        parcel = parcel_from_input(given)
        check_shippable(await self._as_it_is(order, deadline), correct=bool(given.correct))
        await send_write(self._client, SET_DELIVERY, parcel_to_wire(order, parcel), deadline)
        if parcel is not None:
            await self._times.note_shipped(order)

    async def close(self, order: str, deadline: float | None) -> None:
        """Closes an order (manual 6.5) and records it as closed."""
        check_closable(await self._as_it_is(order, deadline))
        await send_write(self._client, CLOSE_ORDER, OrderRequest(order_id=order), deadline)
        try:
            await self._closed.add(order)
        except StoreUnavailable as failure:
            raise StoreUnavailable(
                "The platform has closed the order, but that could not be remembered, so it is"
                f" not shown as CLOSED: {failure.message}"
            ) from failure

    async def _as_it_is(self, order: str, deadline: float | None) -> Order:
        reading = ReadOptions(fresh=True, strict=True, deadline=deadline)
        found = await self._orders.get_many([order], reading)
        if order not in found:
            raise Absent(_KIND)
        return found[order]
