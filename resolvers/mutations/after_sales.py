"""Mutations of after-sales that are pushed to a platform."""

import strawberry

from resolvers.guards import ORDERS_WRITE, Info, root_field, writing_context
from resolvers.mutations.orders import by_path
from schema.inputs.after_sale import (
    AfterSaleImportInput,
    AfterSaleStatusInput,
    AfterSaleUpdateInput,
)
from schema.payloads import AfterSalePayload, AfterSalesPayload


@strawberry.type
class AfterSaleMutation:
    """Mutations of after-sales."""

    @root_field(
        "Adds after-sales to an imported order and pushes them to the platform."
        " CONFLICT if the order already has an after-sale with the same id. Needs the"
        " scope orders:write."
    )
    async def after_sale_import(
        self, info: Info, input: AfterSaleImportInput
    ) -> AfterSalesPayload | None:
        """Import after-sales."""
        context = writing_context(info, ORDERS_WRITE)
        done = await context.services.after_sale_writing.import_after_sales(
            input, context.viewer, context.reading
        )
        return AfterSalesPayload(
            after_sales=done.after_sales,
            pushes=done.pushes,
            user_errors=done.errors,
            warnings=done.warnings,
        )

    @root_field(
        "Updates an after-sale and pushes it to the platform; omitted fields stay"
        " unchanged. Needs the scope orders:write."
    )
    async def after_sale_update(
        self, info: Info, input: AfterSaleUpdateInput
    ) -> AfterSalePayload | None:
        """Update an after-sale."""
        context = writing_context(info, ORDERS_WRITE)
        done = await context.services.after_sale_writing.update(
            input, context.viewer, context.reading
        )
        return AfterSalePayload(
            after_sale=done.after_sales[0] if done.after_sales else None,
            push=done.pushes[0] if done.pushes else None,
            user_errors=done.errors,
            warnings=done.warnings,
        )

    @root_field(
        "Sets the status of up to 500 after-sales, each with its own outcome, in one"
        " push per order. Needs the scope orders:write."
    )
    async def after_sale_set_status(
        self, info: Info, input: list[AfterSaleStatusInput]
    ) -> AfterSalesPayload | None:
        """Set the status of after-sales."""
        context = writing_context(info, ORDERS_WRITE)
        done = await context.services.after_sale_writing.set_status(
            by_path(input), context.viewer, context.reading
        )
        return AfterSalesPayload(
            after_sales=done.after_sales,
            pushes=done.pushes,
            user_errors=done.errors,
            warnings=done.warnings,
        )
