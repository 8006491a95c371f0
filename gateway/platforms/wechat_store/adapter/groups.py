"""Reads and changes product groups."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from gateway.errors import PlatformRejected
from gateway.platform_kit.calls import ask, each, find
from gateway.platform_kit.provenance import provenance
from gateway.platform_kit.writes import must_be_there, send_write
from gateway.platforms.wechat_store.endpoints import (
    ADD_GROUP,
    CHANGE_GROUP_PRODUCTS,
    DELETE_GROUP,
    GET_GROUP,
    GET_GROUPS,
    RENAME_GROUP,
)
from gateway.platforms.wechat_store.mapping.group import group_from_wire, whole_group_from_wire
from gateway.platforms.wechat_store.rules.names import check_name
from gateway.platforms.wechat_store.wire.group import (
    AddRequest,
    ChangeProductsRequest,
    GroupRequest,
    GroupResponse,
    GroupsResponse,
    NewGroup,
    ProductChange,
    RenameRequest,
)
from gateway.ports import Group, ReadOptions
from gateway.ports.writing.problems import Absent, Problems
from gateway.upstream.client import PlatformClient
from gateway.upstream.endpoint import Endpoint, Req
from gateway.wechat.scalars import number
from gateway.wechat.wire import Done, Nothing


class Groups:
    """Implements ReadsGroups."""

    def __init__(self, client: PlatformClient) -> None:
        self._client = client

    async def all(self, reading: ReadOptions) -> Sequence[Group]:
        """All groups, without their products, in the platform's order."""
        answer = await ask(self._client, GET_GROUPS, Nothing(), reading)
        return answer.derive(_groups)

    async def get_many(self, ids: Sequence[str], reading: ReadOptions) -> Mapping[str, Group]:
        """Groups by id, with their products; one call each."""
        return await each(ids, partial(self._get, reading=reading))

    async def _get(self, group: str, reading: ReadOptions) -> Group | None:
        group_id = number(group)
        if group_id is None:
            return None
        request = GroupRequest(group_id=group_id)
        answer = await find(self._client, GET_GROUP, request, reading)
        if answer is None:
            return None
        return answer.derive(_group)._replace(provenance=provenance(answer))


def _groups(value: GroupsResponse) -> Sequence[Group]:
    return tuple(map(group_from_wire, value.groups_detail or ()))


def _group(value: GroupResponse) -> Group:
    return whole_group_from_wire(value.group_detail)


_KIND: Final = "group"
#: Manual 4.4.
_TAKE_OUT, _PUT_IN = 0, 1


class GroupWrites:
    """Implements WritesGroups."""

    def __init__(self, client: PlatformClient) -> None:
        self._client = client

    async def create(self, name: str, products: Sequence[str], deadline: float | None) -> str:
        """Creates a group (manual 4.1) and returns its platform id."""
        _check(name)
        detail = NewGroup(group_name=name, product_list=list(dict.fromkeys(products)))
        made = await send_write(self._client, ADD_GROUP, AddRequest(group_detail=detail), deadline)
        return str(made.group_id)

    async def rename(self, group: str, name: str, deadline: float | None) -> None:
        """Renames a group (manual 4.3)."""
        _check(name)
        request = RenameRequest(group_id=_number(group), group_name=name)
        await self._send_write(RENAME_GROUP, request, group, deadline)

    async def change_products(
        self, group: str, add: Sequence[str], remove: Sequence[str], deadline: float | None
    ) -> None:
        """Adds products to a group and removes others, in one call (manual 4.4)."""
        changes = [
            ProductChange(product_id=product, mod_action=action)
            for products, action in ((add, _PUT_IN), (remove, _TAKE_OUT))
            for product in dict.fromkeys(products)
        ]
        request = ChangeProductsRequest(group_id=_number(group), product=changes)
        if changes:
            await self._send_write(CHANGE_GROUP_PRODUCTS, request, group, deadline)

    async def delete(self, group: str, deadline: float | None) -> None:
        """Deletes a group (manual 4.2)."""
        request = GroupRequest(group_id=_number(group))
        await self._send_write(DELETE_GROUP, request, group, deadline)

    async def _send_write(
        self, endpoint: Endpoint[Req, Done], request: Req, group: str, deadline: float | None
    ) -> None:
        try:
            await send_write(self._client, endpoint, request, deadline)
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
