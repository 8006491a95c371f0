"""Mutations that ship and close orders."""

import strawberry

from resolvers.guards import ORDERS_WRITE, Info, root_field, writing_context
from resolvers.mutations.orders import by_path, order_payload, orders_payload
from schema.inputs.order import OrderShipInput
from schema.payloads import OrderPayload, OrdersPayload


@strawberry.type
class FulfilmentMutation:
    """Fulfilment of orders, on every platform that knows it."""

    @root_field(
        "Ships an order, or with `correct` replaces the parcels of one that is SHIPPED. CONFLICT"
        " where its status does not allow it; in a status that the platform's manual does not"
        " explain (UNKNOWN), the platform decides. Needs the scope orders:write."
    )
    async def order_ship(self, info: Info, input: OrderShipInput) -> OrderPayload | None:
        """Ship an order."""
        context = writing_context(info, ORDERS_WRITE)
        (done,) = await context.services.fulfilment.ship(
            {(): input}, context.viewer, context.reading
        )
        return order_payload(done)

    @root_field(
        "Ships up to 100 orders, each with its own outcome, as `orderShip` does; more go by"
        " `bulkImport` (SHIPMENTS_IMPORT). Needs the scope orders:write."
    )
    async def orders_ship(self, info: Info, input: list[OrderShipInput]) -> OrdersPayload | None:
        """Ship orders."""
        context = writing_context(info, ORDERS_WRITE)
        done = await context.services.fulfilment.ship(
            by_path(input), context.viewer, context.reading
        )
        return orders_payload(done)

    @root_field(
        "Closes an order. CONFLICT if it is COMPLETED, CLOSED, REFUNDED, HIDDEN or IN_DISPUTE."
        " From then on its status is CLOSED, whatever code the platform reports; see"
        " `platformStatus`. Needs the scope orders:write."
    )
    async def order_close(self, info: Info, id: strawberry.ID) -> OrderPayload | None:
        """Close an order."""
        context = writing_context(info, ORDERS_WRITE)
        done = await context.services.fulfilment.close(id, context.viewer, context.reading)
        return order_payload(done)
