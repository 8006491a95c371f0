"""Bulk operations: imports and exports of whole files, done in the background."""

from enum import Enum

import strawberry

from schema.connection import Cursors
from schema.declare import derived, described, means, public_enum, public_type
from schema.errors import UserError
from schema.node import Node, PageInfo
from schema.scalars import BigInt, DateTime


@public_enum
class BulkState(Enum):
    """The state of a bulk operation."""

    WAITING = means("WAITING", "Accepted; the gateway has not begun yet.")
    RUNNING = means("RUNNING", "In progress; it continues after a restart where it stopped.")
    DONE = means("DONE", "All lines were processed; some may have been refused.")
    FAILED = means("FAILED", "It ended early; see `error`. What was done before stays done.")
    CANCELLED = means("CANCELLED", "Cancelled by `bulkCancel`. What was done before stays done.")


@public_enum
class BulkKind(Enum):
    """What a bulk operation imports or exports."""

    ORDERS_EXPORT = means("ORDERS_EXPORT", "Exports orders.")
    PRODUCTS_EXPORT = means("PRODUCTS_EXPORT", "Exports products.")
    AFTER_SALES_EXPORT = means("AFTER_SALES_EXPORT", "Exports after-sales.")
    CHANGES_EXPORT = means("CHANGES_EXPORT", "Exports changes of orders.")
    ORDERS_IMPORT = means(
        "ORDERS_IMPORT", "Imports orders into a shop that keeps its own copy of them."
    )
    SHIPMENTS_IMPORT = means("SHIPMENTS_IMPORT", "Ships orders.")


@public_type
class BulkOperation(Node):
    """Work on a whole file of JSON lines.

    It runs in the background, survives restarts of the gateway, and is listed to the API key that
    asked for it, and to keys of all shops with the scope ops:read.
    """

    kind: BulkKind = described("What it does.")
    state: BulkState = described("Its current state.")
    created_at: DateTime = described("When it was accepted; of an import, with its whole file.")
    finished_at: DateTime | None = described("When it ended; null until then.", default=None)
    done: int = described("Lines processed so far, without those that were refused.")
    failed: int = described(
        "Lines of an import refused so far, each with its reason in the result; objects of an"
        " export with fields that cannot be decrypted, which are null."
    )
    total: int | None = described("Lines in all; null while that is unknown.", default=None)
    result_url: str | None = described(
        "Where to get the result with the same API key: JSON lines, compressed with gzip on"
        " request. Null until it has ended, and once the result was deleted after"
        " `store.bulk_days`. The result of an import is the lines that were refused: `line`,"
        " `platformId`, `code`, `message` and `path`.",
        default=None,
    )
    result_bytes: BigInt | None = described(
        "The size of the result, uncompressed; null if there is none.", default=None
    )
    error: str | None = described(
        "Why it failed as a whole, and what to do; of an export that is done, which shops it had to"
        " leave out. Null otherwise.",
        default=None,
    )


@public_type
class BulkOperationEdge:
    """An entry of a bulk operation connection."""

    cursor: str = described("Pass as `after` to get the entries that follow.")
    node: BulkOperation = described("The entry.")


@public_type
class BulkOperationConnection:
    """One page of bulk operations."""

    cursors: strawberry.Private[Cursors]

    nodes: list[BulkOperation] = described("The entries of the page, without their cursors.")
    total_count: int | None = described(
        "The total number of entries; null unless the whole range was read.", default=None
    )

    @derived("The entries of the page, with their cursors.")
    def edges(self) -> list[BulkOperationEdge]:
        """Each node with the cursor that follows it."""
        return [
            BulkOperationEdge(node=node, cursor=self.cursors.at(i))
            for i, node in enumerate(self.nodes)
        ]

    @derived("The cursors and bounds of this page.")
    def page_info(self) -> PageInfo:
        """The cursors and bounds of this page."""
        return self.cursors.page_info(len(self.nodes))


@public_type
class BulkOperationPayload:
    """The result of a change to a bulk operation."""

    operation: BulkOperation | None = described(
        "The operation; null if nothing was changed.", default=None
    )
    user_errors: list[UserError] = described("Errors that the caller can fix; empty on success.")
