"""What connections share: the cursors of a page, and what each shop contributed."""

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
    """How a shop's entries of a list were obtained."""

    LIVE = means("LIVE", "Read from the platform now, or from the gateway's own store.")
    CACHED = means("CACHED", "Read from the gateway's cache, still fresh.")
    STALE = means("STALE", "The platform failed, and an older cached answer is shown; see `error`.")
    INDEXED = means(
        "INDEXED",
        "Read from the gateway's index of what the platforms reported, in step as of `fetchedAt`.",
    )
    FAILED = means("FAILED", "The platform failed, and there is no cached answer; see `error`.")
    SKIPPED = means(
        "SKIPPED", "Not queried: the platform has no such list, or all of its entries were shown."
    )


@public_type
class Source:
    """What one shop contributed to a list.

    If a platform fails, the other shops' entries are still returned.
    """

    shop: Shop = described("The shop.")
    state: SourceState = described("How its entries were obtained.")
    fetched_at: DateTime | None = described(
        "When its entries were read from the platform, or the index was last in step with it; null"
        " if they were not.",
        default=None,
    )
    count: int = described("The number of entries on this page that belong to the shop.")
    error: PlatformError | None = described(
        "Why the platform failed; null if it did not.", default=None
    )
    unreadable: int = described(
        "Entries that the platform sent and that could not be read; they are left out of the list,"
        " never the rest with them.",
        default=0,
    )
    complete_from: DateTime | None = described(
        "If INDEXED: every entry created at or after this time is in the index; null: every entry"
        " that there is.",
        default=None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursors:
    """Makes the cursors of one page.

    `at(i)` is the cursor after entry `i`. `resume` is the end cursor of an empty page that is
    not the last: a shop that failed keeps its position in it.
    """

    at: Callable[[int], str]
    has_next_page: bool
    has_previous_page: bool
    resume: str | None = None

    def page_info(self, count: int) -> PageInfo:
        """The page info of a page of `count` entries."""
        return PageInfo(
            has_next_page=self.has_next_page,
            has_previous_page=self.has_previous_page,
            start_cursor=self.at(0) if count else None,
            end_cursor=self.at(count - 1) if count else self.resume,
        )
