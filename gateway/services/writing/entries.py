"""The entries of a mutation's input about orders: a command each, or why it was refused."""

from collections.abc import Iterator
from contextlib import contextmanager

from gateway.outbox.command import Command
from gateway.outbox.outcomes import OrderOutcome
from gateway.ports.writing.problems import InputRefused, Path
from schema.errors import ErrorCode


class OrderEntries(list[Command | OrderOutcome]):
    """In input order, as `OrderIntake.carry_out` takes them."""

    def __init__(self) -> None:
        super().__init__()
        #: Shops and platform ids of the commands' orders.
        self._orders: set[tuple[str, str]] = set()

    @contextmanager
    def reading(self, at: Path) -> Iterator[None]:
        """A block that reads the entry at this path; a refusal becomes its outcome."""
        try:
            yield
        except InputRefused as refused:
            self.append(OrderOutcome.refused(at, refused.errors))

    def add(self, command: Command) -> None:
        """Adds the command of an entry.

        Raises:
            InputRefused: CONFLICT, an earlier entry is about the same order.
        """
        order = command.shop, command.platform_id
        if order in self._orders:
            message = "An earlier entry is about the same order."
            raise InputRefused.of(ErrorCode.CONFLICT, message, *command.at)
        self._orders.add(order)
        self.append(command)
