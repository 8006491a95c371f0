"""Rows of the ledger whose sealed part somebody damaged."""

from sqlalchemy import Column, ColumnElement, update

from gateway.store.store import Store


async def damage(store: Store, column: Column[bytes], where: ColumnElement[bool]) -> None:
    """Damage a sealed column of some rows."""
    async with store.transaction() as transaction:
        damaged = update(column.table).where(where).values({column: b"damaged"})
        await transaction.connection.execute(damaged)
