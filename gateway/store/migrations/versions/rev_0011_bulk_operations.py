"""Bulk operations: imports and exports of whole files."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
additive = True

_PLAIN = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Adds the tables; there are no operations yet."""
    _operations()
    _pieces()
    _buyers()


def _operations() -> None:
    op.create_table(
        "bulk_operations",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", _PLAIN, nullable=False),
        sa.Column("state", _PLAIN, nullable=False),
        sa.Column("shop", _PLAIN, nullable=True),
        sa.Column("caller", _PLAIN, nullable=False),
        sa.Column("caller_id", _PLAIN, nullable=False),
        sa.Column("by_key", sa.Boolean(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("shops", sa.Text(), nullable=True),
        sa.Column("request", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("finished_at", sa.Double(), nullable=True),
        sa.Column("done", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("failed", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("cancel_requested", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("position", sa.Text(), nullable=True),
        sa.Column("pieces_in", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("pieces_out", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("result_bytes", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("keeps_file", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("keeps_result", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("served_at", sa.Double(), nullable=False),
        sa.Column("lease_owner", _PLAIN, nullable=True),
        sa.Column("lease_until", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_bulk_operations"),
    )
    for columns in (
        ["state", "served_at"],
        ["caller_id", "id"],
        ["finished_at"],
        ["keeps_file", "finished_at"],
        ["keeps_result", "finished_at"],
    ):
        op.create_index(f"ix_bulk_operations_{'_'.join(columns)}", "bulk_operations", columns)


def _pieces() -> None:
    op.create_table(
        "bulk_pieces",
        sa.Column("operation", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("direction", _PLAIN, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["operation"],
            ["bulk_operations.id"],
            name="fk_bulk_pieces_bulk_operations",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("operation", "direction", "number", name="pk_bulk_pieces"),
    )
    op.create_index("ix_bulk_pieces_written_at", "bulk_pieces", ["written_at"])


def _buyers() -> None:
    place = ["operation", "direction", "number"]
    op.create_table(
        "bulk_piece_buyers",
        sa.Column("buyer", sa.LargeBinary(), nullable=False),
        sa.Column("operation", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("direction", _PLAIN, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            place,
            [f"bulk_pieces.{name}" for name in place],
            name="fk_bulk_piece_buyers_bulk_pieces",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("buyer", *place, name="pk_bulk_piece_buyers"),
    )
    op.create_index("ix_bulk_piece_buyers_operation_direction_number", "bulk_piece_buyers", place)
