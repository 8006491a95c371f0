"""Personal data of outcomes, apart from them, with the buyers whom it concerns."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
#: Code of the revision before still works with the tables.
additive = True


def upgrade() -> None:
    """Adds the columns; existing outcomes stay whole until they are erased or expire."""
    op.add_column("idempotency_keys", sa.Column("personal", sa.LargeBinary(), nullable=True))
    op.add_column("idempotency_keys", sa.Column("buyers", sa.Text(), nullable=True))
