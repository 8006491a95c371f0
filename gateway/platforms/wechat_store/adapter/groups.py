"""Reads groups of products."""

from collections.abc import Mapping, Sequence
from functools import partial

from gateway.platform_kit.calls import ask, each, find
from gateway.platform_kit.provenance import provenance
from gateway.platforms.wechat_store.endpoints import GET_GROUP, GET_GROUPS
from gateway.platforms.wechat_store.mapping.group import group_from_wire, whole_group_from_wire
from gateway.platforms.wechat_store.mapping.scalars import number
from gateway.platforms.wechat_store.wire.base import Nothing
from gateway.platforms.wechat_store.wire.group import GroupRequest, GroupResponse, GroupsResponse
from gateway.ports import Group, ReadOptions
from gateway.upstream.client import PlatformClient


class Groups:
    """Fills the port ReadsGroups."""

    def __init__(self, client: PlatformClient) -> None:
        self._client = client

    async def all(self, reading: ReadOptions) -> Sequence[Group]:
        """All groups, without their products, in the platform's order."""
        answer = await ask(self._client, GET_GROUPS, Nothing(), reading)
        return answer.derive(_groups)

    async def get_many(self, ids: Sequence[str], reading: ReadOptions) -> Mapping[str, Group]:
        """Groups by id, with their products; a call for each."""
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
