"""Webhooks: endpoints of integrators, and what is delivered to them."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
#: Code of the revision before does not read these tables.
additive = True

_PLAIN = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_COUNTED = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_PENDING = sa.text("state = 'PENDING'")


def upgrade() -> None:
    """Adds the tables; there are no endpoints yet."""
    op.create_table(
        "webhook_endpoints",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("topics", sa.Text(), nullable=False),
        sa.Column("shops", sa.Text(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("disabled_reason", sa.Text(), nullable=True),
        sa.Column("key_name", _PLAIN, nullable=False),
        sa.Column("key_id", _PLAIN, nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("previous_secret", sa.LargeBinary(), nullable=True),
        sa.Column("previous_until", sa.Double(), nullable=True),
        sa.Column("order_cursor", sa.BigInteger(), nullable=False),
        sa.Column("object_cursor", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", sa.Double(), nullable=False),
        sa.Column("failing_since", sa.Double(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_endpoints"),
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", _COUNTED, nullable=False),
        sa.Column("endpoint", sa.BigInteger(), nullable=False),
        sa.Column("subject", _PLAIN, nullable=True),
        sa.Column("topic", _PLAIN, nullable=False),
        sa.Column("shop", _PLAIN, nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", _PLAIN, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("queued_at", sa.Double(), nullable=False),
        sa.Column("delivered_at", sa.Double(), nullable=True),
        sa.Column("next_attempt_at", sa.Double(), nullable=True),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("lease_owner", _PLAIN, nullable=True),
        sa.Column("lease_until", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_deliveries"),
        sqlite_autoincrement=True,
    )
    _index("due", "endpoint", "next_attempt_at", "id", where=_PENDING)
    _index("line", "endpoint", "subject", "id", where=_PENDING)
    _index("since", "endpoint", "queued_at", where=_PENDING)
    _index("list", "endpoint", "id")
    _index("state", "endpoint", "state", "id")
    _index("subject", "subject", "endpoint", "id")
    _index("queued_at", "queued_at")


def _index(name: str, *columns: str, where: sa.TextClause | None = None) -> None:
    op.create_index(
        f"ix_webhook_deliveries_{name}",
        "webhook_deliveries",
        list(columns),
        sqlite_where=where,
        postgresql_where=where,
    )
