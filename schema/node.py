"""Relay's Node interface and PageInfo."""

import strawberry

from schema.declare import derived, described, public_interface, public_type
from schema.key import Key


@public_interface
class Node:
    """An object with an id of its own, which `node` can look up."""

    key: strawberry.Private[Key]

    @derived("An opaque, stable id: the same object has the same id in every query.")
    def id(self) -> strawberry.ID:
        """The encoded `key`."""
        return strawberry.ID(self.key.encode())


@public_type
class PageInfo:
    """The cursors and bounds of a page, as Relay defines them."""

    has_next_page: bool = described("Whether more entries follow `endCursor`.")
    has_previous_page: bool = described("Whether the page begins after a cursor.")
    start_cursor: str | None = described(
        "The cursor of the first entry; null if the page is empty.", default=None
    )
    end_cursor: str | None = described(
        "Pass as `after` to get the next page; null if the page is empty and nothing follows.",
        default=None,
    )
