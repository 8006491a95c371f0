"""Root field that changes stock."""

import strawberry

from resolvers.guards import CATALOG_WRITE, Info, root_field, writing_context
from schema.payloads import SkuPayload


@strawberry.type
class StockMutation:
    """Changes of stock."""

    @root_field(
        "Changes how many units of a SKU there are: adds where `delta` is positive, takes away"
        " where it is negative. Needs the scope catalog:write."
    )
    async def sku_adjust_stock(
        self, info: Info, id: strawberry.ID, delta: int
    ) -> SkuPayload | None:
        """Change a SKU's stock."""
        context = writing_context(info, CATALOG_WRITE)
        done = await context.services.stock_writing.adjust(
            id, delta, context.viewer, context.reading
        )
        return SkuPayload(sku=done.value, user_errors=done.errors)
