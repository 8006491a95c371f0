"""Changes groups of products."""

from collections.abc import Sequence
from typing import Final

from gateway.errors import PlatformRejected
from gateway.platforms.wechat_store.adapter.telling import must_be_there, tell
from gateway.platforms.wechat_store.endpoints import (
    ADD_GROUP,
    CHANGE_GROUP_PRODUCTS,
    DELETE_GROUP,
    GET_GROUP,
    RENAME_GROUP,
)
from gateway.platforms.wechat_store.mapping.scalars import number
from gateway.platforms.wechat_store.rules.names import check_name
from gateway.platforms.wechat_store.wire.base import Done
from gateway.platforms.wechat_store.wire.group import (
    AddRequest,
    ChangeProductsRequest,
    GroupRequest,
    NewGroup,
    ProductChange,
    RenameRequest,
)
from gateway.ports.writing.problems import Absent, Problems
from gateway.upstream.client import PlatformClient
from gateway.upstream.endpoint import Endpoint, Req

_KIND: Final = "group"
#: Manual 4.4.
_TAKE_OUT, _PUT_IN = 0, 1


class GroupWrites:
    """Fills the port WritesGroups."""

    def __init__(self, client: PlatformClient) -> None:
        self._client = client

    async def create(self, name: str, products: Sequence[str], deadline: float | None) -> str:
        """The platform id of a new group (manual 4.1)."""
        _check(name)
        detail = NewGroup(group_name=name, product_list=list(dict.fromkeys(products)))
        made = await tell(self._client, ADD_GROUP, AddRequest(group_detail=detail), deadline)
        return str(made.group_id)

    async def rename(self, group: str, name: str, deadline: float | None) -> None:
        """Calls a group otherwise (manual 4.3)."""
        _check(name)
        request = RenameRequest(group_id=_number(group), group_name=name)
        await self._tell(RENAME_GROUP, request, group, deadline)

    async def change_products(
        self, group: str, add: Sequence[str], remove: Sequence[str], deadline: float | None
    ) -> None:
        """Puts products into a group and takes others out, in one call (manual 4.4)."""
        changes = [
            ProductChange(product_id=product, mod_action=action)
            for products, action in ((add, _PUT_IN), (remove, _TAKE_OUT))
            for product in dict.fromkeys(products)
        ]
        request = ChangeProductsRequest(group_id=_number(group), product=changes)
        if changes:
            await self._tell(CHANGE_GROUP_PRODUCTS, request, group, deadline)

    async def delete(self, group: str, deadline: float | None) -> None:
        """Removes a group (manual 4.2)."""
        request = GroupRequest(group_id=_number(group))
        await self._tell(DELETE_GROUP, request, group, deadline)

    async def _tell(
        self, endpoint: Endpoint[Req, Done], request: Req, group: str, deadline: float | None
    ) -> None:
        try:
            await tell(self._client, endpoint, request, deadline)
        except PlatformRejected as refusal:
            look_up = GroupRequest(group_id=_number(group))
            await must_be_there(self._client, refusal, GET_GROUP, look_up, _KIND)
            raise


def _number(group: str) -> int:
    group_id = number(group)
    if group_id is None:
        raise Absent(_KIND)
    return group_id


def _check(name: str) -> None:
    problems = Problems()
    check_name(name, problems, "name")
    problems.stop()
