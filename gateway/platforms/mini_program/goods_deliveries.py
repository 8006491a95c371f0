"""Sends want-to-buy lists, products and the cart page from the outbox to the shopping list."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

import msgspec

from gateway.errors import PlatformFailure, PlatformRejected
from gateway.ledger.requirements import InvalidForPlatform
from gateway.outbox.delivery_results import DELIVERED, outcome_of, refused
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
from gateway.platforms.mini_program.wire import goods as wire
from gateway.ports import BatchKey, DeliveryResult
from gateway.upstream.client import PlatformClient
from gateway.upstream.endpoint import Endpoint

#: The PushOperations that are sent here.
GOODS: Final = (
    "WANTED_ITEMS_IMPORT",
    "WANTED_ITEMS_REMOVE",
    "PRODUCTS_SYNC",
    "CART_PATH",
)


class _Way(NamedTuple):
    """How an operation goes out: how much in one call, and as which calls."""

    most: int
    row: Endpoint[Any, Any]
    calls: Callable[[Sequence[OutboxMessage]], Sequence[msgspec.Struct]]


class GoodsDeliveries:
    """Implements `Delivers` for what is no order, and `TakesGoods`."""

    def __init__(self, client: PlatformClient, *, test_data: bool) -> None:
        self._client = client
        self._is_test: Literal[1] | None = 1 if test_data else None
        self._ways: Mapping[str, _Way] = {
            "WANTED_ITEMS_IMPORT": _Way(MOST_WANTED, endpoints.ADD_WANTED, self._add),
            "WANTED_ITEMS_REMOVE": _Way(MOST_REMOVED, endpoints.DELETE_WANTED, self._remove),
            "PRODUCTS_SYNC": _Way(MOST_PRODUCTS, endpoints.IMPORT_PRODUCT, self._sync),
            "CART_PATH": _Way(1, endpoints.SET_CART_PATH, self._set_path),
        }

    def batch(self, message: OutboxMessage) -> BatchKey:
        """Lines of one buyer go together, and so do products."""
        return BatchKey((message.operation, message.open_id), self._ways[message.operation].most)

    def check(self, message: OutboxMessage) -> None:
        """Writes what would be sent, and throws it away; raises InvalidForPlatform."""
        self._ways[message.operation].calls([message])

    async def deliver(self, messages: Sequence[OutboxMessage]) -> Sequence[DeliveryResult]:
        """Sends messages of one batch.

        The platform refuses a call as a whole: then each is sent by itself, so that one of them
        does not spoil the others, which may be another caller's.
        """
        if messages[0].operation.startswith("WANTED") and not messages[0].open_id:
            return [self._refused("whose list it is was erased")] * len(messages)
        outcome = await self._send(messages)
        if len(messages) == 1 or not isinstance(outcome.failure, PlatformRejected):
            return [outcome] * len(messages)
        return await _one_by_one(self._send, messages)

    async def _send(self, messages: Sequence[OutboxMessage]) -> DeliveryResult:
        way = self._ways[messages[0].operation]
        try:
            for request in way.calls(messages):
                await self._client.call(way.row, request)
        except InvalidForPlatform as unfit:
            return self._refused(str(unfit))
        except PlatformFailure as failure:
            return outcome_of(failure, way.row)
        return DELIVERED

    def _add(self, messages: Sequence[OutboxMessage]) -> Sequence[wire.AddWanted]:
        lines = tuple(goods_to_wire.wanted_product(wanted_of(message)) for message in messages)
        open_id = messages[0].open_id
        return [wire.AddWanted(is_test=self._is_test, user_open_id=open_id, sku_product_list=lines)]

    def _remove(self, messages: Sequence[OutboxMessage]) -> Sequence[wire.DeleteWanted]:
        keys = [wanted_key_of(message) for message in messages]
        lines = tuple(
            goods_to_wire.wanted_key(key.platform_product_id, key.platform_sku_id) for key in keys
        )
        return [wire.DeleteWanted(user_open_id=messages[0].open_id, sku_product_list=lines)]

    def _sync(self, messages: Sequence[OutboxMessage]) -> Sequence[wire.ImportProducts]:
        products = [goods_to_wire.product(product_of(message)) for message in messages]
        return [
            wire.ImportProducts(is_test=self._is_test, product_list=call)
            for call in product_calls(products)
        ]

    def _set_path(self, messages: Sequence[OutboxMessage]) -> Sequence[wire.SetCartPath]:
        return [wire.SetCartPath(shoppingcart_path=cart_path_of(messages[-1]))]

    def _refused(self, words: str) -> DeliveryResult:
        return refused(self._client.shop, words, "outbox")


async def _one_by_one(
    send: Callable[[Sequence[OutboxMessage]], Awaitable[DeliveryResult]],
    messages: Sequence[OutboxMessage],
) -> list[DeliveryResult]:
    return [await send([message]) for message in messages]
