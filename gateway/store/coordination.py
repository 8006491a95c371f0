"""Coordination of replicas: leases, counters, and when recurring work was last done."""

from typing import Final

import msgspec
from sqlalchemy import bindparam, delete, or_, select

from gateway.store.engine import Database, Transaction
from gateway.store.tables import counters, leases, meta

_RELEASE: Final = delete(leases).where(
    leases.c.name == bindparam("of_name"), leases.c.owner == bindparam("by")
)
_COUNTED: Final = select(counters.c.value).where(counters.c.name == bindparam("of_name"))
_GET: Final = select(meta.c.value).where(meta.c.name == bindparam("of_name"))


class Leases:
    """Leases of names, one owner at a time; every method raises StoreUnavailable."""

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
        """The fencing token of a lease for so many seconds; None if another owner holds it."""
        values = {
            "name": name,
            "owner": owner,
            "fence": 1,
            "until": transaction.now + seconds,
            "at": transaction.now,
        }
        row = (await transaction.connection.execute(self._take, values)).one_or_none()
        return None if row is None else int(row[0])

    async def release(self, transaction: Transaction, name: str, owner: str) -> None:
        """Releases a lease."""
        await transaction.connection.execute(_RELEASE, {"of_name": name, "by": owner})


class Counters:
    """Counters by name; taking numbers locks the name until the transaction ends."""

    def __init__(self, database: Database) -> None:
        self._database = database
        grown = database.insert(counters)
        self._count = grown.on_conflict_do_update(
            index_elements=[counters.c.name],
            set_={"value": counters.c.value + grown.excluded.value},
        ).returning(counters.c.value)

    async def take(self, transaction: Transaction, name: str, amount: int = 1) -> range:
        """The next `amount` numbers, from 1 on; raises StoreUnavailable."""
        values = {"name": name, "value": amount}
        last = int((await transaction.connection.execute(self._count, values)).scalar_one())
        return range(last - amount + 1, last + 1)

    async def current(self, name: str) -> int:
        """The number that was taken last, 0: none; raises StoreUnavailable."""
        rows = await self._database.fetch(_COUNTED, {"of_name": name})
        return int(rows[0].value) if rows else 0

    async def lock(self, transaction: Transaction, name: str) -> int:
        """The number that was taken last, 0: none; none is taken until the transaction ends."""
        return (await self.take(transaction, name, 0)).start - 1


class LastDone:
    """When recurring work was last done, by name; every method raises StoreUnavailable."""

    def __init__(self, database: Database, kind: str) -> None:
        """`kind` is the kind of work; names are unique in it."""
        self._database = database
        self._kind = kind
        insert = database.insert(meta)
        self._note = insert.on_conflict_do_update(
            index_elements=[meta.c.name], set_={"value": insert.excluded.value}
        )

    async def last(self, name: str) -> float | None:
        """When the last round began, in unix seconds; None: never."""
        rows = await self._database.fetch(_GET, {"of_name": f"{self._kind}/{name}"})
        return float(rows[0].value) if rows else None

    async def note(self, transaction: Transaction, name: str, at: float) -> None:
        """Records that a round that began at that time is done."""
        row = {"name": f"{self._kind}/{name}", "value": repr(at).encode("ascii")}
        await transaction.connection.execute(self._note, row)


class LastHealth(msgspec.Struct, frozen=True):
    """What was last told of the health of a shop; `at` in unix seconds."""

    #: An Availability.
    value: str
    at: float


class ToldHealth:
    """What was last told of the health of shops; every method raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database
        insert = database.insert(meta)
        self._note = insert.on_conflict_do_update(
            index_elements=[meta.c.name], set_={"value": insert.excluded.value}
        )

    async def get(self, transaction: Transaction, shop: str) -> LastHealth | None:
        """What was last told of a shop; None: nothing yet."""
        rows = await self._database.fetch(_GET, {"of_name": _health_of(shop)}, transaction)
        return msgspec.json.decode(rows[0].value, type=LastHealth) if rows else None

    async def note(self, transaction: Transaction, shop: str, value: str) -> None:
        """Records what is told now."""
        encoded = msgspec.json.encode(LastHealth(value, transaction.now))
        row = {"name": _health_of(shop), "value": encoded}
        await transaction.connection.execute(self._note, row)


def _health_of(shop: str) -> str:
    return f"health/{shop}"
