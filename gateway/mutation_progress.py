"""Mutation progress: whether a mutation may have changed something.

The outcome of a mutation is stored under its idempotency key unless it certainly changed nothing.
So each step is recorded before it is taken, and undone if it changed nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final, TypeAlias

#: Ids of pushes by the field of the payload that holds them.
PushIds: TypeAlias = Mapping[str, list[str]]


@dataclass(slots=True)
class FieldAccess:
    """What the caller had to hold and see for one root field of a mutation."""

    scopes: set[str] = field(default_factory=set)
    shops: set[str] = field(default_factory=set)


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
    #: Response keys of root fields that a repetition runs again, in place of an outcome: what they
    #: show is not kept.
    not_kept: set[str] = field(default_factory=set)
    #: The response key of the current root field.
    place: str = ""
    #: By response key: what the caller had to hold and see.
    access: dict[str, FieldAccess] = field(default_factory=dict)
    #: Shops and ids of the buyers whose data the response may hold.
    buyers: set[tuple[str, str]] = field(default_factory=set)

    def replays(self, place: str) -> bool:
        """Whether this root field shows what an earlier run did, and does nothing."""
        return self.shown is not None and place not in self.not_kept

    def access_here(self) -> FieldAccess:
        """The access of the current root field."""
        return self.access.setdefault(self.place, FieldAccess())


#: The answer where an earlier run may have done it.
LOST_BEFORE: Final = (
    "The gateway was interrupted during this mutation: it may or may not have taken effect, and is"
    " not repeated. Check the objects it changes before you send it under another idempotency key."
)

#: Progress of the running mutation; None outside of one.
WORK: Final[ContextVar[MutationProgress | None]] = ContextVar("work", default=None)

_QUEUED_BY: Final[ContextVar[str | None]] = ContextVar("queued_by", default=None)


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


def keep_nothing() -> None:
    """Record that nothing of what the current root field shows may be kept with the outcome."""
    work = WORK.get()
    if work is not None:
        work.not_kept.add(work.place)


def lost_before() -> bool:
    """Whether an earlier run was interrupted, and may have done what leaves no record.

    What it may have done is not done again: the caller answers with `LOST_BEFORE`.
    """
    work = WORK.get()
    if work is None or not work.lost:
        return False
    work.again = True
    return True


def note_scopes(scopes: Iterable[str]) -> None:
    """Record that the caller had to hold these scopes."""
    work = WORK.get()
    if work is not None:
        work.access_here().scopes.update(scopes)


def note_shop(shop: str) -> None:
    """Record that the caller had to see this shop."""
    work = WORK.get()
    if work is not None:
        work.access_here().shops.add(shop)


def note_buyer(shop: str, buyer_id: str | None) -> None:
    """Record that the response may hold data of this buyer; None: of nobody who is known."""
    work = WORK.get()
    if work is not None and buyer_id:
        work.buyers.add((shop, buyer_id))


@contextmanager
def queueing_for(name: str) -> Iterator[None]:
    """In the context, pushes are queued in this name: of an API key, or of a mirror."""
    token = _QUEUED_BY.set(name)
    try:
        yield
    finally:
        _QUEUED_BY.reset(token)


def queued_by() -> str | None:
    """In whose name pushes are queued; None: in nobody's."""
    return _QUEUED_BY.get()


@contextmanager
def working(work: MutationProgress) -> Iterator[None]:
    """In the context, steps are counted for `work`."""
    token = WORK.set(work)
    try:
        yield
    finally:
        WORK.reset(token)
