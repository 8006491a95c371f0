"""The cursors of one page, made only where they are asked for."""

from collections.abc import Callable
from dataclasses import dataclass

from schema.node import PageInfo


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
