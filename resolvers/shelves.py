"""Root fields of shelves and product groups."""

from collections.abc import Sequence

import strawberry

from resolvers.arguments import key_of, page_size
from resolvers.guards import CATALOG, Info, context_for, root_field
from resolvers.lists import shelf_connection
from schema.shelf import ProductGroup, Shelf, ShelfConnection


@strawberry.type
class ShelfQueryFields:
    """Queries of shelves and product groups."""

    @root_field(
        "All product groups of a shop, in the platform's order. Needs the scope catalog:read."
    )
    async def product_groups(self, info: Info, shop: str) -> list[ProductGroup] | None:
        """All product groups of a shop."""
        context = context_for(info, CATALOG)
        with context.single(info.path) as reading:
            return await context.services.shelves.groups(shop, context.viewer, reading)

    @root_field("One shelf by its id; null if it does not exist. Needs the scope catalog:read.")
    async def shelf(self, info: Info, id: strawberry.ID) -> Shelf | None:
        """One shelf; None if it does not exist."""
        context = context_for(info, CATALOG)
        key = key_of(id, "Shelf")
        with context.single(info.path) as reading:
            return await context.services.shelves.get(key, context.viewer, reading)

    @root_field(
        "Shelves of all shops, ordered by shop as configured, then by platform id."
        " Needs the scope catalog:read."
    )
    async def shelves(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        shops: list[str] | None = None,
    ) -> ShelfConnection | None:
        """One page of shelves, merged over shops."""
        context = context_for(info, CATALOG)
        named: Sequence[str] | None = shops
        page = await context.services.shelves.page(
            named, after, page_size(first), context.viewer, context.reading
        )
        return shelf_connection(page)
