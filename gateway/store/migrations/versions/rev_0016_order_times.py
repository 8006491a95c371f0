"""Times of orders that their platform does not report."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
#: Code of the revision before still works with the tables.
additive = True


def upgrade() -> None:
    """Adds the columns; no time before this is known."""
    for name in ("paid_at", "shipped_at", "changed_at"):
        op.add_column("order_overlays", sa.Column(name, sa.BigInteger(), nullable=True))
