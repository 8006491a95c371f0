"""Root fields that go on answering."""

from collections.abc import AsyncIterator

import strawberry

from resolvers.guards import ORDERS, Info, context_for
from schema.order import OrderFilter
from schema.order_change import OrderChange
from schema.shop import Shop


@strawberry.type(description="What is told as it happens.")
class Subscription:
    """What is told as it happens."""

    @strawberry.subscription(
        description="Every change of an order, wherever it came from: a platform's push, a"
        " mutation here, a poll. With `since`, the cursor of the last change seen, what happened"
        " meanwhile comes first, so a reader that reconnects misses nothing. Needs the scope"
        " orders:read."
    )
    async def order_changed(
        self, info: Info, filter: OrderFilter | None = None, since: str | None = None
    ) -> AsyncIterator[OrderChange]:
        """Changes of orders."""
        context = context_for(info, ORDERS)
        return await context.services.following.order_changes(filter, since, context.viewer)

    @strawberry.subscription(
        description="A shop, each time that its platform's availability or last error became"
        " another one, as the process that is asked sees it. Needs the scope orders:read."
    )
    async def shop_health_changed(self, info: Info) -> AsyncIterator[Shop]:
        """Changes of how platforms fare."""
        context = context_for(info, ORDERS)
        return context.services.following.health_changes(context.viewer)
