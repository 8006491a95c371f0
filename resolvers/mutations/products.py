"""Root fields that change products."""

import strawberry

from resolvers.arguments import at_most
from resolvers.guards import CATALOG_WRITE, Info, root_field, writing_context
from schema.inputs.product import ProductCreateInput, ProductUpdateInput
from schema.payloads import DeletePayload, ProductPayload, ProductsPayload
from schema.product_status import ProductListing


@strawberry.type
class ProductMutation:
    """Changes of products."""

    @root_field(
        "Adds a product to a shop, off the shelf at first. Its pictures are uploaded before, by"
        " `imageUpload`. Needs the scope catalog:write."
    )
    async def product_create(self, info: Info, input: ProductCreateInput) -> ProductPayload | None:
        """Add a product."""
        context = writing_context(info, CATALOG_WRITE)
        done = await context.services.product_writing.create(input, context.viewer, context.reading)
        return ProductPayload(product=done.value, user_errors=done.errors)

    @root_field(
        "Changes what is given of a product, and leaves all else as it is. Needs the scope"
        " catalog:write."
    )
    async def product_update(self, info: Info, input: ProductUpdateInput) -> ProductPayload | None:
        """Change a product."""
        context = writing_context(info, CATALOG_WRITE)
        done = await context.services.product_writing.update(input, context.viewer, context.reading)
        return ProductPayload(product=done.value, user_errors=done.errors)

    @root_field(
        "Removes a product from its shop, and so from its groups. Needs the scope catalog:write."
    )
    async def product_delete(self, info: Info, id: strawberry.ID) -> DeletePayload | None:
        """Remove a product."""
        context = writing_context(info, CATALOG_WRITE)
        done = await context.services.product_writing.delete(id, context.viewer, context.reading)
        deleted = None if done.value is None else strawberry.ID(done.value)
        return DeletePayload(deleted_id=deleted, user_errors=done.errors)

    @root_field(
        "Puts up to 100 products on or off the shelf, each by itself: where one fails, the others"
        " are done all the same. Needs the scope catalog:write."
    )
    async def product_set_status(
        self, info: Info, ids: list[strawberry.ID], status: ProductListing
    ) -> ProductsPayload | None:
        """Put products on or off the shelf."""
        context = writing_context(info, CATALOG_WRITE)
        done = await context.services.product_writing.set_status(
            at_most(ids), status, context.viewer, context.reading
        )
        return ProductsPayload(products=done.value or [], pushes=[], user_errors=done.errors)
