"""The open ids behind blind indexes, sealed: another key can index them then."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
#: Code of the revision before still works with the tables.
additive = True


def upgrade() -> None:
    """Adds the columns; the open ids of existing rows are unknown."""
    for table in ("buyer_links", "order_changes"):
        op.add_column(table, sa.Column("open_id", sa.LargeBinary(), nullable=True))
