"""Root fields that change after-sales of orders that are pushed to a platform."""

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
    """Changes of after-sales."""

    @root_field(
        "Adds after-sales to an order that was imported, and pushes them. One that the order has"
        " already is a CONFLICT. Needs the scope orders:write."
    )
    async def after_sale_import(
        self, info: Info, input: AfterSaleImportInput
    ) -> AfterSalesPayload | None:
        """Add after-sales."""
        context = writing_context(info, ORDERS_WRITE)
        done = await context.services.after_sale_writing.bring_in(
            input, context.viewer, context.reading
        )
        return AfterSalesPayload(
            after_sales=done.after_sales, pushes=done.pushes, user_errors=done.errors
        )

    @root_field(
        "Changes what is given of an after-sale, and pushes it. Needs the scope orders:write."
    )
    async def after_sale_update(
        self, info: Info, input: AfterSaleUpdateInput
    ) -> AfterSalePayload | None:
        """Change an after-sale."""
        context = writing_context(info, ORDERS_WRITE)
        done = await context.services.after_sale_writing.update(
            input, context.viewer, context.reading
        )
        return AfterSalePayload(
            after_sale=done.after_sales[0] if done.after_sales else None,
            push=done.pushes[0] if done.pushes else None,
            user_errors=done.errors,
        )

    @root_field(
        "Sets where after-sales stand, each with its own outcome; one push an order. Needs the"
        " scope orders:write."
    )
    async def after_sale_set_status(
        self, info: Info, input: list[AfterSaleStatusInput]
    ) -> AfterSalesPayload | None:
        """Set the statuses of after-sales."""
        context = writing_context(info, ORDERS_WRITE)
        done = await context.services.after_sale_writing.set_status(
            by_path(input), context.viewer, context.reading
        )
        return AfterSalesPayload(
            after_sales=done.after_sales, pushes=done.pushes, user_errors=done.errors
        )
