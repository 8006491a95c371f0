"""What connections share: the source of each shop's part, and the cursors of a page."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from schema.declare import described, means, public_enum, public_type
from schema.errors import PlatformError
from schema.node import PageInfo
from schema.scalars import DateTime
from schema.shop import Shop


@public_enum
class SourceState(Enum):
    """How a shop's part of a list came about."""

    LIVE = means("LIVE", "Read from the platform now, or from the gateway's own store.")
    CACHED = means("CACHED", "Read from the platform a moment ago.")
    STALE = means("STALE", "An old answer stands in for a platform that failed; `error` says why.")
    FAILED = means("FAILED", "Nothing came; `error` says why.")
    SKIPPED = means("SKIPPED", "Not asked: its platform has no such list, or has shown all of it.")


@public_type
class Source:
    """How one shop contributed to a list: an outage never hides the other shops' answers."""

    shop: Shop = described("The shop.")
    state: SourceState = described("How it contributed.")
    fetched_at: DateTime | None = described(
        "When its answer was read; null where none was.", default=None
    )
    count: int = described("How many entries of this page are its own.")
    error: PlatformError | None = described(
        "Why it failed, or why an old answer stands in.", default=None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursors:
    """Makes a page's cursors.

    `at(i)` is the cursor behind entry `i`. `resume` is the cursor of a page that shows nothing
    but has not come to the end: a shop that failed keeps its place there.
    """

    at: Callable[[int], str]
    has_next_page: bool
    has_previous_page: bool
    resume: str | None = None

    def page_info(self, count: int) -> PageInfo:
        """Relay's page info for a page of `count` entries."""
        return PageInfo(
            has_next_page=self.has_next_page,
            has_previous_page=self.has_previous_page,
            start_cursor=self.at(0) if count else None,
            end_cursor=self.at(count - 1) if count else self.resume,
        )
