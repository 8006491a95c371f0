"""The index: what the platforms told of orders, products and after-sales, and their words.

The indexes of this revision are built after it, while gateways run (see `gateway.store.indexes`);
what finds words is made here, since its form depends on the database.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
additive = True

_PLAIN = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_COUNTED = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Adds the tables; the back-fill fills them."""
    _orders()
    _order_lines()
    _order_sums()
    _products()
    _skus()
    _after_sales()
    _progress()
    for statement in _OF_DIALECT[op.get_bind().dialect.name]:
        op.execute(statement)


def _orders() -> None:
    op.create_table(
        "index_orders",
        sa.Column("number", _COUNTED, autoincrement=False, nullable=False),
        sa.Column("shop", _PLAIN, nullable=False),
        sa.Column("platform_id", _PLAIN, nullable=False),
        sa.Column("part", _PLAIN, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("paid_at", sa.BigInteger(), nullable=False),
        sa.Column("status", _PLAIN, nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("open_after_sale", sa.Boolean(), nullable=False),
        sa.Column("original_shop", _PLAIN, nullable=True),
        sa.Column("original_id", _PLAIN, nullable=True),
        sa.Column("buyer", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("receiver", sa.LargeBinary(), nullable=True),
        sa.Column("digest", _PLAIN, nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.Column("written_at", sa.Double(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("contact", sa.LargeBinary(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("personal", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_index_orders"),
        sa.UniqueConstraint(
            "shop", "platform_id", "part", name="uq_index_orders_shop_platform_id_part"
        ),
    )


def _order_lines() -> None:
    op.create_table(
        "index_order_lines",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("shop", _PLAIN, nullable=False),
        sa.Column("platform_product_id", _PLAIN, nullable=False),
        sa.Column("code", _PLAIN, nullable=True),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"],
            ["index_orders.number"],
            name="fk_index_order_lines_index_orders",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("number", "line", name="pk_index_order_lines"),
    )


def _order_sums() -> None:
    op.create_table(
        "index_order_sums",
        sa.Column("shop", _PLAIN, nullable=False),
        sa.Column("basis", _PLAIN, nullable=False),
        sa.Column("day", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("status", _PLAIN, nullable=False),
        sa.Column("original_shop", _PLAIN, nullable=False),
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("orders", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "shop", "basis", "day", "status", "original_shop", "slot", name="pk_index_order_sums"
        ),
    )


def _products() -> None:
    op.create_table(
        "index_products",
        sa.Column("number", _COUNTED, nullable=False),
        sa.Column("shop", _PLAIN, nullable=False),
        sa.Column("platform_id", _PLAIN, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_key", _PLAIN, nullable=False),
        sa.Column("price_min", sa.BigInteger(), nullable=False),
        sa.Column("price_max", sa.BigInteger(), nullable=False),
        sa.Column("stock", sa.BigInteger(), nullable=False),
        sa.Column("status", _PLAIN, nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.Column("written_at", sa.Double(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_index_products"),
        sa.UniqueConstraint("shop", "platform_id", name="uq_index_products_shop_platform_id"),
    )


def _skus() -> None:
    op.create_table(
        "index_skus",
        sa.Column("shop", _PLAIN, nullable=False),
        sa.Column("platform_product_id", _PLAIN, nullable=False),
        sa.Column("platform_sku_id", _PLAIN, nullable=False),
        sa.Column("code", _PLAIN, nullable=True),
        sa.Column("price", sa.BigInteger(), nullable=True),
        sa.Column("stock", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint(
            "shop", "platform_product_id", "platform_sku_id", name="pk_index_skus"
        ),
    )


def _after_sales() -> None:
    op.create_table(
        "index_after_sales",
        sa.Column("shop", _PLAIN, nullable=False),
        sa.Column("order_platform_id", _PLAIN, nullable=False),
        sa.Column("part", _PLAIN, nullable=False),
        sa.Column("platform_id", _PLAIN, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("answer_before", sa.BigInteger(), nullable=False),
        sa.Column("status", _PLAIN, nullable=False),
        sa.Column("kind", _PLAIN, nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("refund", sa.BigInteger(), nullable=True),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.Column("written_at", sa.Double(), nullable=False),
        sa.Column("buyer", sa.LargeBinary(), nullable=True),
        sa.Column("open_id", sa.LargeBinary(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("personal", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint(
            "shop", "order_platform_id", "part", "platform_id", name="pk_index_after_sales"
        ),
    )


def _progress() -> None:
    op.create_table(
        "index_progress",
        sa.Column("shop", _PLAIN, nullable=False),
        sa.Column("kind", _PLAIN, nullable=False),
        sa.Column("position", sa.Text(), nullable=True),
        sa.Column("complete_from", sa.BigInteger(), nullable=True),
        sa.Column("in_step_at", sa.Double(), nullable=True),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("expected", sa.BigInteger(), nullable=True),
        sa.Column("written_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "kind", name="pk_index_progress"),
    )


#: What is found beside words, as words that nobody can type: they begin with a character for
#: private use, which is a letter for the tokenizer. ROW is the old or the new row.
_FACETS = {
    "index_orders": (
        "' ' || char(57344) || 's' || hex(ROW.shop) || ' ' || char(57344) || 't' || hex(ROW.status)"
        " || CASE WHEN ROW.original_shop IS NULL THEN ''"
        " ELSE ' ' || char(57344) || 'c ' || char(57344) || 'c' || hex(ROW.original_shop) END"
        " || CASE WHEN ROW.open_after_sale THEN ' ' || char(57344) || 'a' ELSE '' END"
    ),
    "index_products": (
        "' ' || char(57344) || 's' || hex(ROW.shop) || ' ' || char(57344) || 't' || hex(ROW.status)"
    ),
}
#: A change of these columns changes what the row is found by.
_WATCHED = {
    "index_orders": "number, shop, status, original_shop, open_after_sale, words",
    "index_products": "number, shop, status, words",
}
_TABLE = """
CREATE VIRTUAL TABLE {table}_words USING fts5(
    words, content='', columnsize=0, detail=none, tokenize='unicode61 remove_diacritics 0'
)
"""
_IN = "INSERT INTO {table}_words (rowid, words) VALUES (NEW.number, NEW.words || {new});"
_OUT = (
    "INSERT INTO {table}_words ({table}_words, rowid, words)"
    " VALUES ('delete', OLD.number, OLD.words || {old});"
)
_TRIGGERS = (
    f"CREATE TRIGGER {{table}}_found_in AFTER INSERT ON {{table}} BEGIN {_IN} END",
    f"CREATE TRIGGER {{table}}_found_out AFTER DELETE ON {{table}} BEGIN {_OUT} END",
    (
        f"CREATE TRIGGER {{table}}_found_over AFTER UPDATE OF {{watched}} ON {{table}}"
        f" WHEN OLD.number <> NEW.number OR OLD.words || {{old}} <> NEW.words || {{new}}"
        f" BEGIN {_OUT} {_IN} END"
    ),
)
#: The words were split before: `string_to_array` takes them as they are.
_GIN = """
CREATE INDEX ix_{table}_words ON {table}
USING gin (array_to_tsvector(string_to_array(btrim(words), ' ')))
WITH (gin_pending_list_limit = 512)
"""


def _on_sqlite(table: str) -> tuple[str, ...]:
    old, new = (_FACETS[table].replace("ROW", row) for row in ("OLD", "NEW"))
    return tuple(
        statement.format(table=table, watched=_WATCHED[table], old=old, new=new)
        for statement in (_TABLE, *_TRIGGERS)
    )


#: Gives the first slot that no other running transaction has, and locks it until the transaction
#: ends, so that there are few rows. Where all are taken, the last one is waited for.
_TAKE_SLOT = """
CREATE FUNCTION take_index_sum_slot() RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 0..254 LOOP
        IF pg_try_advisory_xact_lock(20419, i) THEN
            RETURN i;
        END IF;
    END LOOP;
    PERFORM pg_advisory_xact_lock(20419, 255);
    RETURN 255;
END $$
"""
_OF_DIALECT = {
    "sqlite": tuple(statement for table in _FACETS for statement in _on_sqlite(table)),
    "postgresql": (_TAKE_SLOT, *(_GIN.format(table=table) for table in _FACETS)),
}
