"""Reads delivery templates."""

from collections.abc import Mapping, Sequence

from gateway.platform_kit.calls import ask, find
from gateway.platforms.wechat_store.endpoints import GET_TEMPLATE, GET_TEMPLATES
from gateway.platforms.wechat_store.mapping.delivery import template_from_wire
from gateway.platforms.wechat_store.mapping.scalars import number
from gateway.platforms.wechat_store.wire.base import Nothing
from gateway.platforms.wechat_store.wire.express import (
    TemplateRequest,
    TemplateResponse,
    TemplatesResponse,
)
from gateway.ports import ReadOptions
from gateway.upstream.client import PlatformClient
from schema.delivery import DeliveryTemplate
from schema.shop import Shop


class DeliveryTemplates:
    """Fills the port ReadsDeliveryTemplates."""

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
        """Templates by id: one is asked for by itself, several by the list of all."""
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
