"""API keys in the ledger: their last uses, and what they refund a day."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import bindparam, delete, select, update

from gateway.china_days import CHINA
from gateway.store.engine import Database, Transaction
from gateway.store.tables import key_uses, refund_totals

_USES: Final = select(key_uses)
_totals = refund_totals.c
_OF_DAY: Final = (
    _totals.key_name == bindparam("of_key"),
    _totals.day == bindparam("on_day"),
)
_ADD: Final = (
    update(refund_totals)
    .where(*_OF_DAY, _totals.fen + bindparam("amount") <= bindparam("most"))
    .values(fen=_totals.fen + bindparam("amount"))
)
_GIVE_BACK: Final = (
    update(refund_totals)
    .where(*_OF_DAY, _totals.fen >= bindparam("amount"))
    .values(fen=_totals.fen - bindparam("amount"))
)
_SPENT: Final = select(_totals.fen).where(*_OF_DAY)
_DROP: Final = delete(refund_totals).where(
    _totals.key_name == bindparam("of_key"), _totals.day < bindparam("on_day")
)


class KeyUseTimes:
    """Reads and writes the last uses of keys; every method raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database
        insert = database.insert(key_uses)
        later = insert.excluded.last_used_at
        # Processes write in any order.
        self._put = insert.on_conflict_do_update(
            index_elements=[key_uses.c.key_id],
            set_={"last_used_at": later},
            where=key_uses.c.last_used_at < later,
        )

    async def put(self, transaction: Transaction, uses: Mapping[str, float]) -> None:
        """Stores last uses, unix seconds by the key's id, unless later ones are known."""
        # In one order, so that two processes cannot wait for each other.
        rows = [{"key_id": key, "last_used_at": at} for key, at in sorted(uses.items())]
        if rows:
            await transaction.connection.execute(self._put, rows)

    async def all(self) -> dict[str, float]:
        """The last use of each key that was used, in unix seconds, by the key's id."""
        return {row.key_id: row.last_used_at for row in await self._database.fetch(_USES)}


class RefundTotals:
    """Counts what a key refunds a day in China; every method raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._begin = database.insert(refund_totals).on_conflict_do_nothing()

    async def add(self, transaction: Transaction, key: str, fen: int, most: int) -> bool:
        """Adds an amount to the day's total of the key of this name.

        False, and nothing is added, if the total would exceed `most`. The row stays locked until
        the transaction ends.
        """
        values = self._of_today(transaction, key)
        first = {"key_name": key, "day": values["on_day"], "fen": 0}
        await transaction.connection.execute(self._begin, first)
        await transaction.connection.execute(_DROP, values)
        added = await transaction.connection.execute(_ADD, {**values, "amount": fen, "most": most})
        return added.rowcount == 1

    async def give_back(self, transaction: Transaction, key: str, fen: int) -> None:
        """Takes an amount that was added today, and not refunded, off the total again."""
        values = {**self._of_today(transaction, key), "amount": fen}
        await transaction.connection.execute(_GIVE_BACK, values)

    async def today(self, transaction: Transaction, key: str) -> int:
        """What the key of this name has refunded today, in fen."""
        rows = await self._database.fetch(_SPENT, self._of_today(transaction, key), transaction)
        return int(rows[0].fen) if rows else 0

    def _of_today(self, transaction: Transaction, key: str) -> dict[str, str]:
        day = datetime.fromtimestamp(transaction.now, UTC).astimezone(CHINA).date()
        return {"of_key": key, "on_day": day.isoformat()}
