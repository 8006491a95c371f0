"""Batches: many rows are changed in small transactions, with pauses between them.

On SQLite all writers wait for a transaction, on PostgreSQL those that want the same rows. What was
done stays done: interrupted work goes on with the rows that it still finds.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Delete,
    Executable,
    Row,
    Select,
    Table,
    TextClause,
    Update,
    bindparam,
    case,
    delete,
    func,
    literal,
    select,
    tuple_,
    update,
)

from gateway.concurrency.clock import Clock
from gateway.store.engine import Database, Transaction
from gateway.store.plain_personal import drop_plain_remarks
from gateway.store.writer_queue import WriterLane

#: Rows of a batch at the most.
MOST_ROWS: Final = 1_000
_FIRST_ROWS: Final = 50
#: Seconds that a batch is to take: half of what a writer may have to wait for it.
_HELD: Final = 0.025
#: How often the time that a batch took is paused after it.
_PAUSES: Final = 2.0
#: How many times the rows of the last batch the next one has at the most.
_GROWTH: Final = 2.0

#: Reads rows, within a transaction or of the last commit.
Read = Callable[[Executable, Mapping[str, Any]], Awaitable[Sequence[Row[Any]]]]
#: Called with the name of a rule or place, and how many of its rows were changed so far.
Progress = Callable[[str, int], None]
#: Called within each transaction, before its first row; raises to end the work.
Guard = Callable[[Transaction], Awaitable[None]]


def no_progress(_name: str, _rows: int) -> None:
    """Shows nothing."""


class Batches:
    """Transactions one after the other; `size` is how many rows the next one may change.

    The size follows from how long the last one held the writer.
    """

    def __init__(self, database: Database, clock: Clock, guard: Guard | None = None) -> None:
        self.size = _FIRST_ROWS
        self._database = database
        self._clock = clock
        self._guard = guard
        self._pause = 0.0

    def start_small(self) -> None:
        """The next rows are of another kind: how long they take is not known."""
        self.size = min(self.size, _FIRST_ROWS)

    async def fetch(
        self, statement: Executable, values: Mapping[str, Any] | None = None
    ) -> Sequence[Row[Any]]:
        """Rows of the last commit, without holding the writer; raises StoreUnavailable."""
        return await self._database.fetch(statement, values)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """The next transaction, after a pause; raises StoreUnavailable."""
        if self._pause:
            await self._clock.sleep(self._pause)
        async with self._database.transaction(lane=WriterLane.BULK) as transaction:
            began = self._clock.monotonic()
            if self._guard is not None:
                await self._guard(transaction)
            yield transaction
        took = self._clock.monotonic() - began
        self._pause = _PAUSES * took
        wanted = self.size * (min(_GROWTH, _HELD / took) if took > 0 else _GROWTH)
        self.size = max(1, min(MOST_ROWS, int(wanted)))

    async def change(
        self,
        statement: Update | Delete,
        rows: Sequence[Mapping[str, Any]],
        progress: Callable[[int], None] = lambda _: None,
    ) -> int:
        """Executes a statement for each of the rows; returns how many they are."""
        done = 0
        while done < len(rows):
            some = rows[done : done + self.size]
            async with self.transaction() as transaction:
                await transaction.connection.execute(statement, some)
            done += len(some)
            progress(done)
        return done


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiryRule:
    """The rows of a table that are past their time, and what becomes of them."""

    #: In messages and metrics.
    name: str
    table: Table
    #: The unix seconds at which a row's time begins; an index begins with it.
    since: Column[Any]
    #: The rows of that index, in the words of its condition; None: all of the table.
    listed: TextClause | None = None
    #: Which of those that are old enough are past their time; may use `before`. None: all.
    due: ColumnElement[bool] | None = None
    #: What is written into the rows; None: they are deleted.
    values: Mapping[str, Any] | None = None
    #: The rows are deleted in the order of their key, up to the first that is younger: none is
    #: missing between two that are left.
    in_sequence: bool = False
    #: The rows may have a note in plain, which is erased too.
    has_notes: bool = False
    #: Rows of a batch at the most: fewer where they are large.
    most: int = MOST_ROWS

    async def oldest(self, read: Read, before: float) -> float | None:
        """Since when the oldest row is there that is past its time; None: there is none.

        Raises StoreUnavailable.
        """
        statement = select(self.since).where(*self._past).order_by(*self._order).limit(1)
        if self.in_sequence:
            statement = select(self.since).order_by(*self._order).limit(1)
        rows = await read(statement, {"before": before})
        return float(rows[0][0]) if rows and rows[0][0] < before else None

    async def count(self, read: Read, before: float) -> int:
        """How many rows are past their time; raises StoreUnavailable."""
        statement = select(func.count()).select_from(self.table).where(*self._past)
        return int((await read(statement, {"before": before}))[0][0])

    async def apply(self, batches: Batches, before: float, progress: Progress = no_progress) -> int:
        """Changes all rows that are past their time at `before`, in unix seconds; how many.

        A row that another transaction has locked is left to the next time. Raises
        StoreUnavailable.
        """
        if await self.oldest(batches.fetch, before) is None:
            # Without a transaction.
            return 0
        find, change = self._find(), change_of(self.table, self.values)
        last: tuple[Any, ...] = tuple(_FIRST[column.type.python_type] for column in self._order)
        changed = 0
        batches.start_small()
        while True:
            size = min(batches.size, self.most)
            async with batches.transaction() as transaction:
                values = {"before": before, "limit": size, **_named(last)}
                rows = (await transaction.connection.execute(find, values)).all()
                chosen = self._chosen(rows)
                await change_rows(transaction, self.table, change, chosen, self.has_notes)
            changed += len(chosen)
            progress(self.name, changed)
            if len(rows) < size or (self.in_sequence and len(chosen) < len(rows)):
                return changed
            last = tuple(rows[-1][: len(last)])

    @property
    def _order(self) -> list[Column[Any]]:
        key = list(self.table.primary_key.columns)
        if self.in_sequence or key[0] is self.since:
            return key
        return [self.since, *key]

    @property
    def _past(self) -> list[ColumnElement[bool] | TextClause]:
        past: list[ColumnElement[bool] | TextClause] = [self.since < bindparam("before")]
        if self.listed is not None:
            past.append(self.listed)
        if self.due is not None:
            # Opaque: SQLite would read all rows of a state by an index, and sort them.
            past.append(case((self.due, 1), else_=0) == 1)
        return past

    def _find(self) -> Select[Any]:
        """The next rows that may be past their time, with whether they are: as `is_due`.

        What is found and not due is passed over, so that no batch looks at it again.
        """
        order = self._order
        after = tuple_(*order) > tuple_(*_parameters(order))
        older = self.since < bindparam("before")
        due = literal(value=True) if self.due is None else self.due
        if self.in_sequence:
            found = select(*order, older.label("is_due")).where(after)
        else:
            listed = () if self.listed is None else (self.listed,)
            found = select(*order, due.label("is_due")).where(older, *listed, after)
        locked = found.order_by(*order).limit(bindparam("limit"))
        return locked.with_for_update(skip_locked=not self.in_sequence, of=self.table)

    def _chosen(self, rows: Sequence[Row[Any]]) -> list[Row[Any]]:
        if not self.in_sequence:
            return [row for row in rows if row.is_due]
        young = next((place for place, row in enumerate(rows) if not row.is_due), len(rows))
        return list(rows[:young])


def change_of(table: Table, values: Mapping[str, Any] | None) -> Update | Delete:
    """The statement that changes one row, by the parameters of `key_values`; None deletes it."""
    key = [column == bindparam(f"of_{column.name}") for column in table.primary_key.columns]
    if values is None:
        return delete(table).where(*key)
    return update(table).where(*key).values(values)


def key_values(table: Table, row: Row[Any]) -> dict[str, Any]:
    """A row's key, as the parameters of `change_of`."""
    return {f"of_{column.name}": getattr(row, column.name) for column in table.primary_key.columns}


async def change_rows(
    transaction: Transaction,
    table: Table,
    change: Update | Delete,
    rows: Sequence[Row[Any]],
    has_notes: bool,  # noqa: FBT001 - of the table's rule
) -> None:
    """Changes rows by a statement of `change_of`; with notes, theirs are deleted first."""
    if not rows:
        return
    if has_notes:
        keys = [tuple(key_values(table, row).values()) for row in rows]
        await drop_plain_remarks(transaction, table, keys)
    await transaction.connection.execute(change, [key_values(table, row) for row in rows])


#: Comes before all values of a type.
_FIRST: Final[Mapping[type, Any]] = {
    float: float("-inf"),
    int: -1,
    str: "",
    bytes: b"",
}


def _parameters(columns: Sequence[Column[Any]]) -> list[BindParameter[Any]]:
    return [bindparam(f"after_{place}", type_=one.type) for place, one in enumerate(columns)]


def _named(values: Sequence[Any]) -> dict[str, Any]:
    return {f"after_{place}": value for place, value in enumerate(values)}
