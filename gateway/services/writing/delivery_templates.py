"""Changes delivery templates: add, replace, remove."""

from typing import Final

from gateway.ports import ReadOptions
from gateway.ports.writing.storefront import WritesDeliveryTemplates
from gateway.services.directory import Directory
from gateway.services.viewer import Viewer
from gateway.services.writing.targets import Targets, target_key
from gateway.services.writing.write_result import WriteResult, attempt
from schema.delivery import DeliveryTemplate
from schema.inputs.delivery import DeliveryTemplateInput

_ABILITY: Final = "way to change delivery templates"
_ASK_TEMPLATES: Final = (
    "look for its name in `deliveryTemplates`, with Cache-Control: no-cache, before you repeat it."
)
_ASK_TEMPLATE: Final = "ask for the template, with Cache-Control: no-cache, before you repeat it."


class TemplateWriting:
    """Routes changes of delivery templates to the shops' ports."""

    def __init__(self, directory: Directory) -> None:
        self._targets = Targets(directory)

    async def create(
        self, shop: str, given: DeliveryTemplateInput, viewer: Viewer, reading: ReadOptions
    ) -> WriteResult[DeliveryTemplate]:
        """Adds a template."""

        async def work() -> DeliveryTemplate:
            return await self._port(shop, viewer, "shop").create(given, reading.deadline)

        return await attempt(work(), find_out=_ASK_TEMPLATES)

    async def update(
        self, id_: str, given: DeliveryTemplateInput, viewer: Viewer, reading: ReadOptions
    ) -> WriteResult[DeliveryTemplate]:
        """Replaces a template."""

        async def work() -> DeliveryTemplate:
            key = target_key(id_, "DeliveryTemplate", "id")
            port = self._port(key.shop, viewer, "id")
            return await port.update(key.platform_id, given, reading.deadline)

        return await attempt(work(), find_out=_ASK_TEMPLATE)

    async def delete(self, id_: str, viewer: Viewer, reading: ReadOptions) -> WriteResult[str]:
        """Removes a template; the value is its id."""

        async def work() -> str:
            key = target_key(id_, "DeliveryTemplate", "id")
            await self._port(key.shop, viewer, "id").delete(key.platform_id, reading.deadline)
            return id_

        return await attempt(work(), find_out=_ASK_TEMPLATE)

    def _port(self, shop: str, viewer: Viewer, *field: str) -> WritesDeliveryTemplates:
        return self._targets.port(
            shop, viewer, lambda adapter: adapter.writes_delivery_templates, _ABILITY, *field
        )
