"""Mutations of delivery templates."""

import strawberry

from resolvers.guards import CATALOG_WRITE, Info, root_field, writing_context
from schema.inputs.delivery import DeliveryTemplateInput
from schema.payloads import DeletePayload, DeliveryTemplatePayload


@strawberry.type
class DeliveryTemplateMutation:
    """Mutations of delivery templates."""

    @root_field("Creates a delivery template. Needs the scope catalog:write.")
    async def delivery_template_create(
        self, info: Info, shop: str, input: DeliveryTemplateInput
    ) -> DeliveryTemplatePayload | None:
        """Create a delivery template."""
        context = writing_context(info, CATALOG_WRITE)
        done = await context.services.template_writing.create(
            shop, input, context.viewer, context.reading
        )
        return DeliveryTemplatePayload(delivery_template=done.value, user_errors=done.errors)

    @root_field("Replaces a delivery template as a whole. Needs the scope catalog:write.")
    async def delivery_template_update(
        self, info: Info, id: strawberry.ID, input: DeliveryTemplateInput
    ) -> DeliveryTemplatePayload | None:
        """Replace a delivery template."""
        context = writing_context(info, CATALOG_WRITE)
        done = await context.services.template_writing.update(
            id, input, context.viewer, context.reading
        )
        return DeliveryTemplatePayload(delivery_template=done.value, user_errors=done.errors)

    @root_field("Deletes a delivery template. Needs the scope catalog:write.")
    async def delivery_template_delete(self, info: Info, id: strawberry.ID) -> DeletePayload | None:
        """Delete a delivery template."""
        context = writing_context(info, CATALOG_WRITE)
        done = await context.services.template_writing.delete(id, context.viewer, context.reading)
        deleted = None if done.value is None else strawberry.ID(done.value)
        return DeletePayload(deleted_id=deleted, user_errors=done.errors)
