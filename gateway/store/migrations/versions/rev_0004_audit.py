"""The audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
#: Code of the revision before still works with the tables.
additive = True

_PLAIN = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Adds the table; the log begins empty."""
    op.create_table(
        "audit_events",
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("actor", _PLAIN, nullable=False),
        sa.Column("action", _PLAIN, nullable=False),
        sa.Column("shops", _PLAIN, nullable=False),
        sa.Column("subject", _PLAIN, nullable=True),
        sa.Column("revealed", sa.Integer(), nullable=False),
        sa.Column("outcome", _PLAIN, nullable=False),
        sa.Column("request_id", _PLAIN, nullable=False),
        sa.Column("peer", _PLAIN, nullable=True),
        sa.PrimaryKeyConstraint("at", "id", name="pk_audit_events"),
        sqlite_with_rowid=False,
    )
    for statement in _NEVER_CHANGED[op.get_bind().dialect.name]:
        op.execute(statement)


_SQLITE_TRIGGER = (
    "CREATE TRIGGER audit_events_never_change BEFORE UPDATE ON audit_events"
    " BEGIN SELECT RAISE(ABORT, 'audit events are never changed'); END"
)
_POSTGRESQL_FUNCTION = (
    "CREATE FUNCTION audit_events_never_change() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'audit events are never changed'; END $$"
)
_POSTGRESQL_TRIGGER = (
    "CREATE TRIGGER audit_events_never_change BEFORE UPDATE ON audit_events"
    " FOR EACH ROW EXECUTE FUNCTION audit_events_never_change()"
)
#: Old events are deleted; none is ever changed.
_NEVER_CHANGED = {
    "sqlite": (_SQLITE_TRIGGER,),
    "postgresql": (_POSTGRESQL_FUNCTION, _POSTGRESQL_TRIGGER),
}
