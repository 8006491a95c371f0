"""Mutation progress: whether a mutation may have changed something.

The outcome of a mutation is stored under its idempotency key unless it certainly changed nothing.
So each step is recorded before it is taken, and undone if it changed nothing.
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
    """Progress of one mutation, shared by all tasks that it starts."""

    #: Number of steps that may have changed something.
    steps: int = 0
    #: By response key: pushes in the response that are not delivered yet.
    pushes: dict[str, PushIds] = field(default_factory=dict)
    #: An earlier run was interrupted at an unknown point: what the ledger has no record of is not
    #: done again.
    lost: bool = False
    #: Part of the response is an earlier run's.
    again: bool = False
    #: Pushes of an earlier run: nothing is done, and their current state is returned.
    shown: Mapping[str, PushIds] | None = None


#: Progress of the running mutation; None outside of one.
WORK: Final[ContextVar[MutationProgress | None]] = ContextVar("work", default=None)


def begin_step() -> None:
    """Record that a step which may change something begins."""
    work = WORK.get()
    if work is not None:
        work.steps += 1


def undo_step() -> None:
    """Record that the last step changed nothing."""
    work = WORK.get()
    if work is not None:
        work.steps -= 1


@contextmanager
def working(work: MutationProgress) -> Iterator[None]:
    """In the context, steps are counted for `work`."""
    token = WORK.set(work)
    try:
        yield
    finally:
        WORK.reset(token)
