"""Full text: rows of the index that have words, by FTS5 on SQLite and by GIN on PostgreSQL.

FTS5 gives row numbers in their order, from any of them on. Its rows have facets beside the words:
the shop, the status and the like, as words that nobody can type (see migration 0012), so that a
frequent word in a rare status costs no more than a rare word. PostgreSQL has columns for those.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Table,
    cast,
    column,
    func,
    literal,
    literal_column,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from gateway.store.words import PRIVATE

#: An order that is a copy, and one with an after-sale that is open.
COPY: Final = f"{PRIVATE}c"
OPEN_AFTER_SALE: Final = f"{PRIVATE}a"


def shop_facet(shop: str) -> str:
    """What the rows of a shop have."""
    return f"{PRIVATE}s{shop.encode().hex()}"


def status_facet(status: str) -> str:
    """What the rows of a status have."""
    return f"{PRIVATE}t{status.encode().hex()}"


def copy_facet(original_shop: str) -> str:
    """What the copies of a shop's orders have."""
    return f"{PRIVATE}c{original_shop.encode().hex()}"


@dataclass(frozen=True, slots=True)
class Match:
    """What a row must have: all words, one of each choice, and none of the excluded."""

    words: Sequence[str]
    choices: Sequence[Collection[str]] = ()
    excluded: Collection[str] = ()

    @property
    def for_fts5(self) -> str:
        """In FTS5's language: every phrase is one word in quotes."""
        parts = [_any_of([word]) for word in self.words]
        parts += [_any_of(choice) for choice in self.choices]
        found = " AND ".join(parts)
        return f"({found}) NOT {_any_of(self.excluded)}" if self.excluded else found

    @property
    def for_postgresql(self) -> str:
        """The words as a tsquery."""
        return " & ".join(f"'{word}'" for word in self.words)


def _any_of(words: Collection[str]) -> str:
    return f"({' OR '.join(chr(34) + word + chr(34) for word in words)})"


class FullText:
    """The words of one table, which has `number`, `shop` and `words`."""

    def __init__(self, words_of: Table, *, is_sqlite: bool) -> None:
        self._table = words_of
        self._is_sqlite = is_sqlite
        name = f"{words_of.name}_words"
        #: FTS5's table; its column of the same name is what MATCH takes.
        self.fts5 = table(name, column("rowid"), column(name))
        #: In the words of the migration, so that the index is found.
        self._vector: ColumnElement[Any] = literal_column(
            f"array_to_tsvector(string_to_array(btrim({words_of.name}.words), ' '))"
        )

    def has(self, words: Sequence[str]) -> list[ColumnElement[bool]]:
        """Conditions of a row that is read anyway: no index is looked into."""
        words_column = self._table.c.words
        place = func.instr if self._is_sqlite else func.strpos
        return [place(words_column, f" {word} ") > 0 for word in words]

    def matches(self, match: Match) -> ColumnElement[bool]:
        """Whether a row of FTS5's table, or of the table on PostgreSQL, has what is asked for.

        PostgreSQL looks at the words only.
        """
        if self._is_sqlite:
            return self.fts5.c[self.fts5.name].op("MATCH", is_comparison=True)(match.for_fts5)
        query = cast(literal(match.for_postgresql, String), TSQUERY)
        return self._vector.op("@@", is_comparison=True)(query)

    def numbers(self, shops: Collection[str], match: Match) -> Select[Any]:
        """The numbers of the rows of these shops that have what is asked for."""
        if self._is_sqlite:
            of_shops = Match(
                match.words, [list(map(shop_facet, shops)), *match.choices], match.excluded
            )
            return select(self.fts5.c.rowid.label("number")).where(self.matches(of_shops))
        return select(self._table.c.number).where(
            self._table.c.shop.in_(list(shops)), self.matches(match)
        )
