"""The subscriptions: changes of orders and of platform health, followed over a stream."""

from collections.abc import AsyncIterator

import strawberry

from resolvers.guards import ORDERS, Info, context_for
from schema.order import OrderFilter
from schema.order_change import OrderChange
from schema.shop import Shop


@strawberry.type(description="All subscriptions.")
class Subscription:
    """All subscriptions."""

    @strawberry.subscription(
        description="Every change of an order, from a platform event, a mutation or polling. Pass"
        " `since`, the cursor of the last change received, to get the changes missed"
        " while disconnected first. Needs the scope orders:read."
    )
    async def order_changed(
        self, info: Info, filter: OrderFilter | None = None, since: str | None = None
    ) -> AsyncIterator[OrderChange]:
        """Changes of orders."""
        context = context_for(info, ORDERS, filter)
        return await context.services.following.order_changes(filter, since, context.viewer)

    @strawberry.subscription(
        description="A shop, each time its platform's availability or last error changes, as seen"
        " by the gateway process that answers. Needs the scope orders:read."
    )
    async def shop_health_changed(self, info: Info) -> AsyncIterator[Shop]:
        """Changes of platform health."""
        context = context_for(info, ORDERS)
        return context.services.following.health_changes(context.viewer)
