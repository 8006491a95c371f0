"""Root fields that change groups of products."""

import strawberry

from resolvers.guards import CATALOG_WRITE, Info, root_field, writing_context
from schema.inputs.shelf import ProductGroupCreateInput
from schema.payloads import DeletePayload, ProductGroupPayload


@strawberry.type
class GroupMutation:
    """Changes of groups."""

    @root_field("Adds a group of products. Needs the scope catalog:write.")
    async def product_group_create(
        self, info: Info, input: ProductGroupCreateInput
    ) -> ProductGroupPayload | None:
        """Add a group."""
        context = writing_context(info, CATALOG_WRITE)
        done = await context.services.group_writing.create(input, context.viewer, context.reading)
        return ProductGroupPayload(product_group=done.value, user_errors=done.errors)

    @root_field("Calls a group otherwise. Needs the scope catalog:write.")
    async def product_group_rename(
        self, info: Info, id: strawberry.ID, name: str
    ) -> ProductGroupPayload | None:
        """Rename a group."""
        context = writing_context(info, CATALOG_WRITE)
        done = await context.services.group_writing.rename(
            id, name, context.viewer, context.reading
        )
        return ProductGroupPayload(product_group=done.value, user_errors=done.errors)

    @root_field(
        "Puts products into a group, and takes others out, all in one step. A product that is in it"
        " already, or is not, stays so. Needs the scope catalog:write."
    )
    async def product_group_change_products(
        self,
        info: Info,
        id: strawberry.ID,
        add: list[strawberry.ID] | None = None,
        remove: list[strawberry.ID] | None = None,
    ) -> ProductGroupPayload | None:
        """Change the products of a group."""
        context = writing_context(info, CATALOG_WRITE)
        done = await context.services.group_writing.change_products(
            id, (add, remove), context.viewer, context.reading
        )
        return ProductGroupPayload(product_group=done.value, user_errors=done.errors)

    @root_field(
        "Removes a group; its products stay, and shelves keep its platform id. Needs the scope"
        " catalog:write."
    )
    async def product_group_delete(self, info: Info, id: strawberry.ID) -> DeletePayload | None:
        """Remove a group."""
        context = writing_context(info, CATALOG_WRITE)
        done = await context.services.group_writing.delete(id, context.viewer, context.reading)
        deleted = None if done.value is None else strawberry.ID(done.value)
        return DeletePayload(deleted_id=deleted, user_errors=done.errors)
