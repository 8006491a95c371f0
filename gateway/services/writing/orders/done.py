"""What became of orders, told with the orders and their pushes as they are now."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.ports import ReadOptions
from gateway.services.orders import OrderService
from gateway.services.pushes import PushService
from gateway.services.viewer import Viewer
from gateway.services.writing.order_pushes import order_pushes
from gateway.services.writing.push_errors import push_errors
from gateway.services.writing.receipts import OrderReceipt, user_errors
from schema.errors import UserError
from schema.order import Order
from schema.push import Push


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDone:
    """What became of one order; without it where nothing was done."""

    order: Order | None = None
    push: Push | None = None
    errors: list[UserError] = field(default_factory=list)


async def orders_done(
    receipts: Sequence[OrderReceipt],
    orders: OrderService,
    pushes: PushService,
    viewer: Viewer,
    reading: ReadOptions,
) -> list[OrderDone]:
    """What each receipt tells of, in their order."""
    keys = [key for one in receipts for key in one.keys]
    found = dict(zip(keys, await orders.get_many(keys, viewer, reading), strict=True))
    pushed = await order_pushes(receipts, pushes, viewer)
    done = []
    for one in receipts:
        order = found.get(one.keys[0]) if one.keys else None
        push = pushed.get(str(one.push_id))
        done.append(
            OrderDone(
                order=None if isinstance(order, Exception) else order,
                push=push,
                errors=[*user_errors(one.refusals), *push_errors(push, one.at)],
            )
        )
    return done
