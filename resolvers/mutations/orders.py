"""Mutations of orders in shops that keep their own copy."""

from typing import TypeVar

import strawberry

from gateway.services.writing.orders import OrderResult
from resolvers.guards import ORDERS_WRITE, Info, root_field, writing_context
from schema.inputs.order import OrderImportInput, OrderStatusInput, OrderUpdateInput
from schema.payloads import DeletePayload, OrderPayload, OrdersPayload
from schema.push import PushState

T = TypeVar("T")


@strawberry.type
class OrderMutation:
    """Mutations of orders that are pushed to a platform."""

    @root_field(
        "Pushes an order to a shop that keeps its own copy (the shopping list, Baidu)."
        " CONFLICT if the id was imported before, unless `overwrite` is true. Needs the"
        " scope orders:write."
    )
    async def order_import(self, info: Info, input: OrderImportInput) -> OrderPayload | None:
        """Import one order."""
        context = writing_context(info, ORDERS_WRITE)
        (done,) = await context.services.order_writing.import_orders(
            {(): input}, context.viewer, context.reading
        )
        return order_payload(done)

    @root_field(
        "Imports up to 500 orders, each with its own outcome, in as many calls as the"
        " platform needs. Needs the scope orders:write."
    )
    async def orders_import(
        self, info: Info, input: list[OrderImportInput]
    ) -> OrdersPayload | None:
        """Import orders."""
        context = writing_context(info, ORDERS_WRITE)
        given = by_path(input)
        done = await context.services.order_writing.import_orders(
            given, context.viewer, context.reading
        )
        return orders_payload(done)

    @root_field(
        "Updates an order and pushes it to the platform; omitted fields stay unchanged."
        " Needs the scope orders:write."
    )
    async def order_update(self, info: Info, input: OrderUpdateInput) -> OrderPayload | None:
        """Update an order."""
        context = writing_context(info, ORDERS_WRITE)
        return order_payload(
            await context.services.order_writing.update(input, context.viewer, context.reading)
        )

    @root_field(
        "Sets the status of up to 500 orders, each with its own outcome. Needs the"
        " scope orders:write."
    )
    async def order_set_status(
        self, info: Info, input: list[OrderStatusInput]
    ) -> OrdersPayload | None:
        """Set the status of orders."""
        context = writing_context(info, ORDERS_WRITE)
        given = by_path(input)
        done = await context.services.order_writing.set_status(
            given, context.viewer, context.reading
        )
        return orders_payload(done)

    @root_field(
        "Deletes an order. Baidu cannot delete orders: there it becomes HIDDEN. Needs"
        " the scope orders:write."
    )
    async def order_delete(self, info: Info, id: strawberry.ID) -> DeletePayload | None:
        """Delete an order."""
        context = writing_context(info, ORDERS_WRITE)
        done = await context.services.order_writing.delete(id, context.viewer, context.reading)
        gone = done.push is not None and done.push.state in {
            PushState.DELIVERED,
            PushState.PENDING,
            PushState.SUPERSEDED,
        }
        return DeletePayload(deleted_id=id if gone else None, user_errors=done.errors)


def by_path(given: list[T]) -> dict[tuple[str, ...], T]:
    """The entries of a list by their path in the input."""
    return {(str(place),): one for place, one in enumerate(given)}


def order_payload(done: OrderResult) -> OrderPayload:
    """The payload of one order's change."""
    return OrderPayload(
        order=done.order, push=done.push, user_errors=done.errors, warnings=done.warnings
    )


def orders_payload(done: list[OrderResult]) -> OrdersPayload:
    """The payload of several orders' changes."""
    return OrdersPayload(
        orders=[one.order for one in done if one.order is not None],
        pushes=[one.push for one in done if one.push is not None],
        user_errors=[error for one in done for error in one.errors],
        warnings=[warning for one in done for warning in one.warnings],
    )
