"""Log of order changes in commit order, for readers with a cursor."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Row, bindparam, func, insert, select

from gateway.store.crypto import Vault
from gateway.store.documents import Shipment
from gateway.store.encrypted_values import EncryptedOpenIds
from gateway.store.engine import Database, Transaction
from gateway.store.tables import counters, order_changes

_COUNTER: Final = "order_changes"
_ENCODER: Final = msgspec.json.Encoder()
_SHIPMENT: Final = msgspec.json.Decoder(Shipment)
_AFTER: Final = (
    select(order_changes)
    .where(order_changes.c.cursor > bindparam("after"))
    .order_by(order_changes.c.cursor)
    .limit(bindparam("limit"))
)
_OLDEST: Final = select(func.min(order_changes.c.cursor))
_NEWEST: Final = select(counters.c.value).where(counters.c.name == _COUNTER)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrderChange:
    """A change of an order; `cause` is an OrderChangeCause, the statuses are OrderStatus."""

    shop: str
    platform_id: str
    partner_app_id: str | None = None
    #: None once it was deleted.
    status: str | None
    #: None if it was unknown before.
    previous_status: str | None
    cause: str
    #: The buyer's, for filters; stored sealed and as a blind index.
    open_id: str | None = None
    #: When the order was created, in unix seconds, for filters.
    created_at: int | None = None
    #: The platform's own code of the status; None where the change does not tell it.
    platform_status: str | None = None
    #: When the order was paid, in unix seconds; None where the change does not tell it.
    paid_at: int | None = None
    #: The parcel that was sent; None where the change does not tell one.
    shipment: Shipment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredOrderChange:
    """A change with its position; `written_at` in unix seconds with fractions."""

    cursor: int
    shop: str
    platform_id: str
    partner_app_id: str | None
    status: str | None
    previous_status: str | None
    cause: str
    #: Blind index of the buyer's open id.
    buyer: bytes | None
    created_at: int | None
    platform_status: str | None
    paid_at: int | None
    shipment: Shipment | None
    written_at: float


class CursorRange(NamedTuple):
    """Which changes can still be read: those after `oldest`, up to `newest`."""

    oldest: int
    newest: int


class OrderChanges:
    """Appends and reads the changes; every method raises StoreUnavailable."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._open_id = EncryptedOpenIds(vault, column="order_changes.open_id")
        self._add = database.for_rows(insert(order_changes))
        grown = database.insert(counters)
        self._count = grown.on_conflict_do_update(
            index_elements=[counters.c.name],
            set_={"value": counters.c.value + grown.excluded.value},
        ).returning(counters.c.value)

    async def append(self, transaction: Transaction, changes: Sequence[NewOrderChange]) -> None:
        """Appends the changes; do it last, because others wait for the counter from then on."""
        if not changes:
            return
        counted = {"name": _COUNTER, "value": len(changes)}
        last = (await transaction.connection.execute(self._count, counted)).scalar_one()
        first = int(last) - len(changes) + 1
        rows = [
            self._row(transaction, first + place, change) for place, change in enumerate(changes)
        ]
        await self._add.execute_later(transaction, rows)

    async def after(self, cursor: int, *, limit: int) -> list[StoredOrderChange]:
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

    def buyer_indexes(self, shop: str, open_id: str) -> frozenset[bytes]:
        """The values that `StoredOrderChange.buyer` may have for this buyer."""
        return frozenset(self._vault.blind_indexes(shop, open_id))

    def _row(self, transaction: Transaction, cursor: int, change: NewOrderChange) -> dict[str, Any]:
        open_id = change.open_id
        return {
            "cursor": cursor,
            "shop": change.shop,
            "platform_id": change.platform_id,
            "partner_app_id": change.partner_app_id,
            "status": change.status,
            "previous_status": change.previous_status,
            "cause": change.cause,
            "buyer": None if open_id is None else self._vault.blind_index(change.shop, open_id),
            "open_id": (
                None
                if open_id is None
                else self._open_id.seal(open_id, shop=change.shop, row=str(cursor))
            ),
            "created_at": change.created_at,
            "platform_status": change.platform_status,
            "paid_at": change.paid_at,
            "shipment": None
            if change.shipment is None
            else _ENCODER.encode(change.shipment).decode(),
            "written_at": transaction.now,
        }


def _stored(row: Row[Any]) -> StoredOrderChange:
    return StoredOrderChange(
        cursor=row.cursor,
        shop=row.shop,
        platform_id=row.platform_id,
        partner_app_id=row.partner_app_id,
        status=row.status,
        previous_status=row.previous_status,
        cause=row.cause,
        buyer=row.buyer,
        created_at=row.created_at,
        platform_status=row.platform_status,
        paid_at=row.paid_at,
        shipment=None if row.shipment is None else _SHIPMENT.decode(row.shipment),
        written_at=row.written_at,
    )
