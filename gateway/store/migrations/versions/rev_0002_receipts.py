"""What the ledger's transactions did under an idempotency key."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
#: Code of the revision before still works with the tables.
additive = True


def upgrade() -> None:
    """Adds the column; mutations already in progress have no receipts."""
    op.add_column("idempotency_keys", sa.Column("receipts", sa.LargeBinary(), nullable=True))
