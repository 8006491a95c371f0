"""Payments of orders, by which these are found."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
#: Code of the revision before still works with the tables.
additive = True

_PLAIN = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
#: A member of a payment, and where a text has another one, by dialect.
_MEMBER: Final = {
    "sqlite": "json_extract(document, '$.payment.{}')",
    "postgresql": "document::json #>> '{{payment,{}}}'",
}
_PLACE: Final = {"sqlite": "instr", "postgresql": "strpos"}


def upgrade() -> None:
    """Adds the columns, with what the orders' documents have of payments."""
    for name in ("payment_reference", "trade_number"):
        op.add_column("orders", sa.Column(name, _PLAIN, nullable=True))
    dialect = op.get_bind().dialect.name
    member, place = _MEMBER[dialect], _PLACE[dialect]
    reference, merchant, trade = (
        f"NULLIF({member.format(name)}, '')"
        for name in ("reference", "merchant_id", "merchant_trade_number")
    )
    op.execute(
        f"UPDATE orders SET payment_reference = substr({reference}, 1, 200),"  # noqa: S608 - of here
        f" trade_number = substr({merchant} || '/' || {trade}, 1, 200)"
        f""" WHERE {place}(document, '"payment"') > 0"""
        # PostgreSQL has no text with such a character.
        rf" AND {place}(document, '\u0000') = 0"
    )
