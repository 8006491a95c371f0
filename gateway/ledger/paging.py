"""Ranges and pages of the ledger: what a query of a port means to the store, and its answer."""

import math
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from enum import Enum
from typing import TypeVar

from gateway.ports import Page, Provenance


def first_second(moment: datetime | None) -> int | None:
    """The first whole second that is not before the moment."""
    return None if moment is None else math.ceil(moment.timestamp())


def last_second(moment: datetime | None) -> int | None:
    """The last whole second that is before the moment: the end of a range is not in it."""
    return None if moment is None else math.ceil(moment.timestamp()) - 1


def names(members: Collection[Enum] | None) -> list[str] | None:
    """The names by which the ledger knows the members; None means any."""
    return None if members is None else sorted(one.name for one in members)


T = TypeVar("T")

#: The time now, aware, in UTC.
Now = Callable[[], datetime]


def ledger_page(found: Sequence[T], first: int, *, begun: bool, now: Now) -> Page[T]:
    """A page of at most `first`, where up to one more was read to see whether any follows.

    `begun` says that the page starts behind a position: then it cannot be the whole list.
    """
    more = len(found) > first
    return Page(
        items=found[:first],
        more=more,
        total=None if more or begun else len(found),
        provenance=Provenance(fetched_at=now()),
    )
