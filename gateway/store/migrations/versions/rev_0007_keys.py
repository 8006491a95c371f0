"""Last uses of API keys, and what they refund a day."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
#: Code of the revision before still works with the tables.
additive = True

_PLAIN = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Adds the tables; no use before this is known."""
    op.create_table(
        "key_uses",
        sa.Column("key_id", _PLAIN, nullable=False),
        sa.Column("last_used_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name="pk_key_uses"),
    )
    op.create_table(
        "refund_totals",
        sa.Column("key_name", _PLAIN, nullable=False),
        sa.Column("day", _PLAIN, nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key_name", "day", name="pk_refund_totals"),
    )
