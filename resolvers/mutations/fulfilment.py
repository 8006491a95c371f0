"""Mutations that ship, close and change orders which the platform keeps."""

import strawberry

from resolvers.guards import (
    ADDRESSES_REVEAL,
    ORDERS_WRITE,
    Info,
    context_for,
    root_field,
    writing_context,
)
from resolvers.mutations.orders import by_path, order_payload, orders_payload
from schema.inputs.order import OrderRepriceInput, OrderShipInput
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

    @root_field(
        "Lowers the prices of an order that is AWAITING_PAYMENT: those of whole lines, and the"
        " shipping fee. CONFLICT once it is paid or over. Needs the scope orders:write."
    )
    async def order_reprice(self, info: Info, input: OrderRepriceInput) -> OrderPayload | None:
        """Lower the prices of an order."""
        context = writing_context(info, ORDERS_WRITE)
        done = await context.services.fulfilment.reprice(input, context.viewer, context.reading)
        return order_payload(done)

    @root_field("Replaces the merchant's note on an order. Needs the scope orders:write.")
    async def order_set_note(self, info: Info, id: strawberry.ID, note: str) -> OrderPayload | None:
        """Replace the merchant's note."""
        context = writing_context(info, ORDERS_WRITE)
        done = await context.services.fulfilment.set_note(id, note, context.viewer, context.reading)
        return order_payload(done)

    @root_field(
        "Answers a buyer who asks for another address. CONFLICT if the buyer does not. Needs the"
        " scope orders:write."
    )
    async def order_answer_address_request(
        self, info: Info, id: strawberry.ID, *, accept: bool
    ) -> OrderPayload | None:
        """Answer a buyer's request for another address."""
        context = writing_context(info, ORDERS_WRITE)
        done = await context.services.fulfilment.answer_address_request(
            id, context.viewer, context.reading, accept=accept
        )
        return order_payload(done)

    @root_field(
        "Asks the platform for the whole shipping address of an order, which stands in this answer"
        " alone, for keys with pii:read: it is kept nowhere, and a repetition under the same"
        " Idempotency-Key asks the platform again. The platform counts each order once a day; the"
        " audit log has each request. Needs the scope pii:reveal."
    )
    async def order_reveal_address(self, info: Info, id: strawberry.ID) -> OrderPayload | None:
        """Ask for the whole address of an order."""
        context = context_for(info, ADDRESSES_REVEAL)
        done = await context.services.fulfilment.reveal_address(id, context.viewer, context.reading)
        return order_payload(done)
