"""How a read is wanted, and what lists answer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

import msgspec

from gateway.errors import PlatformFailure
from schema.connection import SourceState

T = TypeVar("T")


class ReadOptions(msgspec.Struct, frozen=True):
    """How a read is wanted.

    `fresh` asks the platform itself, whatever is cached; with `strict` no older answer is used
    where that fails, as what a change builds on needs. `deadline` is a moment on the gateway's
    monotonic clock, None for the configured read timeout alone; by `list_deadline`, another, a
    list over several shops answers with what it has, None for its own bound alone.
    """

    fresh: bool = False
    deadline: float | None = None
    strict: bool = False
    list_deadline: float | None = None


class Position(NamedTuple):
    """A place in a list that runs from the newest backwards.

    `at` is the creation time in unix seconds; things of the same second follow one another by
    descending platform id.
    """

    at: int
    platform_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where an answer came from; `error` says why a stale one was used.

    `unreadable`: how many entries the platform sent that could not be read, and are left out.
    """

    state: SourceState = SourceState.LIVE
    fetched_at: datetime | None = None
    error: PlatformFailure | None = None
    unreadable: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """One shop's part of a list, in the list's order.

    `more`: whether anything follows `items`. `total` counts the whole range, None unless
    all of it was read.
    """

    items: Sequence[T]
    more: bool
    total: int | None = None
    provenance: Provenance = field(default_factory=Provenance)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteList(Generic[T]):
    """All there is of something small, in the list's order."""

    items: Sequence[T]
    provenance: Provenance = field(default_factory=Provenance)
