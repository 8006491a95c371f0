"""Keyset pagination of a table, newest first, or for exports oldest first.

Each page is read from an index that begins with what the rows are chosen by and ends with their
position, from the cursor on: it costs the same at any depth, whatever other rows there are.
"""

import operator
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any, Final, NamedTuple, Self

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


class _Bounded(NamedTuple):
    """Which ends of the ranges are given."""

    start: bool
    end: bool
    after: bool


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
    #: Whether the pages go by ascending positions.
    ascending: bool = False
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
        if after is not None and self.ascending and start is not None:
            after, start = (None, start) if start > after[0] else (after, None)
        elif after is not None and not self.ascending and end is not None:
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
            bounded = _Bounded(start is not None, end is not None, after is not None)
            shape = (len(some), prefix, *others, bounded)
            statement = None if selection.filters else self._built.get(shape)
            if statement is None:
                filters = [*self.always, *selection.filters, *self._any_of(others)]
                parts = [
                    (*self._bounds(prefix, place, bounded), *filters) for place in range(len(some))
                ]
                statement = self._merged(prefix, parts)
                if not selection.filters:
                    self._built[shape] = statement
            found += await self.database.fetch(statement, values | named)
        if len(ranges) > _RANGES:
            names = [column.name for column in self.position]
            found.sort(
                key=lambda row: [getattr(row, name) for name in names], reverse=not self.ascending
            )
        return found[:limit]

    async def count(self, selection: Selection) -> int:
        """How many rows there are on all pages: reads them all, as an export does."""
        if not all(selection.choices.values()):
            return 0
        conditions = [
            *self.always,
            *selection.filters,
            *(self.table.c[name].in_(list(given)) for name, given in selection.choices.items()),
        ]
        if selection.start is not None:
            conditions.append(self.position[0] >= selection.start)
        if selection.end is not None:
            conditions.append(self.position[0] <= selection.end)
        statement = select(func.count()).select_from(self.table).where(*conditions)
        return int((await self.database.fetch(statement))[0][0])

    def _merged(
        self, prefix: tuple[str, ...], parts: Sequence[tuple[ColumnElement[bool], ...]]
    ) -> Select[Any]:
        """The first rows of several ranges of an index."""
        if len(parts) == 1:
            return self._first(select(self.table).where(*parts[0]), self.table.c, prefix)
        # Only the keys are merged: most rows of most ranges are not on the page.
        key = [*self.table.primary_key.columns]
        columns = [*key, *(column for column in self.position if column not in key)]
        firsts = (
            self._first(select(*columns).where(*part), self.table.c, prefix).subquery()
            for part in parts
        )
        merged = union_all(*(select(one) for one in firsts)).subquery("merged")
        page = self._first(select(*merged.c), merged.c).subquery("page")
        matches = [column == page.c[column.name] for column in key]
        return select(self.table).join(page, and_(*matches)).order_by(*self._order(page.c))

    def _first(
        self, statement: Select[Any], columns: Any, prefix: tuple[str, ...] = ()
    ) -> Select[Any]:
        return statement.order_by(*self._order(columns, prefix)).limit(bindparam("limit"))

    def _order(self, columns: Any, prefix: tuple[str, ...] = ()) -> list[ColumnElement[Any]]:
        named = [columns[name] for name in (*prefix, *(column.name for column in self.position))]
        return named if self.ascending else [column.desc() for column in named]

    def _any_of(self, names: Collection[str]) -> list[ColumnElement[bool]]:
        return [self.table.c[name].in_(bindparam(f"any_{name}", expanding=True)) for name in names]

    def _bounds(
        self, prefix: tuple[str, ...], place: int, bounded: _Bounded
    ) -> list[ColumnElement[bool]]:
        """One range of an index.

        On PostgreSQL by comparisons of rows: with a condition on each column it walks another index
        in the order of the position, past all rows of other ranges, if it takes those of this one
        for many. SQLite compares no row with an index that ends in its own row number.
        """
        columns = [self.table.c[name] for name in prefix]
        values: list[BindParameter[Any]] = [bindparam(f"{name}_{place}") for name in prefix]
        equal: list[ColumnElement[bool]] = []
        if self.database.is_sqlite:
            equal = [column == value for column, value in zip(columns, values, strict=True)]
            columns, values = [], []
        first, last = _Edge(columns, values), _Edge(columns, values)
        if bounded.start:
            first = first.at(self.position[:1], "start")
        if bounded.end:
            last = last.at(self.position[:1], "end")
        if bounded.after:
            names = [f"after_{index}" for index in range(len(self.position))]
            if self.ascending:
                first = first.at(self.position, *names)
            else:
                last = last.at(self.position, *names)
        after_first, before_last = (
            (bounded.after, False) if self.ascending else (False, bounded.after)
        )
        return [
            *equal,
            *first.condition(operator.gt if after_first else operator.ge),
            *last.condition(operator.lt if before_last else operator.le),
        ]


@dataclass(frozen=True, slots=True)
class _Edge:
    """One end of a range of an index: the values of its first columns."""

    columns: Sequence[ColumnElement[Any]]
    values: Sequence[ColumnElement[Any]]

    def at(self, columns: Sequence[ColumnElement[Any]], *names: str) -> Self:
        """With the parameters of these names for the columns that follow."""
        more: list[BindParameter[Any]] = [bindparam(name) for name in names]
        return replace(self, columns=[*self.columns, *columns], values=[*self.values, *more])

    def condition(self, compare: Callable[[Any, Any], Any]) -> list[ColumnElement[bool]]:
        """The comparison of rows with this end; none if the range has no such end."""
        if not self.columns:
            return []
        if len(self.columns) == 1:
            return [compare(self.columns[0], self.values[0])]
        return [compare(tuple_(*self.columns), tuple_(*self.values))]


def chosen(**choices: Collection[Any] | None) -> dict[str, Collection[Any]]:
    """The given filters; None means any."""
    return {name: values for name, values in choices.items() if values is not None}


def distinct_values(column: Column[Any], among: ColumnElement[bool]) -> Select[Any]:
    """The distinct values of a column in ascending order, with one look at an index for each.

    `among` chooses the rows; the index must begin with what it compares and the column.
    """
    first = select(func.min(column).label("value")).where(among)
    found = first.cte("found", recursive=True)
    following = select(func.min(column)).where(among, column > found.c.value).scalar_subquery()
    found = found.union_all(select(following).where(found.c.value.is_not(None)))
    return select(found.c.value).where(found.c.value.is_not(None)).order_by(found.c.value)
