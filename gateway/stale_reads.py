"""What was read from an older copy, because the platform that was asked had failed."""

from collections.abc import Awaitable, Hashable, Iterable
from contextvars import ContextVar, Token
from datetime import datetime
from types import TracebackType
from typing import Final, NamedTuple, Self, TypeVar

from gateway.errors import PlatformFailure

T = TypeVar("T")


class StaleRead(NamedTuple):
    """A copy that stood in for an answer: whose, when the platform gave it, and what failed."""

    shop: str
    #: Aware, in UTC.
    since: datetime
    error: PlatformFailure


class StaleReads:
    """Gathers the stale reads within `with`, also of tasks that are begun there.

    What is noted without a name is of all that is read within; with one, of what has that name.
    Nothing is passed on to the `with` around: whoever gathers notes there what it found, by the
    names that are known there.
    """

    __slots__ = ("_before", "_named", "_unnamed")

    def __init__(self) -> None:
        self._named: dict[Hashable, StaleRead] = {}
        self._unnamed: StaleRead | None = None
        self._before: Token[StaleReads | None] | None = None

    def __enter__(self) -> Self:
        self._before = _GATHERING.set(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._before is not None:
            _GATHERING.reset(self._before)

    def __bool__(self) -> bool:
        return self._unnamed is not None or bool(self._named)

    def add(self, read: StaleRead, name: Hashable | None = None) -> None:
        """Of several for the same name the oldest counts."""
        if name is None:
            self._unnamed = _older(self._unnamed, read)
        else:
            self._named[name] = _older(self._named.get(name), read)

    def of(self, name: Hashable) -> StaleRead | None:
        """The stale read that the thing of this name was made from, the oldest; None: none was."""
        named = self._named.get(name)
        if named is None:
            return self._unnamed
        return _older(self._unnamed, named)

    @property
    def oldest(self) -> StaleRead | None:
        """The oldest of all; None where nothing stale was read."""
        oldest = self._unnamed
        for read in self._named.values():
            oldest = _older(oldest, read)
        return oldest

    def note_as(self, names: Iterable[tuple[Hashable, Hashable]]) -> None:
        """Note in the `with` around what was gathered: pairs of a name here and the name there."""
        if not self:
            return
        for here, there in names:
            if (read := self.of(here)) is not None:
                note(read, there)


_GATHERING: Final[ContextVar[StaleReads | None]] = ContextVar("stale_reads", default=None)


def note(read: StaleRead, name: Hashable | None = None) -> None:
    """Something was read from an older copy."""
    gathering = _GATHERING.get()
    if gathering is not None:
        gathering.add(read, name)


async def named(name: Hashable | None, work: Awaitable[T]) -> T:
    """What `work` gives; what it reads from older copies is noted as one thing of this name."""
    with StaleReads() as gathered:
        value = await work
    if (read := gathered.oldest) is not None:
        note(read, name)
    return value


def _older(one: StaleRead | None, other: StaleRead) -> StaleRead:
    return other if one is None or other.since < one.since else one
