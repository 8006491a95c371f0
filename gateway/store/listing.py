"""Keyset pagination of a table, newest first."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Row,
    Select,
    Table,
    bindparam,
    func,
    select,
    tuple_,
)

from gateway.store.engine import Database

#: Later than every time that a platform can report.
_NEVER: Final = 2**62


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows: any of the given values for each column; the time range is inclusive."""

    choices: Mapping[str, Collection[Any]]
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """The pages of one table; `position` orders its rows totally, its first column is the time."""

    database: Database
    table: Table
    position: tuple[Column[Any], ...]
    #: The condition that every row must meet.
    always: tuple[ColumnElement[bool], ...] = ()
    #: Each form of a query is built once.
    _built: dict[tuple[object, ...], Select[Any]] = field(default_factory=dict)

    async def page(
        self, selection: Selection, *, after: Sequence[Any] | None, limit: int
    ) -> Sequence[Row[Any]]:
        """At most `limit` rows that follow the position `after`; raises StoreUnavailable."""
        if not all(selection.choices.values()):
            return ()
        shape = ("page", after is not None, *selection.choices)
        statement = self._built.get(shape)
        if statement is None:
            statement = self._built[shape] = self._page(selection, beyond=after is not None)
        values = _values(selection) | {"limit": limit}
        values |= {f"after_{index}": value for index, value in enumerate(after or ())}
        return await self.database.fetch(statement, values)

    async def count(self, selection: Selection) -> int:
        """How many rows there are on all pages; raises StoreUnavailable."""
        if not all(selection.choices.values()):
            return 0
        shape = ("count", *selection.choices)
        statement = self._built.get(shape)
        if statement is None:
            statement = self._built[shape] = (
                select(func.count()).select_from(self.table).where(*self._matching(selection))
            )
        return int((await self.database.fetch(statement, _values(selection)))[0][0])

    def _page(self, selection: Selection, *, beyond: bool) -> Select[Any]:
        statement = select(self.table).where(*self._matching(selection))
        if beyond:
            ends: list[ColumnElement[Any]] = [
                bindparam(f"after_{index}") for index in range(len(self.position))
            ]
            statement = statement.where(tuple_(*self.position) < tuple_(*ends))
        newest_first = (column.desc() for column in self.position)
        return statement.order_by(*newest_first).limit(bindparam("limit"))

    def _matching(self, selection: Selection) -> list[ColumnElement[bool]]:
        named = (
            self.table.c[name].in_(bindparam(f"any_{name}", expanding=True))
            for name in selection.choices
        )
        time = self.position[0].between(bindparam("start"), bindparam("end"))
        return [*self.always, *named, time]


def _values(selection: Selection) -> dict[str, Any]:
    values: dict[str, Any] = {
        f"any_{name}": list(wanted) for name, wanted in selection.choices.items()
    }
    values["start"] = -_NEVER if selection.start is None else selection.start
    values["end"] = _NEVER if selection.end is None else selection.end
    return values


def chosen(**choices: Collection[Any] | None) -> dict[str, Collection[Any]]:
    """The given filters; None means any."""
    return {name: values for name, values in choices.items() if values is not None}
