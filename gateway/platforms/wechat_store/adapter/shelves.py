"""Reads and changes shelves."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import msgspec
from strawberry import UNSET

from gateway.errors import PlatformRejected
from gateway.platform_kit.calls import ask, find
from gateway.platform_kit.object_locks import ObjectLocks
from gateway.platform_kit.provenance import provenance
from gateway.platform_kit.writes import must_be_there, read_back, send_write
from gateway.platforms.wechat_store.adapter.raw import RawList
from gateway.platforms.wechat_store.endpoints import (
    ADD_SHELF,
    DELETE_SHELF,
    GET_SHELF,
    GET_SHELVES,
    REPLACE_SHELF,
)
from gateway.platforms.wechat_store.mapping.shelf import shelf_data_to_wire, shelf_from_wire
from gateway.platforms.wechat_store.rules.names import CANNOT_BE_WRITTEN_BACK, NOT_WHOLE
from gateway.platforms.wechat_store.rules.shelf import (
    ShelfDraft,
    changed_shelf,
    check_change,
    new_shelf,
)
from gateway.platforms.wechat_store.wire.shelf import (
    AddRequest,
    ModRequest,
    ShelfRequest,
    ShelvesResponse,
)
from gateway.platforms.wechat_store.wire.shelf import Shelf as WireShelf
from gateway.ports import CompleteList, ReadOptions
from gateway.ports.writing.problems import Absent, Problems
from gateway.upstream.answer import PlatformAnswer
from gateway.upstream.client import PlatformClient
from gateway.upstream.document import document
from gateway.wechat.scalars import number
from gateway.wechat.wire import Nothing
from schema.inputs.shelf import ShelfCreateInput, ShelfUpdateInput
from schema.key import Key
from schema.platform import Platform
from schema.shelf import Shelf
from schema.shop import Shop


class Shelves:
    """Implements ReadsShelves."""

    def __init__(self, client: PlatformClient, shop: Shop) -> None:
        self._client = client
        self._shop = shop

    async def all(self, reading: ReadOptions) -> CompleteList[Shelf]:
        """All shelves, sorted by platform id (as numbers)."""
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


_KIND: Final = "shelf"
_NO_BANNER: Final = ""


class ShelfWrites:
    """Implements WritesShelves."""

    def __init__(self, client: PlatformClient, shop: Shop, locks: ObjectLocks) -> None:
        self._client = client
        self._shop = shop
        self._locks = locks

    async def create(self, given: ShelfCreateInput, deadline: float | None) -> Shelf:
        """Creates a shelf (manual 5.1)."""
        draft = new_shelf(given)
        request = AddRequest(
            shelf_data=shelf_data_to_wire(draft.modules),
            shelf_banner=draft.banner or _NO_BANNER,
            shelf_name=draft.name,
        )
        made = await send_write(self._client, ADD_SHELF, request, deadline)
        return await self._as_it_is(str(made.shelf_id), draft, deadline)

    async def update(self, shelf: str, change: ShelfUpdateInput, deadline: float | None) -> Shelf:
        """Changes a shelf (manual 5.3); read first, since the platform accepts only whole ones."""
        check_change(change, self._shop.key_name)
        async with self._locks.of(_KIND, shelf):
            reading = ReadOptions(fresh=True, strict=True, deadline=deadline)
            answer = await self._read(shelf, reading)
            if answer is None:
                raise Absent(_KIND)
            _check_whole(answer.marked, change)
            draft = changed_shelf(answer.derive_with_body(self._shelf), change)
            request = ModRequest(
                shelf_id=_number(shelf),
                shelf_data=shelf_data_to_wire(draft.modules),
                shelf_banner=draft.banner or _NO_BANNER,
                shelf_name=draft.name,
            )
            await send_write(self._client, REPLACE_SHELF, request, deadline)
            return await self._as_it_is(shelf, draft, deadline)

    async def delete(self, shelf: str, deadline: float | None) -> None:
        """Deletes a shelf (manual 5.2)."""
        request = ShelfRequest(shelf_id=_number(shelf))
        try:
            await send_write(self._client, DELETE_SHELF, request, deadline)
        except PlatformRejected as refusal:
            await must_be_there(self._client, refusal, GET_SHELF, request, _KIND)
            raise

    async def _read(self, shelf: str, reading: ReadOptions) -> PlatformAnswer[WireShelf] | None:
        request = ShelfRequest(shelf_id=_number(shelf))
        return await find(self._client, GET_SHELF, request, reading)

    async def _as_it_is(self, shelf: str, draft: ShelfDraft, deadline: float | None) -> Shelf:
        """The shelf read back from the platform; as sent if it cannot be read."""
        request = ShelfRequest(shelf_id=_number(shelf))
        answer = await read_back(self._client, GET_SHELF, request, deadline)
        if answer is not None:
            return answer.derive_with_body(self._shelf)
        return Shelf(
            key=Key("Shelf", self._shop.key_name, shelf),
            shop=self._shop,
            platform=Platform.WECHAT_STORE,
            platform_id=shelf,
            name=draft.name,
            banner=draft.banner,
            modules=list(draft.modules),
        )

    def _shelf(self, value: WireShelf, body: bytes) -> Shelf:
        return shelf_from_wire(value, self._shop, partial(document, body))


def _check_whole(marked: WireShelf | None, change: ShelfUpdateInput) -> None:
    """Refuses to write back parts that the platform sent with broken characters.

    `marked` is the shelf with U+FFFD for such characters; None: there are none.

    Raises:
        InputRefused: the change does not replace such a part.
    """
    if marked is None:
        return
    problems = Problems()
    for given, stands, field in (
        (change.name, marked.shelf_name, "name"),
        (change.banner, marked.shelf_banner, "banner"),
        (change.modules, marked.shelf_info, "modules"),
    ):
        if given is UNSET and NOT_WHOLE in msgspec.json.encode(stands):
            problems.add(CANNOT_BE_WRITTEN_BACK, field)
    problems.stop()


def _number(shelf: str) -> int:
    shelf_id = number(shelf)
    if shelf_id is None:
        raise Absent(_KIND)
    return shelf_id
