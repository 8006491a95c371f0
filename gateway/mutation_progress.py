"""Whether a mutation has begun to change something, told by whoever does it.

A mutation that may be repeated under its idempotency key is only forgotten where it certainly
changed nothing; so each step is told before it is taken, and taken back where it was none.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final, TypeAlias

#: Ids of pushes by the field of the payload that holds them.
PushIds: TypeAlias = Mapping[str, list[str]]


@dataclass(slots=True)
class MutationProgress:
    """One mutation's work; shared by all tasks that it starts."""

    #: How many steps were taken that may have changed something.
    steps: int = 0
    #: By the field's name in the answer: pushes that were told, and on their way.
    pushes: dict[str, PushIds] = field(default_factory=dict)
    #: An earlier run of this mutation ended nobody knows where: what the ledger does not tell of
    #: is not done again.
    lost: bool = False
    #: Some of the answer is an earlier run's.
    again: bool = False
    #: An earlier run left these pushes: nothing is done, and they are told as they are now.
    shown: Mapping[str, PushIds] | None = None


#: The work of the mutation that runs now; None where nobody asks.
WORK: Final[ContextVar[MutationProgress | None]] = ContextVar("work", default=None)


def begin_step() -> None:
    """Something may be changed from here on."""
    work = WORK.get()
    if work is not None:
        work.steps += 1


def undo_step() -> None:
    """The last step certainly changed nothing."""
    work = WORK.get()
    if work is not None:
        work.steps -= 1


@contextmanager
def working(work: MutationProgress) -> Iterator[None]:
    """Within the block, steps are counted for `work`."""
    token = WORK.set(work)
    try:
        yield
    finally:
        WORK.reset(token)
