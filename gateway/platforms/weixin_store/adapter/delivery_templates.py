"""Reads and changes freight templates; the platform has no call to delete one."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

import msgspec

from gateway.platform_kit.calls import ask, each, find
from gateway.platform_kit.object_locks import ObjectLocks
from gateway.platform_kit.writes import read_back, send_write
from gateway.platforms.weixin_store.endpoints import (
    ADD_TEMPLATE,
    GET_TEMPLATE,
    GET_TEMPLATE_IDS,
    UPDATE_TEMPLATE,
)
from gateway.platforms.weixin_store.mapping.freight import (
    changed_document,
    new_document,
    template_from_wire,
)
from gateway.platforms.weixin_store.rules.freight import template_from_input
from gateway.platforms.weixin_store.wire.freight import (
    TemplateRequest,
    TemplateResponse,
    TemplatesRequest,
    WriteRequest,
)
from gateway.ports import ReadOptions
from gateway.ports.writing.problems import Absent, InputRefused
from gateway.upstream.answer import PlatformAnswer
from gateway.upstream.client import PlatformClient
from gateway.upstream.document import document
from gateway.wechat.scalars import yes
from schema.delivery import DeliveryTemplate
from schema.errors import ErrorCode
from schema.inputs.delivery import DeliveryTemplateInput
from schema.shop import Shop

_KIND: Final = "delivery template"
#: Ids of one page.
_PAGE: Final = 20
_NO_DELETING: Final = "The platform has no call to delete a template: delete it in its console."
_NO_ORIGIN: Final = (
    "The platform wants an origin and a time of shipping, which are taken from another template of"
    " the shop; it has none: add the first one in the platform's console."
)
_BROKEN: Final = (
    "The platform sent this template with broken characters, and it cannot be written back so:"
    " change it in the platform's console."
)
#: U+FFFD, which marks broken characters.
_NOT_WHOLE: Final = "\N{REPLACEMENT CHARACTER}".encode()


class DeliveryTemplates:
    """Implements ReadsDeliveryTemplates."""

    def __init__(self, client: PlatformClient, shop: Shop) -> None:
        self._client = client
        self._shop = shop

    async def all(self, reading: ReadOptions) -> Sequence[DeliveryTemplate]:
        """All templates, in the platform's order; a call each."""
        ids = await template_ids(self._client, reading)
        found = await self.get_many(ids, reading)
        return [found[id_] for id_ in ids if id_ in found]

    async def get_many(
        self, ids: Sequence[str], reading: ReadOptions
    ) -> Mapping[str, DeliveryTemplate]:
        """Templates by id; a call each."""
        return await each(ids, partial(self._get, reading=reading))

    async def _get(self, template: str, reading: ReadOptions) -> DeliveryTemplate | None:
        request = TemplateRequest(template_id=template)
        answer = await find(self._client, GET_TEMPLATE, request, reading)
        return None if answer is None else answer.derive(self._template)

    def _template(self, value: TemplateResponse) -> DeliveryTemplate:
        return template_from_wire(value.freight_template, self._shop)


class TemplateWrites:
    """Implements WritesDeliveryTemplates."""

    def __init__(self, client: PlatformClient, shop: Shop, locks: ObjectLocks) -> None:
        self._client = client
        self._shop = shop
        self._locks = locks

    async def create(
        self, given: DeliveryTemplateInput, deadline: float | None
    ) -> DeliveryTemplate:
        """Creates a template with the origin and the times of the shop's default one."""
        draft = template_from_input(given, self._shop)
        like = await self._like(deadline)
        request = WriteRequest(freight_template=new_document(draft, _document(like)))
        made = await send_write(self._client, ADD_TEMPLATE, request, deadline)
        return await self._as_it_is(str(made.template_id), draft, deadline)

    async def update(
        self, template: str, given: DeliveryTemplateInput, deadline: float | None
    ) -> DeliveryTemplate:
        """Replaces a template; read first, since the platform wants what the input lacks."""
        async with self._locks.of(_KIND, template):
            reading = ReadOptions(fresh=True, strict=True, deadline=deadline)
            request = TemplateRequest(template_id=template)
            answer = await find(self._client, GET_TEMPLATE, request, reading)
            if answer is None:
                raise Absent(_KIND)
            if answer.marked is not None and _NOT_WHOLE in msgspec.json.encode(answer.marked):
                raise InputRefused.of(ErrorCode.INVALID, _BROKEN, "id")
            wire = answer.value.freight_template
            before = template_from_wire(wire, self._shop)
            draft = template_from_input(given, self._shop, before)
            changed = changed_document(_document(answer), wire, before, draft)
            await send_write(
                self._client, UPDATE_TEMPLATE, WriteRequest(freight_template=changed), deadline
            )
            return await self._as_it_is(template, draft, deadline)

    async def delete(self, template: str, deadline: float | None) -> None:
        """Refuses: there is no such call."""
        del template, deadline
        raise InputRefused.of(ErrorCode.UNSUPPORTED_BY_PLATFORM, _NO_DELETING, "id")

    async def _like(self, deadline: float | None) -> PlatformAnswer[TemplateResponse]:
        """The shop's default template, or else its first one."""
        reading = ReadOptions(fresh=True, strict=True, deadline=deadline)
        first: PlatformAnswer[TemplateResponse] | None = None
        for id_ in await template_ids(self._client, reading):
            request = TemplateRequest(template_id=id_)
            answer = await find(self._client, GET_TEMPLATE, request, reading)
            if answer is not None and yes(answer.value.freight_template.is_default):
                return answer
            first = first or answer
        if first is None:
            raise InputRefused.of(ErrorCode.UNSUPPORTED_BY_PLATFORM, _NO_ORIGIN)
        return first

    async def _as_it_is(
        self, platform_id: str, draft: DeliveryTemplate, deadline: float | None
    ) -> DeliveryTemplate:
        """The template read back from the platform; as sent if it cannot be read."""
        request = TemplateRequest(template_id=platform_id)
        answer = await read_back(self._client, GET_TEMPLATE, request, deadline)
        if answer is None:
            draft.platform_id = platform_id
            draft.key = draft.key._replace(platform_id=platform_id)
            return draft
        return template_from_wire(answer.value.freight_template, self._shop)


async def template_ids(client: PlatformClient, reading: ReadOptions) -> list[str]:
    """The ids of all templates, in the platform's order."""
    ids: dict[str, None] = {}
    while True:
        request = TemplatesRequest(offset=len(ids), limit=_PAGE)
        answer = await ask(client, GET_TEMPLATE_IDS, request, reading)
        page = [str(id_) for id_ in answer.value.template_id_list or ()]
        known = len(ids)
        ids.update(dict.fromkeys(page))
        if len(page) < _PAGE or len(ids) == known:
            return list(ids)


def _document(answer: PlatformAnswer[TemplateResponse]) -> dict[str, Any]:
    whole: dict[str, Any] = document(answer.body)["freight_template"]
    return whole
