"""Mutations of product groups."""

import strawberry

from resolvers.guards import CATALOG_WRITE, Info, root_field, writing_context
from schema.inputs.shelf import ProductGroupCreateInput
from schema.payloads import DeletePayload, ProductGroupPayload


@strawberry.type
class GroupMutation:
    """Mutations of product groups."""

    @root_field("Creates a product group. Needs the scope catalog:write.")
    async def product_group_create(
        self, info: Info, input: ProductGroupCreateInput
    ) -> ProductGroupPayload | None:
        """Create a product group."""
        context = writing_context(info, CATALOG_WRITE)
        done = await context.services.group_writing.create(input, context.viewer, context.reading)
        return ProductGroupPayload(
            product_group=done.value, user_errors=done.errors, warnings=done.warnings
        )

    @root_field("Renames a product group. Needs the scope catalog:write.")
    async def product_group_rename(
        self, info: Info, id: strawberry.ID, name: str
    ) -> ProductGroupPayload | None:
        """Rename a product group."""
        context = writing_context(info, CATALOG_WRITE)
        done = await context.services.group_writing.rename(
            id, name, context.viewer, context.reading
        )
        return ProductGroupPayload(
            product_group=done.value, user_errors=done.errors, warnings=done.warnings
        )

    @root_field(
        "Adds products to a group and removes others, in one step. Adding a product"
        " that is already in the group, or removing one that is not, has no effect."
        " Needs the scope catalog:write."
    )
    async def product_group_change_products(
        self,
        info: Info,
        id: strawberry.ID,
        add: list[strawberry.ID] | None = None,
        remove: list[strawberry.ID] | None = None,
    ) -> ProductGroupPayload | None:
        """Add products to a group and remove others."""
        context = writing_context(info, CATALOG_WRITE)
        done = await context.services.group_writing.change_products(
            id, (add, remove), context.viewer, context.reading
        )
        return ProductGroupPayload(
            product_group=done.value, user_errors=done.errors, warnings=done.warnings
        )

    @root_field(
        "Deletes a product group. Its products stay, and shelves keep its platform id."
        " Needs the scope catalog:write."
    )
    async def product_group_delete(self, info: Info, id: strawberry.ID) -> DeletePayload | None:
        """Delete a product group."""
        context = writing_context(info, CATALOG_WRITE)
        done = await context.services.group_writing.delete(id, context.viewer, context.reading)
        deleted = None if done.value is None else strawberry.ID(done.value)
        return DeletePayload(deleted_id=deleted, user_errors=done.errors)
