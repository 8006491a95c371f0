"""The first tables of the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
#: Code of the revision before still works with the tables.
additive = True

_PLAIN = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_COUNTED = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Creates all tables."""
    _meta()
    _shops()
    _orders()
    _after_sales()
    _products()
    _wanted_items()
    _partner_orders()
    _order_overlays()
    _product_originals()
    _buyer_links()
    _mirrors()
    _pushes()
    _counters()
    _order_changes()
    _idempotency_keys()
    _inbox_events()
    _leases()


def _meta() -> None:
    op.create_table(
        "meta",
        sa.Column("name", _PLAIN, nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_meta"),
    )


def _shops() -> None:
    op.create_table(
        "shops",
        sa.Column("shop", _PLAIN, nullable=False),
        sa.Column("cart_path", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("written_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("shop", name="pk_shops"),
    )


def _orders() -> None:
    op.create_table(
        "orders",
        sa.Column("shop", _PLAIN, nullable=False),
        sa.Column("platform_id", _PLAIN, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.Column("status", _PLAIN, nullable=False),
        sa.Column("platform_status", _PLAIN, nullable=True),
        sa.Column("buyer", sa.LargeBinary(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("personal", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("written_at", sa.Double(), nullable=False),
        sa.Column("deleted_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("shop", "platform_id", name="pk_orders"),
    )
    op.create_index(
        "ix_orders_shop_buyer_created_at_platform_id",
        "orders",
        ["shop", "buyer", "created_at", "platform_id"],
    )
    op.create_index(
        "ix_orders_shop_created_at_platform_id", "orders", ["shop", "created_at", "platform_id"]
    )
    op.create_index(
        "ix_orders_shop_status_created_at_platform_id",
        "orders",
        ["shop", "status", "created_at", "platform_id"],
    )
    op.create_index("ix_orders_written_at", "orders", ["written_at"])


def _after_sales() -> None:
    op.create_table(
        "after_sales",
        sa.Column("shop", _PLAIN, nullable=False),
        sa.Column("order_platform_id", _PLAIN, nullable=False),
        sa.Column("platform_id", _PLAIN, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.Column("status", _PLAIN, nullable=False),
        sa.Column("kind", _PLAIN, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("written_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop", "order_platform_id"],
            ["orders.shop", "orders.platform_id"],
            name="fk_after_sales_orders",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop", "order_platform_id", "platform_id", name="pk_after_sales"),
    )
    op.create_index(
        "ix_after_sales_shop_created_at_order_platform_id_platform_id",
        "after_sales",
        ["shop", "created_at", "order_platform_id", "platform_id"],
    )


def _products() -> None:
    op.create_table(
        "products",
        sa.Column("shop", _PLAIN, nullable=False),
        sa.Column("platform_id", _PLAIN, nullable=False),
        sa.Column("status", _PLAIN, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("written_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "platform_id", name="pk_products"),
    )


def _wanted_items() -> None:
    op.create_table(
        "wanted_items",
        sa.Column("shop", _PLAIN, nullable=False),
        sa.Column("item_id", _PLAIN, nullable=False),
        sa.Column("buyer", sa.LargeBinary(), nullable=False),
        sa.Column("open_id", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("written_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "item_id", name="pk_wanted_items"),
    )
    op.create_index(
        "ix_wanted_items_shop_buyer_added_at_item_id",
        "wanted_items",
        ["shop", "buyer", "added_at", "item_id"],
    )
    op.create_index("ix_wanted_items_written_at", "wanted_items", ["written_at"])


def _partner_orders() -> None:
    op.create_table(
        "partner_orders",
        sa.Column("shop", _PLAIN, nullable=False),
        sa.Column("app_id", _PLAIN, nullable=False),
        sa.Column("order_id", _PLAIN, nullable=False),
        sa.Column("event_at", sa.BigInteger(), nullable=False),
        sa.Column("written_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "app_id", "order_id", name="pk_partner_orders"),
    )
    op.create_index(
        "ix_partner_orders_shop_event_at_order_id_app_id",
        "partner_orders",
        ["shop", "event_at", "order_id", "app_id"],
    )


def _order_overlays() -> None:
    op.create_table(
        "order_overlays",
        sa.Column("shop", _PLAIN, nullable=False),
        sa.Column("platform_id", _PLAIN, nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("status", _PLAIN, nullable=True),
        sa.Column("written_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "platform_id", name="pk_order_overlays"),
    )


def _product_originals() -> None:
    op.create_table(
        "product_originals",
        sa.Column("shop", _PLAIN, nullable=False),
        sa.Column("platform_id", _PLAIN, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("answer_hash", sa.LargeBinary(), nullable=True),
        sa.Column("written_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "platform_id", name="pk_product_originals"),
    )


def _buyer_links() -> None:
    op.create_table(
        "buyer_links",
        sa.Column("shop", _PLAIN, nullable=False),
        sa.Column("buyer", sa.LargeBinary(), nullable=False),
        sa.Column("to_shop", _PLAIN, nullable=False),
        sa.Column("to_buyer", sa.LargeBinary(), nullable=False),
        sa.Column("to_open_id", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "buyer", "to_shop", name="pk_buyer_links"),
    )
    op.create_index("ix_buyer_links_to_shop_to_buyer", "buyer_links", ["to_shop", "to_buyer"])
    op.create_index("ix_buyer_links_written_at", "buyer_links", ["written_at"])


def _mirrors() -> None:
    op.create_table(
        "mirrors",
        sa.Column("shop", _PLAIN, nullable=False),
        sa.Column("platform_id", _PLAIN, nullable=False),
        sa.Column("to_shop", _PLAIN, nullable=False),
        sa.Column("to_platform_id", _PLAIN, nullable=False),
        sa.Column("buyer", sa.LargeBinary(), nullable=True),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("personal", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("written_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "platform_id", "to_shop", name="pk_mirrors"),
    )
    op.create_index("ix_mirrors_shop_buyer", "mirrors", ["shop", "buyer"])
    op.create_index("ix_mirrors_to_shop_to_platform_id", "mirrors", ["to_shop", "to_platform_id"])


def _pushes() -> None:
    op.create_table(
        "pushes",
        sa.Column("id", _COUNTED, nullable=False),
        sa.Column("shop", _PLAIN, nullable=False),
        sa.Column("aggregate", _PLAIN, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("subject_kind", _PLAIN, nullable=True),
        sa.Column("subject_id", _PLAIN, nullable=True),
        sa.Column("order_id", _PLAIN, nullable=True),
        sa.Column("operation", _PLAIN, nullable=False),
        sa.Column("state", _PLAIN, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("queued_at", sa.Double(), nullable=False),
        sa.Column("delivered_at", sa.Double(), nullable=True),
        sa.Column("next_attempt_at", sa.Double(), nullable=True),
        sa.Column("lease_owner", _PLAIN, nullable=True),
        sa.Column("lease_until", sa.Double(), nullable=True),
        sa.Column("buyer", sa.LargeBinary(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("personal", sa.LargeBinary(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("dedupe_key", _PLAIN, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pushes"),
        sa.UniqueConstraint("shop", "dedupe_key", name="uq_pushes_shop_dedupe_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_pushes_shop_aggregate_id", "pushes", ["shop", "aggregate", "id"])
    op.create_index("ix_pushes_shop_buyer", "pushes", ["shop", "buyer"])
    op.create_index("ix_pushes_shop_order_id_id", "pushes", ["shop", "order_id", "id"])
    op.create_index("ix_pushes_state_next_attempt_at", "pushes", ["state", "next_attempt_at"])


def _counters() -> None:
    op.create_table(
        "counters",
        sa.Column("name", _PLAIN, nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counters"),
    )


def _order_changes() -> None:
    op.create_table(
        "order_changes",
        sa.Column("cursor", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("shop", _PLAIN, nullable=False),
        sa.Column("platform_id", _PLAIN, nullable=False),
        sa.Column("partner_app_id", _PLAIN, nullable=True),
        sa.Column("status", _PLAIN, nullable=True),
        sa.Column("previous_status", _PLAIN, nullable=True),
        sa.Column("cause", _PLAIN, nullable=False),
        sa.Column("buyer", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=True),
        sa.Column("written_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("cursor", name="pk_order_changes"),
    )
    op.create_index("ix_order_changes_shop_buyer", "order_changes", ["shop", "buyer"])
    op.create_index("ix_order_changes_written_at", "order_changes", ["written_at"])


def _idempotency_keys() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("caller", _PLAIN, nullable=False),
        sa.Column("key", _PLAIN, nullable=False),
        sa.Column("operation_hash", sa.LargeBinary(), nullable=False),
        sa.Column("owner", _PLAIN, nullable=False),
        sa.Column("lease_until", sa.Double(), nullable=False),
        sa.Column("outcome", sa.LargeBinary(), nullable=True),
        sa.Column("written_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("caller", "key", name="pk_idempotency_keys"),
    )
    op.create_index("ix_idempotency_keys_written_at", "idempotency_keys", ["written_at"])


def _inbox_events() -> None:
    op.create_table(
        "inbox_events",
        sa.Column("shop", _PLAIN, nullable=False),
        sa.Column("event_key", _PLAIN, nullable=False),
        sa.Column("kind", _PLAIN, nullable=False),
        sa.Column("trusted", sa.Boolean(), nullable=False),
        sa.Column("event_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("state", _PLAIN, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.Double(), nullable=True),
        sa.Column("lease_owner", _PLAIN, nullable=True),
        sa.Column("lease_until", sa.Double(), nullable=True),
        sa.Column("written_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "event_key", name="pk_inbox_events"),
    )
    op.create_index(
        "ix_inbox_events_state_next_attempt_at", "inbox_events", ["state", "next_attempt_at"]
    )
    op.create_index("ix_inbox_events_written_at", "inbox_events", ["written_at"])


def _leases() -> None:
    op.create_table(
        "leases",
        sa.Column("name", _PLAIN, nullable=False),
        sa.Column("owner", _PLAIN, nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )
