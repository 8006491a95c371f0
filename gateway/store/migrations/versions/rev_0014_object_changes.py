"""Changes of other objects than orders; what changes tell; what pushes sent, and for whom."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
#: Code of the revision before still works with the tables.
additive = True

_PLAIN = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Adds tables and columns; of earlier changes and pushes they say nothing."""
    op.add_column("order_changes", sa.Column("platform_status", _PLAIN, nullable=True))
    op.add_column("order_changes", sa.Column("paid_at", sa.BigInteger(), nullable=True))
    op.add_column("order_changes", sa.Column("shipment", sa.Text(), nullable=True))
    op.add_column("pushes", sa.Column("queued_by", _PLAIN, nullable=True))
    _object_changes()
    _push_exchanges()


def _object_changes() -> None:
    op.create_table(
        "object_changes",
        sa.Column("cursor", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", _PLAIN, nullable=False),
        sa.Column("shop", _PLAIN, nullable=False),
        sa.Column("platform_id", _PLAIN, nullable=False),
        sa.Column("order_id", _PLAIN, nullable=True),
        sa.Column("status", _PLAIN, nullable=True),
        sa.Column("previous_status", _PLAIN, nullable=True),
        sa.Column("cause", _PLAIN, nullable=False),
        sa.Column("written_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("cursor", name="pk_object_changes"),
    )
    op.create_index("ix_object_changes_written_at", "object_changes", ["written_at"])


def _push_exchanges() -> None:
    op.create_table(
        "push_exchanges",
        sa.Column("push", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("shop", _PLAIN, nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("response", sa.LargeBinary(), nullable=True),
        sa.Column("written_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("push", name="pk_push_exchanges"),
    )
    op.create_index("ix_push_exchanges_written_at", "push_exchanges", ["written_at"])
