"""Which recorded statuses of orders a change of the feed has announced."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
#: Code of the revision before still works with the tables.
additive = True


def upgrade() -> None:
    """Adds the column; the existing statuses count as announced."""
    op.add_column(
        "order_overlays",
        sa.Column("told", sa.Boolean(), server_default=sa.true(), nullable=False),
    )
