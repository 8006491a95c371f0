"""Delivers pushes of want-to-buy lists, products and the cart page; writes their wire form."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

import msgspec

from gateway.errors import PlatformFailure, PlatformRejected
from gateway.ledger.requirements import InvalidForPlatform
from gateway.outbox.delivery import DELIVERED, refused, result_of, with_call
from gateway.outbox.message import OutboxMessage
from gateway.outbox.shopping_list_messages import cart_path_of, product_of, wanted_key_of, wanted_of
from gateway.platforms.mini_program import endpoints
from gateway.platforms.mini_program.mapping import goods_to_wire
from gateway.platforms.mini_program.mapping.batches import (
    MOST_PRODUCTS,
    MOST_REMOVED,
    MOST_WANTED,
    product_calls,
)
from gateway.platforms.mini_program.mapping.unsent import unsent_of_wanted_item
from gateway.platforms.mini_program.wire import goods as wire
from gateway.ports import BatchKey, DeliveryResult, WireForm
from gateway.upstream.client import PlatformClient
from gateway.upstream.endpoint import Endpoint


class _Call(NamedTuple):
    """How an operation's pushes are sent: how many per call, and to which endpoint."""

    most: int
    row: Endpoint[Any, Any]


_CALLS: Final[Mapping[str, _Call]] = {
    "WANTED_ITEMS_IMPORT": _Call(MOST_WANTED, endpoints.ADD_WANTED),
    "WANTED_ITEMS_REMOVE": _Call(MOST_REMOVED, endpoints.DELETE_WANTED),
    "PRODUCTS_SYNC": _Call(MOST_PRODUCTS, endpoints.IMPORT_PRODUCT),
    "CART_PATH": _Call(1, endpoints.SET_CART_PATH),
}
#: Lines of a page of a list, as the platform has it, and pages that are read at the most.
_LISTED: Final = 20
_MOST_PAGES: Final = 50
#: The PushOperations handled here.
SHOPPING_LIST: Final = tuple(_CALLS)


class ShoppingListDeliveries:
    """Implements `Delivers` and `AcceptsShoppingList`: all pushes but those of orders."""

    def __init__(
        self, client: PlatformClient, *, test_data: bool, list_query: bool = False
    ) -> None:
        """`list_query`: the platform tells what is on a list."""
        self._client = client
        self._list_query = list_query
        self._is_test: Literal[1] | None = 1 if test_data else None

    def batch(self, message: OutboxMessage) -> BatchKey:
        """Groups lines of one buyer, and products."""
        return BatchKey((message.operation, message.open_id), _CALLS[message.operation].most)

    def wire_form(self, message: OutboxMessage) -> WireForm:
        """One line, key, product or page of a call; raises InvalidForPlatform."""
        match message.operation:
            case "WANTED_ITEMS_IMPORT":
                line = wanted_of(message)
                record = goods_to_wire.wanted_product(line)
                return WireForm(record, unsent=unsent_of_wanted_item(line))
            case "WANTED_ITEMS_REMOVE":
                key = wanted_key_of(message)
                return WireForm(
                    goods_to_wire.wanted_key(key.platform_product_id, key.platform_sku_id)
                )
            case "PRODUCTS_SYNC":
                return WireForm(goods_to_wire.product(product_of(message)))
        return WireForm(wire.SetCartPath(shoppingcart_path=cart_path_of(message)))

    async def listed(self, open_id: str) -> Sequence[tuple[str, str | None]] | None:
        """The products and SKUs on a buyer's list; None if the platform does not tell them."""
        if not self._list_query:
            return None
        found: list[tuple[str, str | None]] = []
        for _ in range(_MOST_PAGES):
            page = wire.QueryWanted(user_open_id=open_id, offset=len(found), count=_LISTED)
            answer = await self._client.call(endpoints.QUERY_WANTED, page)
            goods = answer.value.goods_list or ()
            # A product without SKUs was added with its own id in place of one.
            found += [
                (one.item_code, one.sku_id if one.sku_id not in {"", one.item_code} else None)
                for one in goods
            ]
            if len(goods) < _LISTED:
                break
        return found

    async def deliver(self, messages: Sequence[OutboxMessage]) -> Sequence[DeliveryResult]:
        """Sends messages of one batch.

        The platform refuses a call as a whole: each message is then sent separately, so that one
        does not fail the others, which may be another caller's.
        """
        if messages[0].operation.startswith("WANTED") and not messages[0].open_id:
            return [self._refused("whose list it is was erased")] * len(messages)
        outcome = await self._send(messages)
        if len(messages) == 1 or not isinstance(outcome.failure, PlatformRejected):
            return [outcome] * len(messages)
        return await _one_by_one(self._send, messages)

    async def _send(self, messages: Sequence[OutboxMessage]) -> DeliveryResult:
        row = _CALLS[messages[0].operation].row
        try:
            requests = self._requests(messages)
        except InvalidForPlatform as unfit:
            return self._refused(str(unfit))
        result = DELIVERED
        for request in requests:
            # Lines of one buyer, or products of the merchant: each may show the whole call.
            try:
                answer = await self._client.call(row, request)
            except PlatformFailure as failure:
                return with_call(result_of(failure, row), request)
            result = with_call(DELIVERED, request, answer.body)
        return result

    def _requests(self, messages: Sequence[OutboxMessage]) -> Sequence[msgspec.Struct]:
        records: tuple[Any, ...] = tuple(
            (message.wire_form or self.wire_form(message)).record for message in messages
        )
        open_id = messages[0].open_id
        match messages[0].operation:
            case "WANTED_ITEMS_IMPORT":
                return [
                    wire.AddWanted(
                        is_test=self._is_test, user_open_id=open_id, sku_product_list=records
                    )
                ]
            case "WANTED_ITEMS_REMOVE":
                return [wire.DeleteWanted(user_open_id=open_id, sku_product_list=records)]
            case "PRODUCTS_SYNC":
                return [
                    wire.ImportProducts(is_test=self._is_test, product_list=call)
                    for call in product_calls(records)
                ]
        return records

    def _refused(self, words: str) -> DeliveryResult:
        return refused(self._client.shop, words, "outbox")


async def _one_by_one(
    send: Callable[[Sequence[OutboxMessage]], Awaitable[DeliveryResult]],
    messages: Sequence[OutboxMessage],
) -> list[DeliveryResult]:
    return [await send([message]) for message in messages]
