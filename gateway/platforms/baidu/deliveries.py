"""Sends what the outbox holds for a smart program, and says beforehand what it would refuse."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.errors import PlatformFailure
from gateway.ledger.mapping.after_sale_status import standing
from gateway.ledger.requirements import InvalidForPlatform, Violation
from gateway.outbox.delivery_results import DELIVERED, outcome_of, refused
from gateway.outbox.message import OrderPayload, OutboxMessage
from gateway.platforms.baidu import endpoints
from gateway.platforms.baidu.mapping import order_to_wire
from gateway.platforms.baidu.mapping.after_sale_to_wire import (
    OrderName,
    after_sales_record,
    statuses_record,
)
from gateway.platforms.baidu.mapping.outcomes import not_applied
from gateway.platforms.baidu.wire import calls
from gateway.ports import BatchKey, Codes, DeliveryResult
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
        self._calls: Mapping[str, Callable[[OutboxMessage], tuple[Endpoint[Any, Any], Any]]] = {
            "ORDER_IMPORT": self._import,
            "ORDER_UPDATE": self._update,
            "AFTER_SALE_IMPORT": self._append,
            "AFTER_SALE_UPDATE": self._replace,
            "AFTER_SALE_STATUS": self._set_after_sales,
        }

    def batch(self, message: OutboxMessage) -> BatchKey:
        """Statuses of one buyer's orders go together; all else goes out one by one."""
        if message.operation in _STATUSES:
            return BatchKey(("statuses", message.open_id), MOST_STATUSES)
        return BatchKey(message.operation, 1)

    async def deliver(self, messages: Sequence[OutboxMessage]) -> Sequence[DeliveryResult]:
        """Sends messages of one batch, each with its own outcome."""
        if not messages[0].open_id:
            return [self._refused("whose order it is was erased")] * len(messages)
        if messages[0].operation in _STATUSES:
            return await self._deliver_statuses(messages)
        return [await self._deliver(message) for message in messages]

    def check(self, message: OutboxMessage) -> Codes:
        """The codes that would be sent; raises InvalidForPlatform."""
        if not message.open_id:
            raise InvalidForPlatform((Violation(("openId",), "Baidu needs it"),))
        payload = message.order()
        order, key = payload.order, self._program.app_key
        if message.operation in _STATUSES:
            return Codes(str(order_to_wire.order_status(order, key).status))
        if message.operation == "ORDER_UPDATE":
            return Codes(str(order_to_wire.changed_order(order, key).status))
        new = order_to_wire.new_order(order, payload.after_sales, key)
        subs = new.ext.subs_order.items if new.ext.subs_order else ()
        return Codes(str(new.status), tuple(str(item.sub_status) for item in subs))

    async def _deliver(self, message: OutboxMessage) -> DeliveryResult:
        row: Endpoint[Any, Any] = endpoints.ADD_ORDER
        try:
            row, request = self._calls[message.operation](message)
            await self._client.call(row, request)
        except InvalidForPlatform as unfit:
            return self._refused(str(unfit))
        except PlatformFailure as failure:
            return outcome_of(failure, row)
        return DELIVERED

    async def _deliver_statuses(
        self, messages: Sequence[OutboxMessage]
    ) -> Sequence[DeliveryResult]:
        row = endpoints.UPDATE_ORDER_STATUS
        orders = [message.order().order for message in messages]
        try:
            records = tuple(
                order_to_wire.order_status(order, self._program.app_key) for order in orders
            )
            request = calls.UpdateOrderStatus(open_id=messages[0].open_id, data=records)
            answer = await self._client.call(row, request)
        except InvalidForPlatform as unfit:
            return [self._refused(str(unfit))] * len(messages)
        except PlatformFailure as failure:
            return [outcome_of(failure, row)] * len(messages)
        failed = not_applied(answer.value)
        nothing = self._refused("nothing was changed (rows_affected 0)", row.name)
        return [nothing if order.platform_id in failed else DELIVERED for order in orders]

    def _import(self, message: OutboxMessage) -> tuple[Endpoint[Any, Any], Any]:
        payload, program = message.order(), self._program
        order = payload.order
        request = calls.AddOrder(
            open_id=message.open_id,
            scene_id=order.payment.reference if order.payment else None,
            scene_type=program.scene_type,
            pm_app_key=program.pm_app_key,
            data=(order_to_wire.new_order(order, payload.after_sales, program.app_key),),
        )
        return endpoints.ADD_ORDER, request

    def _update(self, message: OutboxMessage) -> tuple[Endpoint[Any, Any], Any]:
        record = order_to_wire.changed_order(message.order().order, self._program.app_key)
        request = calls.UpdateOrder(open_id=message.open_id, data=(record,))
        return endpoints.UPDATE_ORDER, request

    def _append(self, message: OutboxMessage) -> tuple[Endpoint[Any, Any], Any]:
        if message.lost:
            # Appended twice it might stand there twice: the whole order anew sets it right.
            return self._import(message)
        payload = message.order()
        named = [one for one in payload.after_sales if one.platform_id in payload.named]
        record = after_sales_record(self._name(payload), named, payload.order.after_sale_status)
        request = calls.AppendAfterSales(open_id=message.open_id, data=(record,))
        return endpoints.APPEND_AFTER_SALES, request

    def _replace(self, message: OutboxMessage) -> tuple[Endpoint[Any, Any], Any]:
        payload = message.order()
        record = after_sales_record(
            self._name(payload), payload.after_sales, payload.order.after_sale_status
        )
        request = calls.UpdateAfterSales(open_id=message.open_id, data=(record,))
        return endpoints.UPDATE_AFTER_SALES, request

    def _set_after_sales(self, message: OutboxMessage) -> tuple[Endpoint[Any, Any], Any]:
        payload = message.order()
        named = [one for one in payload.after_sales if one.platform_id in payload.named]
        together = payload.order.after_sale_status or standing(payload.after_sales)
        record = statuses_record(self._name(payload), named, together)
        request = calls.UpdateAfterSaleStatus(open_id=message.open_id, data=(record,))
        return self._program.after_sale_status, request

    def _name(self, payload: OrderPayload) -> OrderName:
        order = payload.order
        return OrderName(
            platform_id=order.platform_id, kind=order.kind, app_key=self._program.app_key
        )

    def _refused(self, words: str, endpoint: str = "outbox") -> DeliveryResult:
        return refused(self._client.shop, words, endpoint)
