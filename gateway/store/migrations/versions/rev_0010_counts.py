"""Numbers of pushes, kept by triggers; when a mirror's copy was found to change no more.

The indexes of this revision are built after it, while gateways run (see `gateway.store.indexes`).
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
additive = True

_PLAIN = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Adds both; pushes that are there are counted."""
    op.create_table(
        "push_counts",
        sa.Column("shop", _PLAIN, nullable=False),
        sa.Column("operation", _PLAIN, nullable=False),
        sa.Column("state", _PLAIN, nullable=False),
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("pushes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "operation", "state", "slot", name="pk_push_counts"),
    )
    dialect = op.get_bind().dialect.name
    for statement in _TRIGGERS[dialect]:
        op.execute(statement)
    # After the triggers, which keep others from writing pushes until the transaction ends.
    op.execute(_COUNT)
    # Last: this keeps others even from reading the table.
    op.add_column("mirrors", sa.Column("ended_at", sa.Double(), nullable=True))


_COUNT = (
    "INSERT INTO push_counts (shop, operation, state, slot, pushes)"
    " SELECT shop, operation, state, 0, count(*) FROM pushes GROUP BY shop, operation, state"
)


#: Within a trigger of SQLite, for an old or a new row.
_SQLITE_COUNT = """
    INSERT INTO push_counts (shop, operation, state, slot, pushes)
    VALUES (ROW.shop, ROW.operation, ROW.state, 0, AMOUNT)
    ON CONFLICT (shop, operation, state, slot) DO UPDATE SET pushes = pushes + excluded.pushes;
"""
_IN = _SQLITE_COUNT.replace("ROW", "NEW").replace("AMOUNT", "1")
_OUT = _SQLITE_COUNT.replace("ROW", "OLD").replace("AMOUNT", "-1")
_SQLITE = (
    f"CREATE TRIGGER pushes_counted_in AFTER INSERT ON pushes BEGIN {_IN} END",
    f"CREATE TRIGGER pushes_counted_out AFTER DELETE ON pushes BEGIN {_OUT} END",
    f"""
    CREATE TRIGGER pushes_counted_over AFTER UPDATE OF state ON pushes
    WHEN NEW.state <> OLD.state BEGIN {_OUT} {_IN} END
    """,
)
#: Gives a slot that no other running transaction has, and locks it until the transaction ends.
#: Where all are taken, the last one is waited for.
_TAKE_SLOT = """
CREATE FUNCTION take_push_count_slot() RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 0..254 LOOP
        IF pg_try_advisory_xact_lock(20418, (pg_backend_pid() + i) % 255) THEN
            RETURN (pg_backend_pid() + i) % 255;
        END IF;
    END LOOP;
    PERFORM pg_advisory_xact_lock(20418, 255);
    RETURN 255;
END $$
"""
_FUNCTION = """
CREATE FUNCTION NAME() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO push_counts AS known (shop, operation, state, slot, pushes)
    SELECT shop, operation, state, take_push_count_slot(), amount FROM (
        SELECT shop, operation, state, sum(amount) AS amount FROM (CHANGES) AS changes
        GROUP BY shop, operation, state HAVING sum(amount) <> 0
    ) AS summed
    ON CONFLICT (shop, operation, state, slot)
    DO UPDATE SET pushes = known.pushes + excluded.pushes;
    RETURN NULL;
END $$
"""
_TRIGGER = """
CREATE TRIGGER NAME AFTER EVENT ON pushes REFERENCING ROWS
FOR EACH STATEMENT EXECUTE FUNCTION NAME()
"""
_NEW_ROWS = "SELECT shop, operation, state, 1 AS amount FROM new_rows"
_OLD_ROWS = "SELECT shop, operation, state, -1 AS amount FROM old_rows"
_POSTGRESQL = (
    _TAKE_SLOT,
    _FUNCTION.replace("NAME", "pushes_counted_in").replace("CHANGES", _NEW_ROWS),
    _FUNCTION.replace("NAME", "pushes_counted_out").replace("CHANGES", _OLD_ROWS),
    _FUNCTION.replace("NAME", "pushes_counted_over").replace(
        "CHANGES", f"{_NEW_ROWS} UNION ALL {_OLD_ROWS}"
    ),
    _TRIGGER.replace("NAME", "pushes_counted_in")
    .replace("EVENT", "INSERT")
    .replace("ROWS", "NEW TABLE AS new_rows"),
    _TRIGGER.replace("NAME", "pushes_counted_out")
    .replace("EVENT", "DELETE")
    .replace("ROWS", "OLD TABLE AS old_rows"),
    _TRIGGER.replace("NAME", "pushes_counted_over")
    .replace("EVENT", "UPDATE")
    .replace("ROWS", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
)
_TRIGGERS = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}
