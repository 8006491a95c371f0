"""When each shop's recent orders were last looked through."""

from typing import Final

from sqlalchemy import bindparam, select

from gateway.store.engine import Database, Transaction
from gateway.store.tables import meta

_GET: Final = select(meta.c.value).where(meta.c.name == bindparam("of_name"))


class Sweeps:
    """Remembers the looks; every method raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database
        insert = database.insert(meta)
        self._note = insert.on_conflict_do_update(
            index_elements=[meta.c.name], set_={"value": insert.excluded.value}
        )

    async def last(self, shop: str) -> float | None:
        """When the last look began, in unix seconds; None where there was none."""
        rows = await self._database.fetch(_GET, {"of_name": _name(shop)})
        return float(rows[0].value) if rows else None

    async def note(self, transaction: Transaction, shop: str, at: float) -> None:
        """A look that began at that time is done."""
        row = {"name": _name(shop), "value": repr(at).encode("ascii")}
        await transaction.connection.execute(self._note, row)


def _name(shop: str) -> str:
    return f"sweep/{shop}"
