"""Delivers the pushes of a shopping list's orders, and writes their wire form."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, Final, Literal

import msgspec
from msgspec import structs

from gateway.errors import AnswerLost, PlatformFailure, PlatformRejected, PlatformUnavailable
from gateway.ledger.mapping.order import line_total
from gateway.ledger.mapping.totals import check_total
from gateway.ledger.payments import is_of_payment
from gateway.ledger.requirements import InvalidForPlatform, Requirements
from gateway.outbox.delivery import (
    DELIVERED,
    each_by_itself,
    is_lost,
    refused,
    result_of,
    with_call,
)
from gateway.outbox.message import OutboxMessage, written
from gateway.platforms.mini_program import endpoints
from gateway.platforms.mini_program.mapping.batches import MOST_ORDERS
from gateway.platforms.mini_program.mapping.carriers import CARRIERS
from gateway.platforms.mini_program.mapping.order_to_wire import Brand, changed_order, new_order
from gateway.platforms.mini_program.mapping.outcomes import (
    NOT_FOUND,
    Refused,
    leaves_open,
    refusals,
)
from gateway.platforms.mini_program.mapping.shipping_to_wire import (
    is_identified,
    shipping_report,
)
from gateway.platforms.mini_program.mapping.status import can_update
from gateway.platforms.mini_program.mapping.unsent import unsent_of_import, unsent_of_update
from gateway.platforms.mini_program.wire import order as wire
from gateway.ports import BatchKey, Codes, DeliveryResult, DeliveryStatus, WireForm
from gateway.store.documents import OrderDocument, OrderPersonal
from gateway.store.orders import Orders
from gateway.upstream.answer import PlatformAnswer
from gateway.upstream.client import PlatformClient
from schema.shipment import Carrier

#: The PushOperations handled here.
ORDERS: Final = ("ORDER_IMPORT", "ORDER_UPDATE", "ORDER_STATUS", "ORDER_DELETE")
_CHANGES: Final = frozenset({"ORDER_UPDATE", "ORDER_STATUS"})
_UNCHANGEABLE: Final = frozenset(
    {"title", "kind", "remark", "createdAt", "items", "total"}
    | {"discounts", "charges", "reviewPage"}
)


class OrderDeliveries:
    """Implements `Delivers` and `AcceptsOrders`."""

    deletes = True
    takes_after_sales = False
    takes_swan_ids = False
    carriers: Sequence[Carrier] = CARRIERS

    def __init__(
        self,
        client: PlatformClient,
        brand: Brand,
        *,
        test_data: bool,
        overwrite_from: Orders | None = None,
        sends_orders: bool = True,
    ) -> None:
        """After a lost import, look for the order, or replace it if `overwrite_from` is set.

        `overwrite_from` holds the current orders. Without `sends_orders` the shopping list is
        closed for the app: its rules bind no order then.
        """
        self.sends_orders = self.needs_parcels = sends_orders
        self.unchangeable: frozenset[str] = _UNCHANGEABLE if sends_orders else frozenset()
        self._client = client
        self._overwrite_from = overwrite_from
        self._brand = brand
        self._is_test: Literal[1] | None = 1 if test_data else None

    def batch(self, message: OutboxMessage) -> BatchKey:
        """Ten orders per call, except those that take several calls."""
        if message.operation in _CHANGES:
            return BatchKey("update", MOST_ORDERS)
        if message.operation != "ORDER_IMPORT" or message.lost or message.order().replaces:
            return BatchKey(message.operation, 1)
        return BatchKey(("import", message.order().order.history), MOST_ORDERS)

    async def deliver(self, messages: Sequence[OutboxMessage]) -> Sequence[DeliveryResult]:
        """Sends one batch; each message has its own outcome."""
        first = messages[0]
        try:
            if first.operation in _CHANGES:
                return await self._update(messages)
            if first.operation == "ORDER_DELETE":
                return [await self._delete(message) for message in messages]
            return await self._bring_in(messages)
        except InvalidForPlatform as unfit:
            # Nothing was sent yet; one whose buyer was erased must not fail the others.
            if len(messages) > 1:
                return await self._apart(self._alone, messages)
            return [self._refused(str(unfit))]

    def wire_form(self, message: OutboxMessage) -> WireForm:
        """The order in import or update form, and its code; raises InvalidForPlatform.

        Of SHIPPING_UPLOAD the report, with the names of carriers in place of their codes.
        """
        document = message.order().order
        if message.operation == "SHIPPING_UPLOAD":
            personal = message.personal or OrderPersonal()
            return WireForm(shipping_report(document, personal, self._brand))
        if not self.sends_orders or is_of_payment(document):
            return _kept_form(document)
        if message.operation in _CHANGES:
            return self._changed(message)
        return self._new(message)

    def reports_shipping(self, message: OutboxMessage) -> bool:
        """Whether the order's payment can be found by the platform that waits for the report."""
        return is_identified(message.order().order.payment)

    def _new(self, message: OutboxMessage) -> WireForm:
        personal = message.personal or OrderPersonal()
        document = message.order().order
        record = new_order(document, personal, self._brand)
        return WireForm(record, Codes(str(record.status)), unsent_of_import(document, personal))

    @staticmethod
    def _changed(message: OutboxMessage) -> WireForm:
        document, personal = message.order().order, message.personal or OrderPersonal()
        record = changed_order(document, personal)
        return WireForm(record, Codes(str(record.status)), unsent_of_update(document, personal))

    async def _bring_in(self, messages: Sequence[OutboxMessage]) -> Sequence[DeliveryResult]:
        first = messages[0]
        # Also after a lost answer: an update would change the order that was there before.
        if first.order().replaces or (first.lost and self._overwrite_from is not None):
            return [await self._replace(message) for message in messages]
        if first.lost:
            return [await self._find_out(message) for message in messages]
        return await self._import(messages)

    async def _import(self, messages: Sequence[OutboxMessage]) -> Sequence[DeliveryResult]:
        orders = [message.order().order for message in messages]
        request = wire.ImportOrders(
            is_history=1 if orders[0].history else 0,
            is_test=self._is_test,
            order_list=tuple(
                (message.wire_form or self._new(message)).record for message in messages
            ),
        )
        try:
            answer = await self._client.call(endpoints.ADD_ORDER, request)
        except PlatformRejected as refusal:
            if len(messages) > 1:
                return await self._apart(self._alone, messages)
            return [with_call(result_of(refusal, endpoints.ADD_ORDER), request)]
        except PlatformFailure as failure:
            failed = [self._failed_import(failure, message) for message in messages]
            return _with_calls(failed, request)
        ids, done = [order.platform_id for order in orders], answer.value
        told = _with_calls(self._each(ids, done, endpoints.ADD_ORDER.name), request, answer)
        return (
            await self._settled(self._replace, messages, told) if leaves_open(ids, done) else told
        )

    async def _update(self, messages: Sequence[OutboxMessage]) -> Sequence[DeliveryResult]:
        row = endpoints.UPDATE_ORDER
        request = wire.UpdateOrders(
            order_list=tuple(
                (_form_of_update(message) or self._changed(message)).record for message in messages
            )
        )
        try:
            answer = await self._client.call(row, request)
        except PlatformFailure as failure:
            if isinstance(failure, PlatformRejected) and len(messages) > 1:
                return await self._apart(self._alone, messages)
            return _with_calls([result_of(failure, row)] * len(messages), request)
        ids, done = [order.order_id for order in request.order_list], answer.value
        told = _with_calls(self._each(ids, done, row.name), request, answer)
        return await self._settled(self._alone, messages, told) if leaves_open(ids, done) else told

    async def _alone(self, message: OutboxMessage) -> DeliveryResult:
        return (await self.deliver([message]))[0]

    async def _apart(
        self,
        send: Callable[[OutboxMessage], Awaitable[DeliveryResult]],
        messages: Sequence[OutboxMessage],
    ) -> Sequence[DeliveryResult]:
        return await each_by_itself(send, messages, self._client.shop)

    async def _settled(
        self,
        send: Callable[[OutboxMessage], Awaitable[DeliveryResult]],
        messages: Sequence[OutboxMessage],
        told: Sequence[DeliveryResult],
    ) -> Sequence[DeliveryResult]:
        """The outcomes, after sending those that the answer leaves open one by one."""
        pairs = zip(messages, told, strict=True)
        again = await self._apart(send, [one for one, outcome in pairs if not outcome.failure])
        rest = iter(again)
        return [outcome if outcome.failure else next(rest) for outcome in told]

    async def _delete(self, message: OutboxMessage) -> DeliveryResult:
        row = endpoints.DELETE_ORDER
        if not message.open_id:
            return self._refused("whose order it is was erased")
        request = wire.DeleteOrder(
            user_open_id=message.open_id, order_id=message.order().order.platform_id
        )
        try:
            answer = await self._client.call(row, request)
        except PlatformFailure as failure:
            return with_call(result_of(failure, row), request)
        return with_call(DELIVERED, request, answer.body)

    async def _replace(self, message: OutboxMessage) -> DeliveryResult:
        """Deletes and imports, since importing an existing id is undocumented.

        The order is imported even if there was nothing to delete. Both calls are repeated after
        a lost answer, or if the process was killed between them, so the order ends up there
        exactly once. An order whose outcome an earlier call left open may already exist.
        """
        deleted = await self._delete(message)
        if deleted.result_status not in {DeliveryStatus.DELIVERED, DeliveryStatus.REJECTED}:
            return replace(deleted, lost=not message.order().replaces)
        return (await self._import([await self._as_it_is_now(message)]))[0]

    async def _as_it_is_now(self, message: OutboxMessage) -> OutboxMessage:
        """A lost import with the ledger's current order; later pushes of it follow.

        Unchanged if an import cannot express the current state, such as a closed order: a later
        push sends that.
        """
        if self._overwrite_from is None or not message.lost or not message.open_id:
            return message
        carried = message.order()
        found = await self._overwrite_from.get(self._client.shop, carried.order.platform_id)
        if found is None or not isinstance(found.found, OrderPersonal):
            return message
        now = replace(
            message,
            payload=written(structs.replace(carried, order=found.document)),
            personal=found.found,
            wire_form=None,
        )
        try:
            return replace(now, wire_form=self._new(now))
        except InvalidForPlatform:
            return message

    async def _find_out(self, message: OutboxMessage) -> DeliveryResult:
        """After a lost import, an update shows whether it arrived; if not, it is sent again.

        An order that is only paid has no update status, so its outcome stays unknown.
        """
        status = message.order().order.status
        if not can_update(status):
            return self._unknown(status)
        (found,) = await self._update([message])
        missing = isinstance(found.failure, PlatformRejected) and (
            found.failure.platform_code == NOT_FOUND
        )
        if missing:
            return (await self._import([message]))[0]
        return found

    def _failed_import(self, failure: PlatformFailure, message: OutboxMessage) -> DeliveryResult:
        payload = message.order()
        replaced_next = payload.replaces or self._overwrite_from is not None
        if is_lost(failure) and not replaced_next and not can_update(payload.order.status):
            return DeliveryResult(result_status=DeliveryStatus.UNKNOWN, failure=failure, lost=True)
        return result_of(failure, endpoints.ADD_ORDER)

    def _each(self, ids: Sequence[str], answer: wire.OrdersDone, row: str) -> list[DeliveryResult]:
        told = refusals(ids, answer)
        return [
            DELIVERED if name not in told else self._one_refused(told[name], row) for name in ids
        ]

    def _one_refused(self, words: Refused, row: str) -> DeliveryResult:
        told = self._client.words(words.message)
        if not words.passing:
            return self._refused(told, row, words.code)
        failure = PlatformUnavailable(
            told, endpoint=row, shop=self._client.shop, platform_code=words.code
        )
        return DeliveryResult(result_status=DeliveryStatus.AGAIN, failure=failure)

    def _unknown(self, status: str) -> DeliveryResult:
        failure = AnswerLost(
            f"the answer to the import was lost, and an order that is {status} cannot be asked for",
            endpoint=endpoints.ADD_ORDER.name,
            shop=self._client.shop,
        )
        return DeliveryResult(result_status=DeliveryStatus.UNKNOWN, failure=failure, lost=True)

    def _refused(
        self, words: str, endpoint: str = "outbox", code: str | None = None
    ) -> DeliveryResult:
        return refused(self._client.shop, words, endpoint, code)


def _with_calls(
    results: Sequence[DeliveryResult],
    request: wire.ImportOrders | wire.UpdateOrders,
    answer: PlatformAnswer[wire.OrdersDone] | None = None,
) -> list[DeliveryResult]:
    """The results of a call's orders, each with its own part of the call and of the answer."""
    parts = []
    orders: Sequence[wire.NewOrder | wire.ChangedOrder] = request.order_list
    for result, order in zip(results, orders, strict=True):
        response = None if answer is None else _part_of(answer, order.order_id)
        parts.append(with_call(result, structs.replace(request, order_list=(order,)), response))
    return parts


def _part_of(answer: PlatformAnswer[wire.OrdersDone], order_id: str) -> bytes:
    """An answer without what it says of other orders."""
    if not answer.value.failed:
        return answer.body
    whole = msgspec.json.decode(answer.body, type=dict[str, Any])
    own = [one for one in answer.value.failed if one.order_id in {order_id, ""}]
    return msgspec.json.encode(whole | {"fail_order_list": own})


def _kept_form(document: OrderDocument) -> WireForm:
    """The form of an order that is not sent; raises InvalidForPlatform if it contradicts itself."""
    needs = Requirements("the gateway")
    check_total(document, sum(map(line_total, document.items)), needs)
    return needs.settle(WireForm(None))


def _form_of_update(message: OutboxMessage) -> WireForm | None:
    """An import whose answer was lost is sent as an update, which has another form."""
    return message.wire_form if message.operation in _CHANGES else None
