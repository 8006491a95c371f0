"""What every object with an id of its own shares."""

import strawberry

from schema.declare import derived, described, public_interface, public_type
from schema.key import Key


@public_interface
class Node:
    """Anything that has an id of its own and can be asked for by it."""

    key: strawberry.Private[Key]

    @derived("Opaque and stable: the same thing has the same id from every query.")
    def id(self) -> strawberry.ID:
        """The public form of `key`."""
        return strawberry.ID(self.key.encode())


@public_type
class PageInfo:
    """Where a page of a list begins and ends, after Relay."""

    has_next_page: bool = described("Whether more follows behind `endCursor`.")
    has_previous_page: bool = described("Whether this page began behind a cursor.")
    start_cursor: str | None = described(
        "The cursor of the page's first entry; null where the page is empty.", default=None
    )
    end_cursor: str | None = described(
        "Give it as `after` to read on; null where the page is empty and nothing follows.",
        default=None,
    )
