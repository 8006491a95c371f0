"""Erasure of personal data, per buyer and by age; amounts and items of orders stay."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, select

from gateway.concurrency.clock import Clock
from gateway.store.batches import Batches, Progress, change_of, change_rows, no_progress
from gateway.store.buyer_rows import buyer_search
from gateway.store.coordination import Counters
from gateway.store.crypto import Vault
from gateway.store.engine import Database, Transaction
from gateway.store.personal import PLACES, PersonalPlace
from gateway.store.tables import counters

_ERASURES: Final = "erasures"
_GET_ERASURES: Final = select(counters.c.value).where(counters.c.name == _ERASURES)


@dataclass(frozen=True, slots=True)
class Erased:
    """How many rows had personal data, by the names of `PLACES`."""

    rows_by_place: Mapping[str, int]

    @property
    def rows(self) -> int:
        """In all places."""
        return sum(self.rows_by_place.values())


class PersonalData:
    """Erases the personal data of buyers in batches; every method raises StoreUnavailable.

    An erasure that was interrupted goes on when it is begun again.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        clock: Clock,
        places: Sequence[PersonalPlace] = PLACES,
    ) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._places = places
        self._counters = Counters(database)

    async def erase_buyer(
        self, shop: str, buyer_id: str, progress: Progress = no_progress
    ) -> Erased:
        """Erases all data of this buyer of this shop, named by open id or swan id."""
        batches = Batches(self._database, self._clock)
        buyer = await buyer_search(self._vault, shop, buyer_id, batches.fetch)
        erased: dict[str, int] = {}
        await self._count_erasure(batches)
        for place in self._places:
            if place.finds_copies:
                # What was read before is not written any more from here on: the others are done.
                await self._count_erasure(batches)
                for other in self._places:
                    if other.is_written_from_others and other.search is not None:
                        erased[other.name] += await other.search(batches, buyer)
            found = 0 if place.search is None else await place.search(batches, buyer)
            for statement in place.of_buyer:
                found += await _erase(batches, place, statement, buyer.values)
                progress(place.name, found)
            erased[place.name] = found
        await self._count_erasure(batches)
        return Erased(erased)

    async def _count_erasure(self, batches: Batches) -> None:
        async with batches.transaction() as transaction:
            await self._counters.take(transaction, _ERASURES)

    async def erasures(self) -> int:
        """Changes while a buyer is erased, and at the end: processes then drop their caches.

        See `COPIES`.
        """
        rows = await self._database.fetch(_GET_ERASURES)
        return int(rows[0].value) if rows else 0

    async def erasures_within(self, transaction: Transaction) -> int:
        """The same, in a transaction: it does not change until that ends.

        So what was read when there were as many may be written: an erasure that has begun looks
        for it once more.
        """
        return await self._counters.lock(transaction, _ERASURES)

    async def count_older_than(self, seconds: float) -> Mapping[str, int]:
        """How many rows `erase_older_than` would erase, by the names of `PLACES`."""
        before = self._database.now() - seconds
        return {
            place.name: await place.by_age.count(self._database.fetch, before)
            for place in self._places
            if place.by_age is not None
        }

    async def erase_older_than(self, seconds: float, progress: Progress = no_progress) -> Erased:
        """Erases data last written before then.

        A row that another transaction has locked is left to the next time.
        """
        before = self._database.now() - seconds
        batches = Batches(self._database, self._clock)
        return Erased(
            {
                place.name: await place.by_age.apply(batches, before, progress)
                for place in self._places
                if place.by_age is not None
            }
        )


async def _erase(
    batches: Batches, place: PersonalPlace, statement: Select[Any], values: Mapping[str, Any]
) -> int:
    """Erases the rows of a statement; returns how many.

    One that another transaction has locked is waited for, by itself: what holds no other row can
    be part of no deadlock.
    """
    table = place.table
    found = statement.with_only_columns(*table.primary_key.columns)
    change = change_of(table, place.erased)
    erased, waits = 0, False
    while await batches.fetch(found.limit(1), values):
        some = found.limit(1 if waits else batches.size)
        some = some.with_for_update(skip_locked=not waits, of=table)
        async with batches.transaction() as transaction:
            rows = (await transaction.connection.execute(some, values)).all()
            await change_rows(transaction, table, change, rows, place.has_notes)
        erased += len(rows)
        waits = not rows
    return erased
