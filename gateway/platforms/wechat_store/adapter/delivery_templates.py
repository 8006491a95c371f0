"""Reads and changes delivery templates."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from gateway.errors import PlatformRejected
from gateway.platform_kit.calls import ask, find
from gateway.platform_kit.writes import must_be_there, read_back, send_write
from gateway.platforms.wechat_store.endpoints import (
    ADD_TEMPLATE,
    DELETE_TEMPLATE,
    GET_TEMPLATE,
    GET_TEMPLATES,
    UPDATE_TEMPLATE,
)
from gateway.platforms.wechat_store.mapping.delivery import template_from_wire, template_to_wire
from gateway.platforms.wechat_store.rules.delivery import template_from_input
from gateway.platforms.wechat_store.wire.express import (
    AddRequest,
    TemplateRequest,
    TemplateResponse,
    TemplatesResponse,
    UpdateRequest,
)
from gateway.ports import ReadOptions
from gateway.ports.writing.problems import Absent
from gateway.upstream.client import PlatformClient
from gateway.wechat.scalars import number
from gateway.wechat.wire import Nothing
from schema.delivery import DeliveryTemplate
from schema.inputs.delivery import DeliveryTemplateInput
from schema.key import Key
from schema.shop import Shop


class DeliveryTemplates:
    """Implements ReadsDeliveryTemplates."""

    def __init__(self, client: PlatformClient, shop: Shop) -> None:
        self._client = client
        self._shop = shop

    async def all(self, reading: ReadOptions) -> Sequence[DeliveryTemplate]:
        """All templates, in the platform's order."""
        answer = await ask(self._client, GET_TEMPLATES, Nothing(), reading)
        return answer.derive(self._templates)

    async def get_many(
        self, ids: Sequence[str], reading: ReadOptions
    ) -> Mapping[str, DeliveryTemplate]:
        """Templates by id: a single one is fetched by id, several from the list of all."""
        distinct = list(dict.fromkeys(ids))
        if len(distinct) == 1:
            template = await self._get(distinct[0], reading)
            return {} if template is None else {distinct[0]: template}
        known = {template.platform_id: template for template in await self.all(reading)}
        return {id_: known[id_] for id_ in distinct if id_ in known}

    async def _get(self, template: str, reading: ReadOptions) -> DeliveryTemplate | None:
        template_id = number(template)
        if template_id is None:
            return None
        request = TemplateRequest(template_id=template_id)
        answer = await find(self._client, GET_TEMPLATE, request, reading)
        return None if answer is None else answer.derive(self._template)

    def _templates(self, value: TemplatesResponse) -> Sequence[DeliveryTemplate]:
        return tuple(template_from_wire(raw, self._shop) for raw in value.templates_info or ())

    def _template(self, value: TemplateResponse) -> DeliveryTemplate:
        return template_from_wire(value.template_info, self._shop)


_KIND: Final = "delivery template"


class TemplateWrites:
    """Implements WritesDeliveryTemplates."""

    def __init__(self, client: PlatformClient, shop: Shop) -> None:
        self._client = client
        self._shop = shop

    async def create(
        self, given: DeliveryTemplateInput, deadline: float | None
    ) -> DeliveryTemplate:
        """Creates a template (manual 3.1)."""
        draft = template_from_input(given, self._shop)
        request = AddRequest(delivery_template=template_to_wire(draft))
        made = await send_write(self._client, ADD_TEMPLATE, request, deadline)
        platform_id = str(made.template_id)
        key = Key("DeliveryTemplate", self._shop.key_name, platform_id)
        made_draft = replace(draft, key=key, platform_id=platform_id)
        return await self._as_it_is(made_draft, deadline)

    async def update(
        self, template: str, given: DeliveryTemplateInput, deadline: float | None
    ) -> DeliveryTemplate:
        """Replaces a template's whole document (manual 3.3)."""
        draft = template_from_input(given, self._shop, template)
        request = UpdateRequest(
            template_id=_number(template), delivery_template=template_to_wire(draft)
        )
        try:
            await send_write(self._client, UPDATE_TEMPLATE, request, deadline)
        except PlatformRejected as refusal:
            await self._must_be_there(refusal, template)
            raise
        return await self._as_it_is(draft, deadline)

    async def delete(self, template: str, deadline: float | None) -> None:
        """Deletes a template (manual 3.2)."""
        request = TemplateRequest(template_id=_number(template))
        try:
            await send_write(self._client, DELETE_TEMPLATE, request, deadline)
        except PlatformRejected as refusal:
            await self._must_be_there(refusal, template)
            raise

    async def _must_be_there(self, refusal: PlatformRejected, template: str) -> None:
        request = TemplateRequest(template_id=_number(template))
        await must_be_there(self._client, refusal, GET_TEMPLATE, request, _KIND)

    async def _as_it_is(self, draft: DeliveryTemplate, deadline: float | None) -> DeliveryTemplate:
        """The template read back from the platform; as sent if it cannot be read."""
        request = TemplateRequest(template_id=_number(draft.platform_id))
        answer = await read_back(self._client, GET_TEMPLATE, request, deadline)
        return draft if answer is None else answer.derive(self._template)

    def _template(self, value: TemplateResponse) -> DeliveryTemplate:
        return template_from_wire(value.template_info, self._shop)


def _number(template: str) -> int:
    template_id = number(template)
    if template_id is None:
        raise Absent(_KIND)
    return template_id
