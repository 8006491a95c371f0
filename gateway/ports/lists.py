"""Options of reads, and pages of lists."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

import msgspec

from gateway.errors import PlatformFailure
from schema.connection import SourceState

T = TypeVar("T")


class ReadOptions(msgspec.Struct, frozen=True):
    """Options of a read.

    `fresh` bypasses the cache; with `strict` no older answer replaces a failure, as reads before a
    change need. `deadline` is a time on the gateway's monotonic clock, None for only the configured
    read timeout. At `list_deadline` a list over several shops returns what it has, None for only
    its own limit. `probe_seconds` is how long a call waits for a platform that has stopped
    answering, and is being probed; None: as long as for any other. `indexed`: no platform is asked,
    and what the ledger lacks comes from the index.
    """

    fresh: bool = False
    deadline: float | None = None
    strict: bool = False
    list_deadline: float | None = None
    probe_seconds: float | None = None
    indexed: bool = False


class Position(NamedTuple):
    """A position in a list, newest first.

    `at` is the creation time in unix seconds; things of the same second follow one another by
    descending platform id.
    """

    at: int
    platform_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """The source of an answer; `error` says why a stale one was used.

    `unreadable`: how many unreadable entries were dropped. `complete_from`: of the index, since
    when everything is in it; None: everything is.
    """

    state: SourceState = SourceState.LIVE
    fetched_at: datetime | None = None
    error: PlatformFailure | None = None
    unreadable: int = 0
    complete_from: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """One shop's part of a list, in the list's order.

    `more`: whether anything follows `items`. `total` counts the whole range, None unless
    all of it was read.
    """

    items: Sequence[T]
    more: bool
    total: int | None = None
    #: What had to be read besides: the index keeps that too.
    read_besides: Sequence[T] = ()
    provenance: Provenance = field(default_factory=Provenance)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteList(Generic[T]):
    """A complete short list, in the list's order."""

    items: Sequence[T]
    provenance: Provenance = field(default_factory=Provenance)
