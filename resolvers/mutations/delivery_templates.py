"""Root fields that change delivery templates."""

import strawberry

from resolvers.guards import CATALOG_WRITE, Info, root_field, writing_context
from schema.inputs.delivery import DeliveryTemplateInput
from schema.payloads import DeletePayload, DeliveryTemplatePayload


@strawberry.type
class DeliveryTemplateMutation:
    """Changes of delivery templates."""

    @root_field("Adds a delivery template. Needs the scope catalog:write.")
    async def delivery_template_create(
        self, info: Info, shop: str, input: DeliveryTemplateInput
    ) -> DeliveryTemplatePayload | None:
        """Add a delivery template."""
        context = writing_context(info, CATALOG_WRITE)
        done = await context.services.template_writing.create(
            shop, input, context.viewer, context.reading
        )
        return DeliveryTemplatePayload(delivery_template=done.value, user_errors=done.errors)

    @root_field("Replaces all that a delivery template says. Needs the scope catalog:write.")
    async def delivery_template_update(
        self, info: Info, id: strawberry.ID, input: DeliveryTemplateInput
    ) -> DeliveryTemplatePayload | None:
        """Replace a delivery template."""
        context = writing_context(info, CATALOG_WRITE)
        done = await context.services.template_writing.update(
            id, input, context.viewer, context.reading
        )
        return DeliveryTemplatePayload(delivery_template=done.value, user_errors=done.errors)

    @root_field("Removes a delivery template. Needs the scope catalog:write.")
    async def delivery_template_delete(self, info: Info, id: strawberry.ID) -> DeletePayload | None:
        """Remove a delivery template."""
        context = writing_context(info, CATALOG_WRITE)
        done = await context.services.template_writing.delete(id, context.viewer, context.reading)
        deleted = None if done.value is None else strawberry.ID(done.value)
        return DeletePayload(deleted_id=deleted, user_errors=done.errors)
