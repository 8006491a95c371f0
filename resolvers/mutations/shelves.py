"""Mutations of shelves."""

import strawberry

from gateway.ports.writing.storefront import Placement
from resolvers.guards import CATALOG_WRITE, Info, root_field, writing_context
from schema.inputs.shelf import ShelfCreateInput, ShelfUpdateInput
from schema.payloads import DeletePayload, ProductPayload, ShelfPayload


@strawberry.type
class ShelfMutation:
    """Mutations of shelves."""

    @root_field("Creates a shelf. Needs the scope catalog:write.")
    async def shelf_create(self, info: Info, input: ShelfCreateInput) -> ShelfPayload | None:
        """Create a shelf."""
        context = writing_context(info, CATALOG_WRITE)
        done = await context.services.shelf_writing.create(input, context.viewer, context.reading)
        return ShelfPayload(shelf=done.value, user_errors=done.errors)

    @root_field(
        "Updates a shelf; omitted fields stay unchanged, and `modules` replaces all of"
        " its widgets. Needs the scope catalog:write."
    )
    async def shelf_update(self, info: Info, input: ShelfUpdateInput) -> ShelfPayload | None:
        """Update a shelf."""
        context = writing_context(info, CATALOG_WRITE)
        done = await context.services.shelf_writing.update(input, context.viewer, context.reading)
        return ShelfPayload(shelf=done.value, user_errors=done.errors)

    @root_field("Deletes a shelf; its product groups stay. Needs the scope catalog:write.")
    async def shelf_delete(self, info: Info, id: strawberry.ID) -> DeletePayload | None:
        """Delete a shelf."""
        context = writing_context(info, CATALOG_WRITE)
        done = await context.services.shelf_writing.delete(id, context.viewer, context.reading)
        deleted = None if done.value is None else strawberry.ID(done.value)
        return DeletePayload(deleted_id=deleted, user_errors=done.errors)

    @root_field(
        "Sets the place of a product on its store's home page; what is omitted stays. If a later"
        " part fails, the earlier ones are done: pinned, then hidden, then the position. Needs the"
        " scope catalog:write."
    )
    async def storefront_product_set(
        self,
        info: Info,
        id: strawberry.ID,
        *,
        position: int | None = None,
        hidden: bool | None = None,
        pinned: bool | None = None,
    ) -> ProductPayload | None:
        """Place a product on the home page."""
        context = writing_context(info, CATALOG_WRITE)
        placement = Placement(position=position, hidden=hidden, pinned=pinned)
        done = await context.services.shelf_writing.place_product(
            id, placement, context.viewer, context.reading
        )
        return ProductPayload(product=done.value, user_errors=done.errors, warnings=done.warnings)
