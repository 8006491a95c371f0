"""Log of changes of objects other than orders in commit order, for readers with a cursor."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, bindparam, func, insert, select

from gateway.store.coordination import Counters
from gateway.store.engine import Database, Transaction
from gateway.store.order_changes import CursorRange
from gateway.store.tables import counters, object_changes

_COUNTER: Final = object_changes.name
_ADD: Final = insert(object_changes)
_AFTER: Final = (
    select(object_changes)
    .where(object_changes.c.cursor > bindparam("after"))
    .order_by(object_changes.c.cursor)
    .limit(bindparam("limit"))
)
_OLDEST: Final = select(func.min(object_changes.c.cursor))
_NEWEST: Final = select(counters.c.value).where(counters.c.name == _COUNTER)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewObjectChange:
    """A change of an object; nothing in it is personal."""

    #: The GraphQL type: AfterSale, Product, Push or BulkOperation.
    kind: str
    #: Empty: of a bulk operation of several shops.
    shop: str
    #: Of a push or a bulk operation its row number.
    platform_id: str
    #: The order that it belongs to; None for a product.
    order_id: str | None = None
    #: In the words of its own enum; None once it was deleted.
    status: str | None
    #: None if it is new, or its status before is not known.
    previous_status: str | None = None
    #: An OrderChangeCause; DELIVERY of a push that was not delivered, BULK of the end of a bulk
    #: operation.
    cause: str


@dataclass(frozen=True, slots=True)
class StoredObjectChange:
    """A change with its position; `written_at` in unix seconds with fractions."""

    cursor: int
    change: NewObjectChange
    written_at: float


class ObjectChanges:
    """Appends and reads the changes; every method raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._counters = Counters(database)

    async def append(self, transaction: Transaction, changes: Sequence[NewObjectChange]) -> None:
        """Appends the changes; do it last, because others wait for the counter from then on.

        With changes of orders in one transaction these come after them.
        """
        if not changes:
            return
        numbers = await self._counters.take(transaction, _COUNTER, len(changes))
        rows = [
            {
                "cursor": cursor,
                "kind": change.kind,
                "shop": change.shop,
                "platform_id": change.platform_id,
                "order_id": change.order_id,
                "status": change.status,
                "previous_status": change.previous_status,
                "cause": change.cause,
                "written_at": transaction.now,
            }
            for cursor, change in zip(numbers, changes, strict=True)
        ]
        await transaction.connection.execute(_ADD, rows)

    async def after(self, cursor: int, *, limit: int) -> list[StoredObjectChange]:
        """At most `limit` changes that follow the cursor, oldest first."""
        rows = await self._database.fetch(_AFTER, {"after": cursor, "limit": limit})
        return [_stored(row) for row in rows]

    async def kept(self) -> CursorRange:
        """The range of changes that can be read."""
        # In this order: a concurrent insert must not make an empty table look pruned.
        counted = await self._database.fetch(_NEWEST)
        newest = int(counted[0][0]) if counted else 0
        oldest = (await self._database.fetch(_OLDEST))[0][0]
        return CursorRange(newest if oldest is None else int(oldest) - 1, newest)


def _stored(row: Row[Any]) -> StoredObjectChange:
    change = NewObjectChange(
        kind=row.kind,
        shop=row.shop,
        platform_id=row.platform_id,
        order_id=row.order_id,
        status=row.status,
        previous_status=row.previous_status,
        cause=row.cause,
    )
    return StoredObjectChange(row.cursor, change, row.written_at)
