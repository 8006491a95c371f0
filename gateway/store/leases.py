"""Who does what only one replica at a time may do."""

from typing import Final

from sqlalchemy import bindparam, delete, or_

from gateway.store.engine import Database, Transaction
from gateway.store.tables import leases

_GIVE_BACK: Final = delete(leases).where(
    leases.c.name == bindparam("of_name"), leases.c.owner == bindparam("by")
)


class Leases:
    """Lends one name to one owner at a time; every method raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        taken = database.insert(leases)
        columns, new = leases.c, taken.excluded
        self._take = taken.on_conflict_do_update(
            index_elements=[columns.name],
            set_={"owner": new.owner, "fence": columns.fence + 1, "until": new.until},
            where=or_(columns.owner == new.owner, columns.until <= bindparam("at")),
        ).returning(columns.fence)

    async def take(
        self, transaction: Transaction, name: str, owner: str, seconds: float
    ) -> int | None:
        """The fence of a lease that lasts so long from now; None where another one holds it."""
        values = {
            "name": name,
            "owner": owner,
            "fence": 1,
            "until": transaction.now + seconds,
            "at": transaction.now,
        }
        row = (await transaction.connection.execute(self._take, values)).one_or_none()
        return None if row is None else int(row[0])

    async def give_back(self, transaction: Transaction, name: str, owner: str) -> None:
        """Lets others have it at once."""
        await transaction.connection.execute(_GIVE_BACK, {"of_name": name, "by": owner})
