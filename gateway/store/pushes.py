"""Pushes: what was accepted for a platform, and its delivery state; DEAD is a dead letter."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from math import inf, nextafter
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Row, bindparam, func, insert, literal_column, or_, select

from gateway.mutation_progress import queued_by
from gateway.store.buyer_index import buyer_index, possible_indexes
from gateway.store.crypto import Vault
from gateway.store.documents import OrderPersonal
from gateway.store.encrypted_values import EncryptedValues
from gateway.store.engine import Database, Transaction
from gateway.store.listing import Listing, Selection, chosen
from gateway.store.tables import push_counts, pushes
from gateway.tracing import Attributes, SpanKind, traced

_GET: Final = select(pushes).where(pushes.c.id.in_(bindparam("ids", expanding=True)))

_counts = push_counts.c
_COUNT: Final = func.sum(_counts.pushes)
_WAITS: Final = _counts.state == "PENDING"
_STRANDED: Final = (
    select(_counts.shop, _COUNT.label("waiting"))
    .where(_WAITS, _counts.shop.not_in(bindparam("shops", expanding=True)))
    .group_by(_counts.shop)
    .having(_COUNT > 0)
    .order_by(_counts.shop)
)
_WAITING: Final = (
    select(_counts.shop, _COUNT.label("waiting"))
    .where(_WAITS)
    .group_by(_counts.shop)
    .having(_COUNT > 0)
    .subquery()
)
#: A literal: the partial indexes of what waits serve no statement with a parameter instead.
_SINCE: Final = (
    select(func.min(pushes.c.queued_at))
    .where(pushes.c.shop == _WAITING.c.shop, pushes.c.state == literal_column("'PENDING'"))
    .scalar_subquery()
)
_BACKLOG: Final = select(_WAITING.c.shop, _WAITING.c.waiting, _SINCE.label("since"))
#: The columns before the id in the index of lists, and the combinations of them that occur.
_QUEUE: Final = {
    "messaging.system": "gateway_outbox",
    "messaging.destination.name": "outbox",
    "messaging.operation.name": "queue",
    "messaging.operation.type": "send",
}
_LISTED: Final = ("shop", "operation", "state")

_ALL_REFUSED: Final = (
    select(pushes.c.order_id)
    .where(
        pushes.c.shop == bindparam("in_shop"),
        pushes.c.order_id.in_(bindparam("order_ids", expanding=True)),
        # It imports nothing.
        pushes.c.operation != "SHIPPING_UPLOAD",
    )
    .group_by(pushes.c.order_id)
    .having(
        func.min(pushes.c.state) == "REJECTED",
        func.max(pushes.c.state) == "REJECTED",
        # Retention has deleted none of them: one that is gone had been delivered.
        func.min(pushes.c.version) == 1,
    )
)
_TO_BUYER: Final = (
    select(pushes.c.operation, pushes.c.state, pushes.c.attempts)
    .where(
        pushes.c.shop == bindparam("in_shop"),
        pushes.c.order_id == bindparam("of_order"),
        pushes.c.buyer.in_(bindparam("buyers", expanding=True)),
        pushes.c.operation != "SHIPPING_UPLOAD",
    )
    .order_by(pushes.c.id)
)
_UNATTEMPTED: Final = select(pushes.c.id).where(
    pushes.c.id.in_(bindparam("ids", expanding=True)),
    pushes.c.state == "PENDING",
    or_(pushes.c.attempts == 0, pushes.c.lease_owner.is_not(None)),
)


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
    #: The name of the API key, or the mirror; None: of a version that did not keep it.
    queued_by: str | None


@dataclass(frozen=True, slots=True)
class PushQuery:
    """Which pushes; None means any. An order is named by its shop alone and its platform id.

    The times are unix seconds: from `queued_from` on, before `queued_to`.
    """

    shops: Collection[str]
    states: Collection[str] | None = None
    operations: Collection[str] | None = None
    order_id: str | None = None
    queued_from: float | None = None
    queued_to: float | None = None

    @property
    def in_time(self) -> bool:
        """Whether a range of time is asked for."""
        return self.queued_from is not None or self.queued_to is not None


class PushPosition(NamedTuple):
    """A place in a list of pushes; `queued_at` is None in lists of all times."""

    push_id: int
    queued_at: float | None = None


class Pushes:
    """Queues and reads the pushes; every method raises StoreUnavailable."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._personal = EncryptedValues(vault, OrderPersonal, column="pushes.personal")
        self._errors = PushErrors(vault)
        self._listing = Listing(database, pushes, (pushes.c.id,), (("shop", "order_id"),))
        self._in_time = Listing(database, pushes, (pushes.c.queued_at, pushes.c.id), (_LISTED,))
        self._add = insert(pushes).returning(pushes.c.id, pushes.c.shop, pushes.c.dedupe_key)

    async def add(self, transaction: Transaction, push: NewPush) -> int:
        """Queues the push as PENDING, due at once; returns its id."""
        (push_id,) = await self.add_many(transaction, [push])
        return push_id

    async def add_many(self, transaction: Transaction, given: Sequence[NewPush]) -> list[int]:
        """Like `add` for several, in one statement; their ids are in the order of the pushes."""
        if not given:
            return []
        rows = [self._row(transaction, push) for push in given]
        attributes: Attributes = {**_QUEUE, "messaging.batch.message_count": len(rows)}
        with traced("queue outbox", SpanKind.PRODUCER, attributes):
            added = (await transaction.connection.execute(self._add, rows)).all()
        ids = {(row.shop, row.dedupe_key): int(row.id) for row in added}
        return [ids[row["shop"], row["dedupe_key"]] for row in rows]

    async def get_many(
        self, ids: Collection[int], *, within: Transaction | None = None
    ) -> dict[int, StoredPush]:
        """The pushes that exist, by their ids."""
        if not ids:
            return {}
        rows = await self._database.fetch(_GET, {"ids": list(ids)}, within=within)
        return {row.id: _stored(row, self._errors) for row in rows}

    async def page(
        self, query: PushQuery, *, after: PushPosition | None = None, limit: int
    ) -> list[StoredPush]:
        """At most `limit` pushes that follow the position `after`, the newest first.

        Those of an order, and of all times, in the order of their ids; those of a range of time in
        that of their times, which a retry changes.
        """
        selection, position = _selection(query), _position(after)
        if query.order_id is not None:
            narrowed = replace(selection, filters=_in_time(query))
            rows = await self._listing.page(narrowed, after=position, limit=limit)
            return [_stored(row, self._errors) for row in rows]
        # Only ranges of the index that have rows: most operations and states of most shops have
        # none.
        ranges = list(await self._counted(selection))
        if query.in_time:
            listing, end = self._in_time, query.queued_to
            selection = replace(
                selection,
                start=query.queued_from,
                end=None if end is None else nextafter(end, -inf),
            )
        else:
            listing = self._listing
        rows = await listing.ranges(_LISTED, ranges, selection, after=position, limit=limit)
        return [_stored(row, self._errors) for row in rows]

    async def count(self, query: PushQuery) -> int | None:
        """How many pushes the query matches; those of an order are read.

        None for a range of time: nobody counts by it.
        """
        selection = _selection(query)
        if query.order_id is None:
            return None if query.in_time else sum((await self._counted(selection)).values())
        chosen_by = [pushes.c[name].in_(list(one)) for name, one in selection.choices.items()]
        matching = [*chosen_by, *_in_time(query)]
        rows = await self._database.fetch(select(func.count()).select_from(pushes).where(*matching))
        return int(rows[0][0])

    async def _counted(self, selection: Selection) -> dict[tuple[str, str, str], int]:
        """How many pushes there are by shop, operation and state, of those that are chosen."""
        matching = (_counts[name].in_(list(given)) for name, given in selection.choices.items())
        kinds = [_counts[name] for name in _LISTED]
        statement = select(*kinds, _COUNT).where(*matching).group_by(*kinds).having(_COUNT > 0)
        rows = await self._database.fetch(statement)
        return {(row.shop, row.operation, row.state): int(row[-1]) for row in rows}

    async def all_refused(self, shop: str, order_ids: Collection[str]) -> set[str]:
        """Of which orders the platform took nothing: their pushes were all REJECTED."""
        if not order_ids:
            return set()
        values = {"in_shop": shop, "order_ids": list(order_ids)}
        rows = await self._database.fetch(_ALL_REFUSED, values)
        return {row.order_id for row in rows}

    async def never_sent(
        self, transaction: Transaction, shop: str, order_id: str, buyer_id: str
    ) -> bool:
        """Whether the platform has nothing of an order at this buyer's; False if it may have.

        True needs every push since the import: retention deletes them one day.
        """
        values = {
            "in_shop": shop,
            "of_order": order_id,
            "buyers": possible_indexes(self._vault, shop, buyer_id),
        }
        rows = await self._database.fetch(_TO_BUYER, values, transaction)
        return (
            bool(rows)
            and rows[0].operation == "ORDER_IMPORT"
            and all(row.state == "REJECTED" or row.attempts == 0 for row in rows)
        )

    async def unattempted(self, ids: Collection[int]) -> set[int]:
        """Which of these have no recorded attempt yet: they wait, or are being sent."""
        if not ids:
            return set()
        rows = await self._database.fetch(_UNATTEMPTED, {"ids": list(ids)})
        return {row.id for row in rows}

    async def stranded(self, shops: Collection[str]) -> dict[str, int]:
        """How many pushes wait for shops other than these, by shop: they are never delivered."""
        rows = await self._database.fetch(_STRANDED, {"shops": list(shops)})
        return {row.shop: int(row.waiting) for row in rows}

    async def backlog(self) -> dict[str, tuple[int, float]]:
        """By shop, how many pushes wait, and when the oldest was queued, in unix seconds."""
        rows = await self._database.fetch(_BACKLOG)
        return {
            row.shop: (int(row.waiting), float(row.since)) for row in rows if row.since is not None
        }

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
            "queued_by": queued_by(),
        }


def _position(after: PushPosition | None) -> tuple[float | int, ...] | None:
    """The position as the list that it is of orders its rows."""
    if after is None:
        return None
    return (after.push_id,) if after.queued_at is None else (after.queued_at, after.push_id)


def _in_time(query: PushQuery) -> tuple[ColumnElement[bool], ...]:
    conditions = []
    if query.queued_from is not None:
        conditions.append(pushes.c.queued_at >= query.queued_from)
    if query.queued_to is not None:
        conditions.append(pushes.c.queued_at < query.queued_to)
    return tuple(conditions)


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
        queued_by=row.queued_by,
    )
