"""Dead letters among the events of platforms."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
#: Code of the revision before still works with the tables.
additive = True

_PLAIN = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Adds the columns and their index; no existing event is a dead letter."""
    op.add_column("inbox_events", sa.Column("reason", _PLAIN, nullable=True))
    op.add_column("inbox_events", sa.Column("dead_at", sa.Double(), nullable=True))
    op.create_index(
        "ix_inbox_events_shop_state_dead_at", "inbox_events", ["shop", "state", "dead_at"]
    )
