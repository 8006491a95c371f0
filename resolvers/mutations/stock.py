"""Mutations that adjust and set stock."""

import strawberry

from resolvers.guards import CATALOG_WRITE, Info, root_field, writing_context
from resolvers.mutations.orders import by_path
from schema.inputs.stock import SkuStockInput
from schema.payloads import SkuPayload, SkusPayload


@strawberry.type
class StockMutation:
    """Mutations of stock."""

    @root_field(
        "Adjusts the stock of a SKU: adds units if `delta` is positive, removes units"
        " if it is negative. Needs the scope catalog:write."
    )
    async def sku_adjust_stock(
        self, info: Info, id: strawberry.ID, delta: int
    ) -> SkuPayload | None:
        """Adjust the stock of a SKU."""
        context = writing_context(info, CATALOG_WRITE)
        done = await context.services.stock_writing.adjust(
            id, delta, context.viewer, context.reading
        )
        return SkuPayload(sku=done.value, user_errors=done.errors, warnings=done.warnings)

    @root_field(
        "Sets the stock of up to 500 SKUs, each by its id, or by its shop and code, and each with"
        " its own outcome. A platform that only adds and removes units is told the difference to"
        " what was read: CONFLICT where the stock moved meanwhile. Needs the scope catalog:write."
    )
    async def skus_set_stock(self, info: Info, input: list[SkuStockInput]) -> SkusPayload | None:
        """Set the stock of SKUs."""
        context = writing_context(info, CATALOG_WRITE)
        done = await context.services.stock_writing.set_stock(
            by_path(input), context.viewer, context.reading
        )
        return SkusPayload(
            skus=[one.value for one in done if one.value is not None],
            user_errors=[error for one in done for error in one.errors],
            warnings=[warning for one in done for warning in one.warnings],
        )
