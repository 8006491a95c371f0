"""Groups of products."""

from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import Info

from schema.context import RequestContext
from schema.declare import derived, described, public_type
from schema.node import Node
from schema.shop import Shop

if TYPE_CHECKING:
    from schema.product import ProductConnection


@public_type
class ProductGroup(Node):
    """A group of products that shelves can show."""

    shop: Shop = described("The shop that it belongs to.")
    platform_id: str = described("The platform's own id.")
    name: str = described("What it is called.")

    @derived("Its products, in the group's own order.")
    async def products(
        self, info: Info[RequestContext, None], first: int | None = None, after: str | None = None
    ) -> Annotated["ProductConnection", strawberry.lazy("schema.product")] | None:
        """The group's products, in the group's order."""
        return await info.context.lists.group_products(first, after, self.key)
