"""Root fields that change shelves."""

import strawberry

from resolvers.guards import CATALOG_WRITE, Info, root_field, writing_context
from schema.inputs.shelf import ShelfCreateInput, ShelfUpdateInput
from schema.payloads import DeletePayload, ShelfPayload


@strawberry.type
class ShelfMutation:
    """Changes of shelves."""

    @root_field("Adds a shelf. Needs the scope catalog:write.")
    async def shelf_create(self, info: Info, input: ShelfCreateInput) -> ShelfPayload | None:
        """Add a shelf."""
        context = writing_context(info, CATALOG_WRITE)
        done = await context.services.shelf_writing.create(input, context.viewer, context.reading)
        return ShelfPayload(shelf=done.value, user_errors=done.errors)

    @root_field(
        "Changes what is given of a shelf; `modules` stand in place of all that it has. Needs the"
        " scope catalog:write."
    )
    async def shelf_update(self, info: Info, input: ShelfUpdateInput) -> ShelfPayload | None:
        """Change a shelf."""
        context = writing_context(info, CATALOG_WRITE)
        done = await context.services.shelf_writing.update(input, context.viewer, context.reading)
        return ShelfPayload(shelf=done.value, user_errors=done.errors)

    @root_field("Removes a shelf; its groups stay. Needs the scope catalog:write.")
    async def shelf_delete(self, info: Info, id: strawberry.ID) -> DeletePayload | None:
        """Remove a shelf."""
        context = writing_context(info, CATALOG_WRITE)
        done = await context.services.shelf_writing.delete(id, context.viewer, context.reading)
        deleted = None if done.value is None else strawberry.ID(done.value)
        return DeletePayload(deleted_id=deleted, user_errors=done.errors)
