"""Mutations that ship and close orders."""

import strawberry

from resolvers.guards import ORDERS_WRITE, Info, root_field, writing_context
from schema.inputs.order import OrderShipInput
from schema.payloads import OrderPayload


@strawberry.type
class FulfilmentMutation:
    """Fulfilment of orders that the platform itself keeps."""

    @root_field(
        "Marks an order as shipped. CONFLICT unless its status is AWAITING_SHIPMENT."
        " Needs the scope orders:write."
    )
    async def order_ship(self, info: Info, input: OrderShipInput) -> OrderPayload | None:
        """Ship an order."""
        context = writing_context(info, ORDERS_WRITE)
        done = await context.services.fulfilment.ship(input, context.viewer, context.reading)
        return OrderPayload(order=done.value, user_errors=done.errors, warnings=done.warnings)

    @root_field(
        "Closes an order. CONFLICT if it is COMPLETED, CLOSED or IN_DISPUTE. From then"
        " on its status is CLOSED, whatever code the platform reports; see"
        " `platformStatus`. Needs the scope orders:write."
    )
    async def order_close(self, info: Info, id: strawberry.ID) -> OrderPayload | None:
        """Close an order."""
        context = writing_context(info, ORDERS_WRITE)
        done = await context.services.fulfilment.close(id, context.viewer, context.reading)
        return OrderPayload(order=done.value, user_errors=done.errors, warnings=done.warnings)
