"""Pushes: what was accepted for a platform, and its delivery state; DEAD is a dead letter."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Row, bindparam, func, insert, select

from gateway.store.buyer_index import buyer_index
from gateway.store.crypto import Vault
from gateway.store.documents import OrderPersonal
from gateway.store.encrypted_values import EncryptedValues
from gateway.store.engine import Database, Transaction
from gateway.store.listing import Listing, Selection, chosen
from gateway.store.tables import pushes

_GET: Final = select(pushes).where(pushes.c.id.in_(bindparam("ids", expanding=True)))

_STRANDED: Final = (
    select(pushes.c.shop, func.count().label("waiting"))
    .where(pushes.c.state == "PENDING", pushes.c.shop.not_in(bindparam("shops", expanding=True)))
    .group_by(pushes.c.shop)
    .order_by(pushes.c.shop)
)

_BACKLOG: Final = (
    select(
        pushes.c.shop, func.count().label("waiting"), func.min(pushes.c.queued_at).label("since")
    )
    .where(pushes.c.state == "PENDING")
    .group_by(pushes.c.shop)
)

#: Pushes of an order that are looked at to see whether its platform has it.
_LOOKED_AT: Final = 50


class PushError(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The error of the last attempt, with no secret in it."""

    endpoint: str
    #: Without personal data.
    message: str
    #: The message with personal data, which is stored encrypted; None: it has none.
    told: str | None = None
    code: str | None = None
    http_status: int | None = None
    request_id: str | None = None
    #: The answer was lost: the platform may have done it.
    lost: bool = False
    #: The platform said when to retry: not before.
    held: bool = False
    #: Seconds that the push has waited for a new quota since it was queued.
    waited: float = 0.0


class _Told(msgspec.Struct, frozen=True):
    message: str


class ErrorColumns(NamedTuple):
    """An error as a row of `pushes` holds it."""

    last_error: str | None
    told: bytes | None


class PushErrors:
    """Reads and writes the errors of pushes; what they say of a person is encrypted."""

    def __init__(self, vault: Vault) -> None:
        self._told = EncryptedValues(vault, _Told, column="pushes.told")
        self._decoder = msgspec.json.Decoder(PushError)

    def columns(self, error: PushError | None, *, shop: str, dedupe_key: str) -> ErrorColumns:
        """The columns `last_error` and `told`."""
        if error is None:
            return ErrorColumns(None, None)
        told = None if error.told is None else _Told(error.told)
        plain = msgspec.json.encode(msgspec.structs.replace(error, told=None)).decode()
        return ErrorColumns(plain, self._told.seal(told, shop=shop, row=dedupe_key))

    def read(self, row: Row[Any]) -> PushError | None:
        """The error of a row of `pushes`; `told` is None if it cannot be decrypted."""
        if row.last_error is None:
            return None
        error = self._decoder.decode(row.last_error)
        told = self._told.attempt(row.told, shop=row.shop, row=row.dedupe_key)
        if not isinstance(told, _Told):
            return error
        return msgspec.structs.replace(error, told=told.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPush:
    """Something to deliver; `operation` is a PushOperation."""

    shop: str
    operation: str
    #: Pushes of one aggregate are delivered in sequence, for instance "order/42".
    aggregate: str
    #: The aggregate's version in this push.
    version: int
    #: The payload without personal data; JSON.
    payload: str
    personal: OrderPersonal | None = None
    #: GraphQL type and platform id of what is pushed; None for several things.
    subject_kind: str | None = None
    subject_id: str | None = None
    #: The order that it concerns, also if the subject is an after-sale.
    order_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPush:
    """A stored push; its times are unix seconds with fractions."""

    id: int
    shop: str
    #: A PushOperation.
    operation: str
    #: A PushState.
    state: str
    subject_kind: str | None
    subject_id: str | None
    order_id: str | None
    version: int
    attempts: int
    queued_at: float
    delivered_at: float | None
    next_attempt_at: float | None
    last_error: PushError | None


@dataclass(frozen=True, slots=True)
class PushQuery:
    """Which pushes; None means any. An order is named by its shop alone and its platform id."""

    shops: Collection[str]
    states: Collection[str] | None = None
    operations: Collection[str] | None = None
    order_id: str | None = None


class Pushes:
    """Queues and reads the pushes; every method raises StoreUnavailable."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._personal = EncryptedValues(vault, OrderPersonal, column="pushes.personal")
        self._errors = PushErrors(vault)
        self._listing = Listing(database, pushes, (pushes.c.id,))
        self._add = insert(pushes).returning(pushes.c.id)

    async def add(self, transaction: Transaction, push: NewPush) -> int:
        """Queues the push as PENDING, due at once; returns its id."""
        result = await transaction.connection.execute(self._add, self._row(transaction, push))
        return int(result.scalar_one())

    async def get_many(
        self, ids: Collection[int], *, within: Transaction | None = None
    ) -> dict[int, StoredPush]:
        """The pushes that exist, by their ids."""
        if not ids:
            return {}
        rows = await self._database.fetch(_GET, {"ids": list(ids)}, within=within)
        return {row.id: _stored(row, self._errors) for row in rows}

    async def page(
        self, query: PushQuery, *, after: int | None = None, limit: int
    ) -> list[StoredPush]:
        """At most `limit` pushes queued before the push `after`, the newest first."""
        position = None if after is None else (after,)
        rows = await self._listing.page(_selection(query), after=position, limit=limit)
        return [_stored(row, self._errors) for row in rows]

    async def count(self, query: PushQuery) -> int:
        """How many pushes the query matches."""
        return await self._listing.count(_selection(query))

    async def all_refused(self, shop: str, order_id: str) -> bool:
        """Whether the platform took nothing of the order: its last pushes were all REJECTED."""
        found = await self.page(PushQuery([shop], order_id=order_id), limit=_LOOKED_AT)
        return bool(found) and all(push.state == "REJECTED" for push in found)

    async def stranded(self, shops: Collection[str]) -> dict[str, int]:
        """How many pushes wait for shops other than these, by shop: they are never delivered."""
        rows = await self._database.fetch(_STRANDED, {"shops": list(shops)})
        return {row.shop: int(row.waiting) for row in rows}

    async def backlog(self) -> dict[str, tuple[int, float]]:
        """By shop, how many pushes wait, and when the oldest was queued, in unix seconds."""
        rows = await self._database.fetch(_BACKLOG)
        return {row.shop: (int(row.waiting), float(row.since)) for row in rows}

    def _row(self, transaction: Transaction, push: NewPush) -> dict[str, Any]:
        dedupe_key = f"{push.aggregate}/{push.version}/{push.operation}"
        return {
            "shop": push.shop,
            "aggregate": push.aggregate,
            "version": push.version,
            "subject_kind": push.subject_kind,
            "subject_id": push.subject_id,
            "order_id": push.order_id,
            "operation": push.operation,
            "state": "PENDING",
            "attempts": 0,
            "queued_at": transaction.now,
            "next_attempt_at": transaction.now,
            "buyer": buyer_index(self._vault, push.shop, push.personal),
            "payload": push.payload,
            "personal": self._personal.seal(push.personal, shop=push.shop, row=dedupe_key),
            "dedupe_key": dedupe_key,
        }


def _selection(query: PushQuery) -> Selection:
    order = None if query.order_id is None else [query.order_id]
    return Selection(
        chosen(shop=query.shops, state=query.states, operation=query.operations, order_id=order)
    )


def _stored(row: Row[Any], errors: PushErrors) -> StoredPush:
    return StoredPush(
        id=row.id,
        shop=row.shop,
        operation=row.operation,
        state=row.state,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        order_id=row.order_id,
        version=row.version,
        attempts=row.attempts,
        queued_at=row.queued_at,
        delivered_at=row.delivered_at,
        next_attempt_at=row.next_attempt_at,
        last_error=errors.read(row),
    )
