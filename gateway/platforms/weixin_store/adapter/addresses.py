"""Reads the store's own addresses, to which goods are returned."""

from collections.abc import Sequence
from typing import Final

from gateway.platform_kit.calls import ask, find, together
from gateway.platforms.weixin_store.endpoints import GET_ADDRESS, LIST_ADDRESSES
from gateway.platforms.weixin_store.mapping.after_sale import return_address_from_wire
from gateway.platforms.weixin_store.wire.address import AddressesRequest, AddressRequest
from gateway.ports import ReadOptions
from gateway.upstream.client import PlatformClient
from schema.after_sale import ReturnAddress

#: Ids of one call; the page gives no bound (C).
_PAGE: Final = 50
#: Addresses that are looked at, at most.
_MOST: Final = 500


class Addresses:
    """The addresses of a store; each is a call, as the platform lists ids only."""

    def __init__(self, client: PlatformClient) -> None:
        self._client = client

    async def of_returns(self, reading: ReadOptions) -> list[ReturnAddress]:
        """Those to which goods may be returned, in the platform's order."""
        found = await together(self._one(id_, reading) for id_ in await self._ids(reading))
        return [address for address in found if address is not None]

    async def _one(self, id_: str, reading: ReadOptions) -> ReturnAddress | None:
        answer = await find(self._client, GET_ADDRESS, AddressRequest(address_id=id_), reading)
        return None if answer is None else return_address_from_wire(answer.value.address_detail)

    async def _ids(self, reading: ReadOptions) -> Sequence[str]:
        ids: dict[str, None] = {}
        while len(ids) < _MOST:
            request = AddressesRequest(offset=len(ids), limit=_PAGE)
            answer = await ask(self._client, LIST_ADDRESSES, request, reading)
            page = [str(id_) for id_ in answer.value.address_id_list]
            before = len(ids)
            ids |= dict.fromkeys(page)
            if len(page) < _PAGE or len(ids) == before:
                break
        return list(ids)
