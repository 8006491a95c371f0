"""Copies of orders: whose copy an order is, and mirrors that keep theirs in step no more."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
#: Code of the revision before still works with the tables.
additive = True

_PLAIN = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_MARK_COPIES = """
UPDATE orders SET original_shop = mirrors.shop FROM mirrors
WHERE mirrors.to_shop = orders.shop AND mirrors.to_platform_id = orders.platform_id
AND orders.deleted_at IS NULL
"""
#: A copy that was deleted must not come back.
_STOP_MIRRORS = """
UPDATE mirrors SET stopped = 'DELETED', ended_at = coalesce(ended_at, orders.deleted_at) FROM orders
WHERE mirrors.to_shop = orders.shop AND mirrors.to_platform_id = orders.platform_id
AND orders.deleted_at IS NOT NULL
"""
#: What is known of products is from the newest order that shows them: here a copy.
_DROP_PRODUCTS = """
DELETE FROM products WHERE status = 'UNKNOWN' AND EXISTS (
SELECT 1 FROM orders WHERE orders.shop = products.shop AND orders.created_at = products.as_of
AND orders.original_shop <> ''
AND orders.document LIKE '%"platform_product_id":"' || products.platform_id || '"%')
"""


def upgrade() -> None:
    """Adds the columns, marks the copies that there are, and drops the goods of other shops."""
    op.add_column(
        "orders",
        sa.Column("original_shop", _PLAIN, server_default=sa.text("''"), nullable=False),
    )
    op.add_column("mirrors", sa.Column("stopped", _PLAIN, nullable=True))
    op.execute(_MARK_COPIES)
    op.execute(_STOP_MIRRORS)
    op.execute(_DROP_PRODUCTS)
