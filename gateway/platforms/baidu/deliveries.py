"""Delivers the pushes of a smart program, and writes their wire form."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypedDict

from gateway.errors import PlatformFailure
from gateway.ledger.mapping.after_sale import common_status
from gateway.ledger.requirements import InvalidForPlatform, Violation
from gateway.outbox.delivery import DELIVERED, refused, result_of, with_call
from gateway.outbox.message import OrderPayload, OutboxMessage
from gateway.platforms.baidu import endpoints
from gateway.platforms.baidu.mapping import order_to_wire
from gateway.platforms.baidu.mapping.after_sale_to_wire import (
    OrderName,
    after_sales_record,
    statuses_record,
)
from gateway.platforms.baidu.mapping.carriers import CARRIERS
from gateway.platforms.baidu.mapping.outcomes import not_applied
from gateway.platforms.baidu.mapping.unsent import unsent_of_after_sales, unsent_of_order
from gateway.platforms.baidu.wire import calls
from gateway.ports import BatchKey, DeliveryResult, UnsentField, WireForm
from gateway.store.documents import AfterSaleDocument, OrderDocument
from gateway.upstream.client import PlatformClient
from gateway.upstream.endpoint import Endpoint
from schema.shipment import Carrier

#: Statuses per call: the manual's sample has two and gives no limit.
MOST_STATUSES: Final = 20
_STATUSES: Final = frozenset({"ORDER_STATUS", "ORDER_DELETE"})
#: Pushes of a whole order, whose parcels follow it.
_WITH_PARCELS: Final = frozenset({"ORDER_IMPORT", "ORDER_UPDATE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SmartProgram:
    """The values of the shop's configuration section that its calls use."""

    app_key: str
    scene_type: int | None = None
    pm_app_key: str | None = None
    after_sale_status: Endpoint[calls.UpdateAfterSaleStatus, calls.Done] = (
        endpoints.UPDATE_AFTER_SALE_STATUS
    )
    #: Data of the after-sale calls is an object, as an older manual prints it.
    after_sales_as_object: bool = False
    #: How parcels are sent: in the order, or by the logistics call after the order's own.
    parcels: Literal["none", "express", "logistics"] = "none"


class BaiduDeliveries:
    """Implements `Delivers` and `AcceptsOrders`."""

    sends_orders = True
    deletes = False
    takes_after_sales = True
    takes_swan_ids = True
    unchangeable: frozenset[str] = frozenset()
    carriers: Sequence[Carrier] = CARRIERS
    needs_parcels = False

    def __init__(self, client: PlatformClient, program: SmartProgram) -> None:
        self._client = client
        self._program = program

    def batch(self, message: OutboxMessage) -> BatchKey:
        """Groups statuses of one buyer's orders; everything else is sent one by one."""
        if message.operation in _STATUSES:
            return BatchKey(("statuses", message.open_id, message.swan_id), MOST_STATUSES)
        return BatchKey(message.operation, 1)

    async def deliver(self, messages: Sequence[OutboxMessage]) -> Sequence[DeliveryResult]:
        """Sends one batch; each message has its own outcome."""
        if not _has_buyer(messages[0]):
            return [self._refused("whose order it is was erased")] * len(messages)
        if messages[0].operation in _STATUSES:
            return await self._deliver_statuses(messages)
        return [await self._deliver(message) for message in messages]

    def reports_shipping(self, message: OutboxMessage) -> bool:  # noqa: ARG002 - of no order
        """False: the parcels go with the order."""
        return False

    def wire_form(self, message: OutboxMessage) -> WireForm:
        """The record of one push and its codes; raises InvalidForPlatform."""
        if not _has_buyer(message):
            raise InvalidForPlatform((Violation(("openId",), "Baidu needs it"),))
        payload, key = message.order(), self._program.app_key
        record: Any
        unsent: Sequence[UnsentField] = ()
        match message.operation:
            case "ORDER_STATUS" | "ORDER_DELETE":
                record = order_to_wire.order_status(payload.order, key)
            case "ORDER_UPDATE":
                record = order_to_wire.changed_order(
                    payload.order, key, with_parcels=self._program.parcels == "express"
                )
                unsent = self._unsent(message, payload)
            case "AFTER_SALE_IMPORT" if not message.lost:
                record = after_sales_record(
                    self._name(payload), _named(payload), payload.order.after_sale_status
                )
                unsent = unsent_of_after_sales(_named(payload))
            case "AFTER_SALE_UPDATE":
                record = after_sales_record(
                    self._name(payload), payload.after_sales, payload.order.after_sale_status
                )
                unsent = unsent_of_after_sales(_named(payload))
            case "AFTER_SALE_STATUS":
                together = payload.order.after_sale_status or common_status(payload.after_sales)
                record = statuses_record(self._name(payload), _named(payload), together)
            case _:
                # An import. An append whose answer was lost may have been applied: importing the
                # whole order again corrects that.
                record = order_to_wire.new_order(
                    payload.order,
                    payload.after_sales,
                    key,
                    with_parcels=self._program.parcels == "express",
                )
                unsent = [
                    *self._unsent(message, payload),
                    *unsent_of_after_sales(payload.after_sales),
                ]
        return WireForm(record, order_to_wire.codes(payload.order, payload.after_sales), unsent)

    def _unsent(self, message: OutboxMessage, payload: OrderPayload) -> list[UnsentField]:
        return unsent_of_order(
            payload.order,
            message.personal,
            imported=message.operation != "ORDER_UPDATE",
            with_parcels=self._program.parcels != "none",
        )

    async def _deliver(self, message: OutboxMessage) -> DeliveryResult:
        try:
            row, request = self._request(message)
        except InvalidForPlatform as unfit:
            return self._refused(str(unfit))
        try:
            answer = await self._client.call(row, request)
        except PlatformFailure as failure:
            return with_call(result_of(failure, row), request)
        done = with_call(DELIVERED, request, answer.body)
        if self._program.parcels != "logistics" or message.operation not in _WITH_PARCELS:
            return done
        return await self._deliver_parcels(message, done)

    async def _deliver_parcels(
        self, message: OutboxMessage, done: DeliveryResult
    ) -> DeliveryResult:
        """Sends the parcels of an order that was just sent; both may be repeated."""
        row, order = endpoints.ADD_LOGISTICS, message.order().order
        try:
            records = order_to_wire.logistics(order, self._program.app_key)
        except InvalidForPlatform as unfit:
            return self._refused(str(unfit))
        for record in records:
            request = calls.AddLogistics(**_buyer(message), **self._cashier(order), data=(record,))
            try:
                answer = await self._client.call(row, request)
            except PlatformFailure as failure:
                return with_call(result_of(failure, row), request)
            if not_applied(answer.value):
                refused_ = self._refused("the parcel was not taken (rows_affected 0)", row.name)
                return with_call(refused_, request, answer.body)
            done = with_call(DELIVERED, request, answer.body)
        return done

    async def _deliver_statuses(
        self, messages: Sequence[OutboxMessage]
    ) -> Sequence[DeliveryResult]:
        row = endpoints.UPDATE_ORDER_STATUS
        orders = [message.order().order for message in messages]
        try:
            records = tuple(map(self._record, messages))
            request = calls.UpdateOrderStatus(**_buyer(messages[0]), data=records)
        except InvalidForPlatform as unfit:
            return [self._refused(str(unfit))] * len(messages)
        # Statuses of one buyer's orders: each of them may show the whole call.
        try:
            answer = await self._client.call(row, request)
        except PlatformFailure as failure:
            return [with_call(result_of(failure, row), request)] * len(messages)
        failed = not_applied(answer.value)
        nothing = self._refused("nothing was changed (rows_affected 0)", row.name)
        results = [nothing if order.platform_id in failed else DELIVERED for order in orders]
        return [with_call(result, request, answer.body) for result in results]

    def _request(self, message: OutboxMessage) -> tuple[Endpoint[Any, Any], Any]:
        buyer, record = _buyer(message), self._record(message)
        data = (record,)
        of_after_sales = record if self._program.after_sales_as_object else data
        match message.operation:
            case "ORDER_UPDATE":
                return endpoints.UPDATE_ORDER, calls.UpdateOrder(**buyer, data=data)
            case "AFTER_SALE_IMPORT" if not message.lost:
                append = calls.AppendAfterSales(**buyer, data=of_after_sales)
                return endpoints.APPEND_AFTER_SALES, append
            case "AFTER_SALE_UPDATE":
                replace = calls.UpdateAfterSales(**buyer, data=of_after_sales)
                return endpoints.UPDATE_AFTER_SALES, replace
            case "AFTER_SALE_STATUS":
                statuses = calls.UpdateAfterSaleStatus(**buyer, data=of_after_sales)
                return self._program.after_sale_status, statuses
        request = calls.AddOrder(**buyer, **self._cashier(message.order().order), data=data)
        return endpoints.ADD_ORDER, request

    def _cashier(self, order: OrderDocument) -> "_Cashier":
        return _Cashier(
            scene_id=order.payment.reference if order.payment else None,
            scene_type=self._program.scene_type,
            pm_app_key=self._program.pm_app_key,
        )

    def _record(self, message: OutboxMessage) -> Any:
        return (message.wire_form or self.wire_form(message)).record

    def _name(self, payload: OrderPayload) -> OrderName:
        order = payload.order
        return OrderName(
            platform_id=order.platform_id, kind=order.kind, app_key=self._program.app_key
        )

    def _refused(self, words: str, endpoint: str = "outbox") -> DeliveryResult:
        return refused(self._client.shop, words, endpoint)


class _Buyer(TypedDict):
    """The buyer of a call: one of the two ids."""

    open_id: str | None
    swan_id: str | None


class _Cashier(TypedDict):
    """The payment of a call; None is omitted."""

    scene_id: str | None
    scene_type: int | None
    pm_app_key: str | None


def _buyer(message: OutboxMessage) -> _Buyer:
    return _Buyer(open_id=message.open_id or None, swan_id=message.swan_id or None)


def _has_buyer(message: OutboxMessage) -> bool:
    return bool(message.open_id or message.swan_id)


def _named(payload: OrderPayload) -> list[AfterSaleDocument]:
    return [one for one in payload.after_sales if one.platform_id in payload.named]
