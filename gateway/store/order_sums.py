"""Counts and sums of the index's orders by shop, day, status and original's shop.

They are changed in the transactions that change the orders. Days are those in China.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from sqlalchemy import Row, func, select

from gateway.china_days import CHINA_OFFSET
from gateway.store.engine import Database, Transaction
from gateway.store.index_tables import index_order_sums

DAY_SECONDS: Final = 86_400
CREATED: Final = "created"
PAID: Final = "paid"
_AMOUNTS: Final = ("orders", "units", "total", "refunded")
_TAKE_SLOT: Final = select(func.take_index_sum_slot())


def day_of(at: int) -> int:
    """The day in China of a time in unix seconds, as days since 1970."""
    return (at + CHINA_OFFSET) // DAY_SECONDS


def first_second(day: int) -> int:
    """The first second of a day in China, in unix seconds."""
    return day * DAY_SECONDS - CHINA_OFFSET


class SumKey(NamedTuple):
    """The key of a row of `index_order_sums`, but for its slot."""

    shop: str
    basis: str
    day: int
    status: str
    original_shop: str


class Amounts(NamedTuple):
    """Of some orders: how many they are, their units, and in fen what they cost and gave back."""

    orders: int
    units: int
    total: int
    refunded: int


class SumChanges:
    """What one transaction changes."""

    def __init__(self) -> None:
        self._changes: defaultdict[SumKey, list[int]] = defaultdict(lambda: [0, 0, 0, 0])

    def add(self, order: Row[Any] | Mapping[str, Any]) -> None:
        """Counts a row of `index_orders` that is written."""
        self._count(order, 1)

    def remove(self, order: Row[Any] | Mapping[str, Any]) -> None:
        """Counts a row of `index_orders` no more."""
        self._count(order, -1)

    def rows(self, slot: int) -> list[dict[str, Any]]:
        """What is to be added to the rows of `index_order_sums`, sorted by their keys."""
        return [
            key._asdict() | dict(zip(_AMOUNTS, amounts, strict=True)) | {"slot": slot}
            for key, amounts in sorted(self._changes.items())
            if any(amounts)
        ]

    def _count(self, order: Row[Any] | Mapping[str, Any], sign: int) -> None:
        values = order if isinstance(order, Mapping) else order._mapping  # noqa: SLF001
        amounts = (1, values["units"], values["total"], values["refunded"])
        for key in _keys(values):
            changed = self._changes[key]
            for place, amount in enumerate(amounts):
                changed[place] += sign * amount


def _keys(values: Mapping[Any, Any]) -> Iterable[SumKey]:
    shop, status = values["shop"], values["status"]
    original = values["original_shop"] or ""
    yield SumKey(shop, CREATED, day_of(values["created_at"]), status, original)
    if values["paid_at"]:
        yield SumKey(shop, PAID, day_of(values["paid_at"]), status, original)


class OrderSums:
    """Writes the sums; its method raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._is_sqlite = database.is_sqlite
        insert = database.insert(index_order_sums)
        self._add = database.for_rows(
            insert.on_conflict_do_update(
                index_elements=list(index_order_sums.primary_key.columns),
                set_={name: index_order_sums.c[name] + insert.excluded[name] for name in _AMOUNTS},
            )
        )

    async def change(self, transaction: Transaction, changes: SumChanges) -> None:
        """Adds the changes, in a slot that no other transaction has."""
        if not changes.rows(0):
            return
        slot = 0
        if not self._is_sqlite:
            slot = int((await transaction.connection.execute(_TAKE_SLOT)).scalar_one())
        await self._add.execute_later(transaction, changes.rows(slot))
