"""What is to become of the orders of an input, brought to the desk together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from gateway.outbox.desk import Answer, OrderDesk, Wish
from gateway.services.writing.receipts import OrderReceipt, OrdersReceipt, Path, order_receipt
from schema.key import Key
from schema.user_error import UserError


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A wish about one order, and where in the input it came from.

    Where the wish is about several things, the lists are filled while it is decided.
    """

    at: Path
    wish: Wish
    #: What is changed: the order, or after-sales of it.
    keys: list[Key]
    #: Refusals beside what is accepted.
    errors: list[UserError] = field(default_factory=list)


async def carried_out(
    desk: OrderDesk,
    tasks: Sequence[Task],
    arranged: Callable[[list[OrderReceipt]], list[OrderReceipt]],
) -> OrdersReceipt:
    """What became of the tasks; `arranged` adds what was refused before the desk was asked.

    Raises:
        StoreUnavailable | IdempotencyInProgress: nothing was accepted.
    """

    def receipt(answers: Sequence[Answer]) -> OrdersReceipt:
        told = [
            order_receipt(task.at, task.keys, answer, task.errors)
            for task, answer in zip(tasks, answers, strict=True)
        ]
        return OrdersReceipt(arranged(told))

    if not tasks:
        return receipt([])
    return receipt(await desk.carry_out([task.wish for task in tasks], receipt))
