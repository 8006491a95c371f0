"""Mutations of products."""

import strawberry

from resolvers.guards import CATALOG_WRITE, Info, root_field, writing_context
from schema.inputs.product import ProductCreateInput, ProductUpdateInput
from schema.money import MoneyInput
from schema.payloads import DeletePayload, ProductPayload, ProductsPayload, SkuPayload
from schema.product_status import ProductListing


@strawberry.type
class ProductMutation:
    """Mutations of products."""

    @root_field(
        "Creates a product, unlisted (OFF_SHELF). Upload its images first with"
        " `imageUpload`. Needs the scope catalog:write."
    )
    async def product_create(self, info: Info, input: ProductCreateInput) -> ProductPayload | None:
        """Create a product."""
        context = writing_context(info, CATALOG_WRITE)
        done = await context.services.product_writing.create(input, context.viewer, context.reading)
        return ProductPayload(product=done.value, user_errors=done.errors, warnings=done.warnings)

    @root_field("Updates a product; omitted fields stay unchanged. Needs the scope catalog:write.")
    async def product_update(self, info: Info, input: ProductUpdateInput) -> ProductPayload | None:
        """Update a product."""
        context = writing_context(info, CATALOG_WRITE)
        done = await context.services.product_writing.update(input, context.viewer, context.reading)
        return ProductPayload(product=done.value, user_errors=done.errors, warnings=done.warnings)

    @root_field(
        "Deletes a product from its shop and from its groups. Needs the scope catalog:write."
    )
    async def product_delete(self, info: Info, id: strawberry.ID) -> DeletePayload | None:
        """Delete a product."""
        context = writing_context(info, CATALOG_WRITE)
        done = await context.services.product_writing.delete(id, context.viewer, context.reading)
        deleted = None if done.value is None else strawberry.ID(done.value)
        return DeletePayload(deleted_id=deleted, user_errors=done.errors)

    @root_field(
        "Lists (ON_SHELF) or unlists (OFF_SHELF) up to 100 products, each with its own"
        " outcome. A Weixin Store's draft is sent to its audit, and listed when it passes. Needs"
        " the scope catalog:write."
    )
    async def product_set_status(
        self, info: Info, ids: list[strawberry.ID], status: ProductListing
    ) -> ProductsPayload | None:
        """List or unlist products."""
        context = writing_context(info, CATALOG_WRITE)
        done = await context.services.product_writing.set_status(
            ids, status, context.viewer, context.reading
        )
        return ProductsPayload(
            products=done.value or [], pushes=[], user_errors=done.errors, warnings=done.warnings
        )

    @root_field(
        "Takes a product's draft out of its audit, so that it can be changed. Needs the scope"
        " catalog:write."
    )
    async def product_withdraw(self, info: Info, id: strawberry.ID) -> ProductPayload | None:
        """Take a draft out of its audit."""
        context = writing_context(info, CATALOG_WRITE)
        done = await context.services.product_writing.withdraw(id, context.viewer, context.reading)
        return ProductPayload(product=done.value, user_errors=done.errors, warnings=done.warnings)

    @root_field(
        "Sets the price of a SKU of a listed product, at once and without an audit. Needs the scope"
        " catalog:write."
    )
    async def sku_set_price(
        self, info: Info, id: strawberry.ID, price: MoneyInput
    ) -> SkuPayload | None:
        """Set the price of a SKU."""
        context = writing_context(info, CATALOG_WRITE)
        done = await context.services.product_writing.set_price(
            id, price, context.viewer, context.reading
        )
        return SkuPayload(sku=done.value, user_errors=done.errors, warnings=done.warnings)
