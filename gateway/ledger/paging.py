"""Pages of what the ledger holds: always of now."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from gateway.ports import Page, Provenance

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
