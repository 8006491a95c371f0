"""The migrations of the ledger's tables, as Alembic finds them."""
