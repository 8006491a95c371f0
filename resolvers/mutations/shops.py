"""Mutations of shops."""

import strawberry

from resolvers.guards import ORDERS_WRITE, Info, root_field, writing_context
from schema.payloads import ShopPayload


@strawberry.type
class ShopMutation:
    """Mutations of shops."""

    @root_field(
        "Sets the Mini Program page that WeChat's order centre opens for an order. Needs the scope"
        " orders:write."
    )
    async def order_center_path_set(self, info: Info, shop: str, path: str) -> ShopPayload | None:
        """Set the page of the order centre."""
        context = writing_context(info, ORDERS_WRITE)
        writing = context.services.order_center_writing
        done = await writing.set_path(shop, path, context.viewer, context.reading)
        return ShopPayload(shop=done.value, user_errors=done.errors)
