"""Keyset pagination of a table, newest first, or for exports oldest first.

Each page is read from an index that begins with what the rows are chosen by and ends with their
position, from the cursor on: it costs the same at any depth, whatever other rows there are.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Row,
    Select,
    Table,
    and_,
    bindparam,
    func,
    select,
    tuple_,
    union_all,
)

from gateway.store.engine import Database

#: Index ranges that one statement reads; SQLite takes 500 parts of a UNION.
_RANGES: Final = 100


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows: any of the given values for each column; the time range is inclusive."""

    choices: Mapping[str, Collection[Any]]
    start: float | None = None
    end: float | None = None
    #: Of columns of which an index is of no use.
    filters: tuple[ColumnElement[bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """The pages of one table.

    `position` orders its rows totally; its first column is the time. `prefixes` are the columns
    that its indexes have before the position, the narrowest index first.
    """

    database: Database
    table: Table
    position: tuple[Column[Any], ...]
    prefixes: tuple[tuple[str, ...], ...]
    #: The condition that every row must meet.
    always: tuple[ColumnElement[bool], ...] = ()
    oldest_first: bool = False
    #: Each form of a query is built once.
    _built: dict[tuple[object, ...], Select[Any]] = field(default_factory=dict, init=False)

    async def page(
        self, selection: Selection, *, after: Sequence[Any] | None, limit: int
    ) -> Sequence[Row[Any]]:
        """At most `limit` rows that follow the position `after`; raises StoreUnavailable."""
        choices = selection.choices
        prefix = next(one for one in self.prefixes if choices.keys() >= set(one))
        ranges = list(product(*(choices[name] for name in prefix)))
        return await self.ranges(prefix, ranges, selection, after=after, limit=limit)

    async def ranges(
        self,
        prefix: tuple[str, ...],
        ranges: Sequence[tuple[Any, ...]],
        selection: Selection,
        *,
        after: Sequence[Any] | None,
        limit: int,
    ) -> Sequence[Row[Any]]:
        """Like `page`, of the rows whose columns `prefix` have one of the given combinations."""
        others = {name: given for name, given in selection.choices.items() if name not in prefix}
        if not all(others.values()):
            return ()
        start, end = selection.start, selection.end
        # One bound on a side: of two, SQLite starts at either.
        if after is not None and self.oldest_first and start is not None:
            after, start = (None, start) if start > after[0] else (after, None)
        elif after is not None and not self.oldest_first and end is not None:
            after, end = (None, end) if end < after[0] else (after, None)
        values: dict[str, Any] = {f"any_{name}": list(given) for name, given in others.items()}
        values |= {"limit": limit, "start": start, "end": end}
        values |= {f"after_{index}": value for index, value in enumerate(after or ())}
        found: list[Row[Any]] = []
        for begin in range(0, len(ranges), _RANGES):
            some = ranges[begin : begin + _RANGES]
            named = {
                f"{name}_{place}": value
                for place, one in enumerate(some)
                for name, value in zip(prefix, one, strict=True)
            }
            bounded = (after is not None, end is not None, start is not None)
            shape = (len(some), prefix, *others, bounded)
            statement = None if selection.filters else self._built.get(shape)
            if statement is None:
                bounds = [*self._bounds(start, end, after), *selection.filters]
                statement = self._merged(prefix, len(some), others, bounds)
                if not selection.filters:
                    self._built[shape] = statement
            found += await self.database.fetch(statement, values | named)
        if len(ranges) > _RANGES:
            names = [column.name for column in self.position]
            found.sort(
                key=lambda row: [getattr(row, name) for name in names],
                reverse=not self.oldest_first,
            )
        return found[:limit]

    async def count(self, selection: Selection) -> int:
        """How many rows there are on all pages: reads them all, as an export does."""
        if not all(selection.choices.values()):
            return 0
        named = (self.table.c[name].in_(list(given)) for name, given in selection.choices.items())
        statement = select(func.count()).select_from(self.table)
        statement = statement.where(
            *self.always, *named, *self._bounds(selection.start, selection.end, None)
        )
        values = {"start": selection.start, "end": selection.end}
        given = {name: value for name, value in values.items() if value is not None}
        return int((await self.database.fetch(statement, given))[0][0])

    def _merged(
        self,
        prefix: tuple[str, ...],
        ranges: int,
        others: Collection[str],
        bounds: Sequence[ColumnElement[bool]],
    ) -> Select[Any]:
        """The first rows of several ranges of an index."""
        conditions = [
            *self.always,
            *bounds,
            *(self.table.c[name].in_(bindparam(f"any_{name}", expanding=True)) for name in others),
        ]
        parts = [
            [self.table.c[name] == bindparam(f"{name}_{place}") for name in prefix] + conditions
            for place in range(ranges)
        ]
        if ranges == 1:
            return self._first(select(self.table).where(*parts[0]), self.table.c)
        # Only the keys are merged: most rows of most ranges are not on the page.
        key = [*self.table.primary_key.columns]
        columns = [*key, *(column for column in self.position if column not in key)]
        firsts = (
            self._first(select(*columns).where(*part), self.table.c).subquery() for part in parts
        )
        merged = union_all(*(select(one) for one in firsts)).subquery("merged")
        page = self._first(select(*merged.c), merged.c).subquery("page")
        matches = [column == page.c[column.name] for column in key]
        return select(self.table).join(page, and_(*matches)).order_by(*self._order(page.c))

    def _first(self, statement: Select[Any], columns: Any) -> Select[Any]:
        return statement.order_by(*self._order(columns)).limit(bindparam("limit"))

    def _order(self, columns: Any) -> list[ColumnElement[Any]]:
        named = [columns[column.name] for column in self.position]
        return [column.asc() if self.oldest_first else column.desc() for column in named]

    def _bounds(
        self, start: float | None, end: float | None, after: Sequence[Any] | None
    ) -> list[ColumnElement[bool]]:
        time = self.position[0]
        bounds: list[ColumnElement[bool]] = []
        if start is not None:
            bounds.append(time >= bindparam("start"))
        if end is not None:
            bounds.append(time <= bindparam("end"))
        if after is not None:
            ends: list[BindParameter[Any]] = [
                bindparam(f"after_{index}") for index in range(len(self.position))
            ]
            # A comparison of rows: an index is entered at the position itself.
            here: Any = time if len(ends) == 1 else tuple_(*self.position)
            there: Any = ends[0] if len(ends) == 1 else tuple_(*ends)
            bounds.append(here > there if self.oldest_first else here < there)
        return bounds


def chosen(**choices: Collection[Any] | None) -> dict[str, Collection[Any]]:
    """The given filters; None means any."""
    return {name: values for name, values in choices.items() if values is not None}
