"""The integrators' own keys and values of orders and products."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
#: Code of the revision before still works with the tables.
additive = True

_PLAIN = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Adds the table."""
    op.create_table(
        "metadata_items",
        sa.Column("kind", _PLAIN, nullable=False),
        sa.Column("shop", _PLAIN, nullable=False),
        sa.Column("platform_id", _PLAIN, nullable=False),
        sa.Column("part", _PLAIN, nullable=False),
        sa.Column("key", _PLAIN, nullable=False),
        sa.Column("value", _PLAIN, nullable=False),
        sa.Column("buyer", sa.LargeBinary(), nullable=True),
        sa.Column("open_id", sa.LargeBinary(), nullable=True),
        sa.Column("written_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint(
            "kind", "shop", "platform_id", "part", "key", name="pk_metadata_items"
        ),
    )
