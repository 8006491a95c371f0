"""The tables of bulk operations: imports and exports, their files, and whose data is in these.

The ledger's kinds of columns and times are used (see `gateway.store.tables`).
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Table,
    Text,
    false,
    text,
)

from gateway.store.tables import PlainText, partial_index
from gateway.store.tables import metadata as metadata  # noqa: PLC0414 - with these tables in it

#: Of `bulk_operations`.
HAS_REQUEST: Final = text("request IS NOT NULL")

#: Work on whole files of JSON lines: imports and exports.
bulk_operations = Table(
    "bulk_operations",
    metadata,
    #: From `counters`.
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    #: A BulkKind.
    Column("kind", PlainText, nullable=False),
    #: A BulkState, or RECEIVING: the file is on its way, and nobody sees the operation.
    Column("state", PlainText, nullable=False),
    #: The shop of an import; null: several shops.
    Column("shop", PlainText),
    #: The name and the id of the API key that asked for it.
    Column("caller", PlainText, nullable=False),
    Column("caller_id", PlainText, nullable=False),
    #: Whether the caller is in the keys file, and its rights are read from there meanwhile.
    Column("by_key", Boolean, nullable=False),
    #: The caller's scopes and shops at the beginning, as JSON lists; shops null: all.
    Column("scopes", Text, nullable=False),
    Column("shops", Text),
    #: Sealed; the selection and filters of an export. Null once it has ended.
    Column("request", LargeBinary),
    Column("created_at", Double, nullable=False),
    Column("finished_at", Double),
    Column("done", BigInteger, nullable=False, server_default=text("0")),
    Column("failed", BigInteger, nullable=False, server_default=text("0")),
    Column("total", BigInteger),
    #: Without personal data.
    Column("error", Text),
    Column("cancel_requested", Boolean, nullable=False, server_default=false()),
    #: Where the work continues, in words of its kind; null: at the beginning.
    Column("position", Text),
    #: How many pieces each direction has had, and the bytes of the result.
    Column("pieces_in", BigInteger, nullable=False, server_default=text("0")),
    Column("pieces_out", BigInteger, nullable=False, server_default=text("0")),
    Column("result_bytes", BigInteger, nullable=False, server_default=text("0")),
    #: Whether there may be pieces of the file, and of the result.
    Column("keeps_file", Boolean, nullable=False, server_default=false()),
    Column("keeps_result", Boolean, nullable=False, server_default=false()),
    #: When a slice of it was done last: operations take turns.
    Column("served_at", Double, nullable=False),
    Column("lease_owner", PlainText),
    Column("lease_until", Double),
    Index(None, "state", "served_at"),
    Index(None, "caller_id", "id"),
    Index(None, "finished_at"),
    Index(None, "keeps_file", "finished_at"),
    Index(None, "keeps_result", "finished_at"),
    partial_index("ix_bulk_operations_request", "created_at", where=HAS_REQUEST),
)

#: The file of an import (IN) and the result of an operation (OUT), in pieces of whole lines.
bulk_pieces = Table(
    "bulk_pieces",
    metadata,
    Column("operation", BigInteger, primary_key=True, autoincrement=False),
    Column("direction", PlainText, primary_key=True),
    #: From 0.
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("lines", BigInteger, nullable=False),
    #: Of the lines as the caller sees them, each with its end.
    Column("bytes", BigInteger, nullable=False),
    #: Sealed: a `PieceContent`.
    Column("content", LargeBinary, nullable=False),
    Column("written_at", Double, nullable=False),
    ForeignKeyConstraint(["operation"], ["bulk_operations.id"], ondelete="CASCADE"),
    Index(None, "written_at"),
)

#: Whose data is in which pieces.
bulk_piece_buyers = Table(
    "bulk_piece_buyers",
    metadata,
    #: A blind index of the shop and the buyer's id, as in `orders`.
    Column("buyer", LargeBinary, primary_key=True),
    Column("operation", BigInteger, primary_key=True, autoincrement=False),
    Column("direction", PlainText, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    ForeignKeyConstraint(
        ["operation", "direction", "number"],
        ["bulk_pieces.operation", "bulk_pieces.direction", "bulk_pieces.number"],
        ondelete="CASCADE",
    ),
    Index(None, "operation", "direction", "number"),
)
