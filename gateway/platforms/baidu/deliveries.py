"""Sends what the outbox holds for a smart program, and says beforehand what it would refuse."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.errors import PlatformFailure
from gateway.ledger.mapping.standing import standing
from gateway.ledger.needs import Flaw, UnfitDocument
from gateway.outbox.outcomes import DELIVERED, outcome_of, refused
from gateway.outbox.parcel import OrderPayload, Parcel
from gateway.platforms.baidu import endpoints
from gateway.platforms.baidu.mapping import order_to_wire
from gateway.platforms.baidu.mapping.after_sale_to_wire import (
    OrderName,
    after_sales_record,
    statuses_record,
)
from gateway.platforms.baidu.mapping.outcomes import not_applied
from gateway.platforms.baidu.wire import calls
from gateway.ports import Codes, Lot, Outcome
from gateway.upstream.client import PlatformClient
from gateway.upstream.endpoint import Endpoint

#: How many statuses go out in one call: the manual's sample has two, and tells no bound.
MOST_STATUSES: Final = 20
_STATUSES: Final = frozenset({"ORDER_STATUS", "ORDER_DELETE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What of the shop's own section goes into its calls."""

    app_key: str
    scene_type: int | None = None
    pm_app_key: str | None = None
    after_sale_status: Endpoint[calls.UpdateAfterSaleStatus, calls.Done] = (
        endpoints.UPDATE_AFTER_SALE_STATUS
    )


class BaiduDeliveries:
    """Implements `Delivers` and `TakesOrders`."""

    deletes = False
    takes_after_sales = True
    unchangeable: frozenset[str] = frozenset()

    def __init__(self, client: PlatformClient, program: Program) -> None:
        self._client = client
        self._program = program
        self._calls: Mapping[str, Callable[[Parcel], tuple[Endpoint[Any, Any], Any]]] = {
            "ORDER_IMPORT": self._import,
            "ORDER_UPDATE": self._update,
            "AFTER_SALE_IMPORT": self._append,
            "AFTER_SALE_UPDATE": self._replace,
            "AFTER_SALE_STATUS": self._set_after_sales,
        }

    def lot(self, parcel: Parcel) -> Lot:
        """Statuses of one buyer's orders go together; all else goes out one by one."""
        if parcel.operation in _STATUSES:
            return Lot(("statuses", parcel.open_id), MOST_STATUSES)
        return Lot(parcel.operation, 1)

    async def deliver(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        """Sends parcels of one lot, each with its own outcome."""
        if not parcels[0].open_id:
            return [self._refused("whose order it is was erased")] * len(parcels)
        if parcels[0].operation in _STATUSES:
            return await self._deliver_statuses(parcels)
        return [await self._deliver(parcel) for parcel in parcels]

    def check(self, parcel: Parcel) -> Codes:
        """The codes that would be sent; raises UnfitDocument."""
        if not parcel.open_id:
            raise UnfitDocument((Flaw(("openId",), "Baidu needs it"),))
        payload = parcel.order()
        order, key = payload.order, self._program.app_key
        if parcel.operation in _STATUSES:
            return Codes(str(order_to_wire.order_status(order, key).status))
        if parcel.operation == "ORDER_UPDATE":
            return Codes(str(order_to_wire.changed_order(order, key).status))
        new = order_to_wire.new_order(order, payload.after_sales, key)
        subs = new.ext.subs_order.items if new.ext.subs_order else ()
        return Codes(str(new.status), tuple(str(item.sub_status) for item in subs))

    async def _deliver(self, parcel: Parcel) -> Outcome:
        row: Endpoint[Any, Any] = endpoints.ADD_ORDER
        try:
            row, request = self._calls[parcel.operation](parcel)
            await self._client.call(row, request)
        except UnfitDocument as unfit:
            return self._refused(str(unfit))
        except PlatformFailure as failure:
            return outcome_of(failure, row)
        return DELIVERED

    async def _deliver_statuses(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        row = endpoints.UPDATE_ORDER_STATUS
        orders = [parcel.order().order for parcel in parcels]
        try:
            records = tuple(
                order_to_wire.order_status(order, self._program.app_key) for order in orders
            )
            request = calls.UpdateOrderStatus(open_id=parcels[0].open_id, data=records)
            answer = await self._client.call(row, request)
        except UnfitDocument as unfit:
            return [self._refused(str(unfit))] * len(parcels)
        except PlatformFailure as failure:
            return [outcome_of(failure, row)] * len(parcels)
        failed = not_applied(answer.value)
        nothing = self._refused("nothing was changed (rows_affected 0)", row.name)
        return [nothing if order.platform_id in failed else DELIVERED for order in orders]

    def _import(self, parcel: Parcel) -> tuple[Endpoint[Any, Any], Any]:
        payload, program = parcel.order(), self._program
        order = payload.order
        request = calls.AddOrder(
            open_id=parcel.open_id,
            scene_id=order.payment.reference if order.payment else None,
            scene_type=program.scene_type,
            pm_app_key=program.pm_app_key,
            data=(order_to_wire.new_order(order, payload.after_sales, program.app_key),),
        )
        return endpoints.ADD_ORDER, request

    def _update(self, parcel: Parcel) -> tuple[Endpoint[Any, Any], Any]:
        record = order_to_wire.changed_order(parcel.order().order, self._program.app_key)
        request = calls.UpdateOrder(open_id=parcel.open_id, data=(record,))
        return endpoints.UPDATE_ORDER, request

    def _append(self, parcel: Parcel) -> tuple[Endpoint[Any, Any], Any]:
        if parcel.lost:
            # Appended twice it might stand there twice: the whole order anew sets it right.
            return self._import(parcel)
        payload = parcel.order()
        named = [one for one in payload.after_sales if one.platform_id in payload.named]
        record = after_sales_record(self._name(payload), named, payload.order.after_sale_status)
        request = calls.AppendAfterSales(open_id=parcel.open_id, data=(record,))
        return endpoints.APPEND_AFTER_SALES, request

    def _replace(self, parcel: Parcel) -> tuple[Endpoint[Any, Any], Any]:
        payload = parcel.order()
        record = after_sales_record(
            self._name(payload), payload.after_sales, payload.order.after_sale_status
        )
        request = calls.UpdateAfterSales(open_id=parcel.open_id, data=(record,))
        return endpoints.UPDATE_AFTER_SALES, request

    def _set_after_sales(self, parcel: Parcel) -> tuple[Endpoint[Any, Any], Any]:
        payload = parcel.order()
        named = [one for one in payload.after_sales if one.platform_id in payload.named]
        together = payload.order.after_sale_status or standing(payload.after_sales)
        record = statuses_record(self._name(payload), named, together)
        request = calls.UpdateAfterSaleStatus(open_id=parcel.open_id, data=(record,))
        return self._program.after_sale_status, request

    def _name(self, payload: OrderPayload) -> OrderName:
        order = payload.order
        return OrderName(
            platform_id=order.platform_id, kind=order.kind, app_key=self._program.app_key
        )

    def _refused(self, words: str, endpoint: str = "outbox") -> Outcome:
        return refused(self._client.shop, words, endpoint)
