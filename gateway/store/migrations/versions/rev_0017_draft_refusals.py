"""Why the drafts of products were refused."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
#: Code of the revision before still works with the tables.
additive = True


def upgrade() -> None:
    """Adds the columns; no refusal before this is known."""
    op.add_column("index_products", sa.Column("draft_refusal", sa.Text(), nullable=True))
    op.add_column("index_products", sa.Column("draft_refused_at", sa.BigInteger(), nullable=True))
