"""Database client spans: the kind of a statement, and never its text or its values."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Executable

from gateway.tracing import SpanKind, traced

#: By what SQLAlchemy calls a statement; any other is a query.
_OPERATIONS: Final[Mapping[str, str]] = {
    "insert": "INSERT",
    "update": "UPDATE",
    "delete": "DELETE",
}


class StatementSpans:
    """The spans of one database, which `system` names as the semantic conventions do."""

    def __init__(self, system: str) -> None:
        """`system` is "sqlite" or "postgresql"."""
        names = ("transaction", "SELECT", *_OPERATIONS.values())
        self._attributes = {
            name: {"db.system.name": system, "db.operation.name": name.upper()} for name in names
        }

    def transaction(self) -> traced:
        """A transaction, with the wait for its turn to write and its commit."""
        return traced("transaction", SpanKind.CLIENT, self._attributes["transaction"])

    def statement(self, statement: Executable) -> traced:
        """A query, with the wait for a connection."""
        name = _OPERATIONS.get(getattr(statement, "__visit_name__", ""), "SELECT")
        return traced(name, SpanKind.CLIENT, self._attributes[name])
