"""Reads shelves."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from gateway.platform_kit.calls import ask, find
from gateway.platform_kit.provenance import provenance
from gateway.platforms.wechat_store.adapter.raw import RawList
from gateway.platforms.wechat_store.endpoints import GET_SHELF, GET_SHELVES
from gateway.platforms.wechat_store.mapping.scalars import number
from gateway.platforms.wechat_store.mapping.shelf import shelf_from_wire
from gateway.platforms.wechat_store.wire.base import Nothing
from gateway.platforms.wechat_store.wire.shelf import Shelf as WireShelf
from gateway.platforms.wechat_store.wire.shelf import ShelfRequest, ShelvesResponse
from gateway.ports import CompleteList, ReadOptions
from gateway.upstream.client import PlatformClient
from gateway.upstream.document import document
from schema.shelf import Shelf
from schema.shop import Shop


class Shelves:
    """Fills the port ReadsShelves."""

    def __init__(self, client: PlatformClient, shop: Shop) -> None:
        self._client = client
        self._shop = shop

    async def all(self, reading: ReadOptions) -> CompleteList[Shelf]:
        """All shelves, by platform id (as numbers)."""
        answer = await ask(self._client, GET_SHELVES, Nothing(), reading)
        return CompleteList(
            items=answer.derive_with_body(self._shelves), provenance=provenance(answer)
        )

    async def get(self, shelf: str, reading: ReadOptions) -> Shelf | None:
        """One shelf."""
        shelf_id = number(shelf)
        if shelf_id is None:
            return None
        request = ShelfRequest(shelf_id=shelf_id)
        answer = await find(self._client, GET_SHELF, request, reading)
        return None if answer is None else answer.derive_with_body(self._shelf)

    def _shelves(self, value: ShelvesResponse, body: bytes) -> Sequence[Shelf]:
        raw = RawList(body, "shelves")
        shelves = [
            shelf_from_wire(shelf, self._shop, partial(raw.at, place))
            for place, shelf in enumerate(value.shelves or ())
        ]
        return sorted(shelves, key=lambda shelf: number(shelf.platform_id) or 0)

    def _shelf(self, value: WireShelf, body: bytes) -> Shelf:
        source: Callable[[], Any] = partial(document, body)
        return shelf_from_wire(value, self._shop, source)
