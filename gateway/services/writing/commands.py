"""What is to become of the orders of an input, brought to the intake together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from gateway.outbox.intake import Command, IntakeResult, OrderIntake
from gateway.services.writing.receipts import OrderReceipt, OrdersReceipt, Path, order_receipt
from schema.errors import UserError
from schema.key import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandAt:
    """A command about one order, and where in the input it came from.

    Where the command is about several things, the lists are filled while it is decided.
    """

    at: Path
    command: Command
    #: What is changed: the order, or after-sales of it.
    keys: list[Key]
    #: Refusals beside what is accepted.
    errors: list[UserError] = field(default_factory=list)


async def carry_out_commands(
    intake: OrderIntake,
    tasks: Sequence[CommandAt],
    arranged: Callable[[list[OrderReceipt]], list[OrderReceipt]],
) -> OrdersReceipt:
    """What became of the tasks; `arranged` adds what was refused before the intake was asked.

    Raises:
        StoreUnavailable | IdempotencyInProgress: nothing was accepted.
    """

    def receipt(answers: Sequence[IntakeResult]) -> OrdersReceipt:
        told = [
            order_receipt(task.at, task.keys, answer, task.errors)
            for task, answer in zip(tasks, answers, strict=True)
        ]
        return OrdersReceipt(arranged(told))

    if not tasks:
        return receipt([])
    return receipt(await intake.carry_out([task.command for task in tasks], receipt))
