"""Numbers that grow with each commit, for what has no version of its own."""

from gateway.store.engine import Database, Transaction
from gateway.store.tables import counters


class Counting:
    """Counts by name; whoever counts keeps others from the name until the transaction ends."""

    def __init__(self, database: Database) -> None:
        grown = database.insert(counters)
        self._count = grown.on_conflict_do_update(
            index_elements=[counters.c.name],
            set_={"value": counters.c.value + grown.excluded.value},
        ).returning(counters.c.value)

    async def take(self, transaction: Transaction, name: str, amount: int = 1) -> range:
        """So many numbers that nobody had before, from 1 on; raises StoreUnavailable."""
        values = {"name": name, "value": amount}
        last = int((await transaction.connection.execute(self._count, values)).scalar_one())
        return range(last - amount + 1, last + 1)
