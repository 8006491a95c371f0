"""The mutation that adjusts stock."""

import strawberry

from resolvers.guards import CATALOG_WRITE, Info, root_field, writing_context
from schema.payloads import SkuPayload


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
