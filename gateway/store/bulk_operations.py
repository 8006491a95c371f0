"""Bulk operations: imports and exports of whole files, worked on in slices under a lease.

What a slice did, the pieces of its result and its new position are committed together, so that
work that is taken up again neither repeats nor skips anything.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Row,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from gateway.errors import GatewayError, LedgerUnreadable
from gateway.store.bulk_pieces import BulkPieces, SealedPiece
from gateway.store.bulk_tables import bulk_operations
from gateway.store.coordination import Counters
from gateway.store.crypto import Vault
from gateway.store.engine import Database, Transaction
from gateway.store.object_changes import NewObjectChange, ObjectChanges

#: The file is on its way; nobody sees the operation.
RECEIVING: Final = "RECEIVING"
WAITING: Final = "WAITING"
RUNNING: Final = "RUNNING"
DONE: Final = "DONE"
FAILED: Final = "FAILED"
CANCELLED: Final = "CANCELLED"
#: States in which nothing more is done.
ENDED: Final = frozenset({DONE, FAILED, CANCELLED})

_o = bulk_operations.c
_OF_ID: Final = _o.id == bindparam("of_id")
_GET: Final = select(bulk_operations).where(_o.id.in_(bindparam("ids", expanding=True)))
_ADD: Final = insert(bulk_operations)
_FREE: Final = or_(_o.lease_until.is_(None), _o.lease_until <= bindparam("at"))
_OPEN: Final = _o.state.in_((WAITING, RUNNING)) & _o.kind.in_(bindparam("kinds", expanding=True))
_IS_DUE: Final = select(select(_o.id).where(_OPEN, _FREE).exists())
_CLAIM: Final = (
    select(bulk_operations)
    .where(_OPEN, _FREE)
    .order_by(_o.served_at, _o.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_LEASE: Final = (
    update(bulk_operations)
    .where(_OF_ID)
    .values(state=RUNNING, lease_owner=bindparam("by"), lease_until=bindparam("until"))
)
_MINE: Final = (_OF_ID, _o.lease_owner == bindparam("by"), _o.state == RUNNING)
_ADVANCE: Final = (
    update(bulk_operations)
    .where(*_MINE)
    .values(
        position=bindparam("to_position"),
        done=_o.done + bindparam("more_done"),
        failed=_o.failed + bindparam("more_failed"),
        total=func.coalesce(bindparam("of_total", type_=BigInteger), _o.total),
        pieces_out=_o.pieces_out + bindparam("more_pieces"),
        result_bytes=_o.result_bytes + bindparam("more_bytes"),
        keeps_result=or_(_o.keeps_result, bindparam("has_result", type_=Boolean)),
        lease_until=bindparam("until"),
        served_at=bindparam("at"),
    )
    .returning(_o.cancel_requested)
)
_RENEW: Final = update(bulk_operations).where(*_MINE).values(lease_until=bindparam("until"))
_RELEASE: Final = (
    update(bulk_operations)
    .where(*_MINE)
    .values(lease_owner=None, lease_until=None, served_at=bindparam("at"))
)
_FINISH: Final = (
    update(bulk_operations)
    .where(*_MINE)
    .values(
        state=bindparam("to_state"),
        error=bindparam("with_error"),
        finished_at=bindparam("at"),
        request=None,
        position=None,
        lease_owner=None,
        lease_until=None,
    )
)
_CANCEL_WAITING: Final = (
    update(bulk_operations)
    .where(_OF_ID, _o.state == WAITING)
    .values(state=CANCELLED, finished_at=bindparam("at"), request=None, cancel_requested=True)
    .returning(_o.shop)
)
_CANCEL_RUNNING: Final = (
    update(bulk_operations).where(_OF_ID, _o.state == RUNNING).values(cancel_requested=True)
)
_ON_ITS_WAY: Final = (_OF_ID, _o.state == RECEIVING)
_RECEIVE: Final = (
    update(bulk_operations)
    .where(*_ON_ITS_WAY)
    .values(pieces_in=_o.pieces_in + 1, keeps_file=True, lease_until=bindparam("until"))
)
_RECEIVED: Final = (
    update(bulk_operations)
    .where(*_ON_ITS_WAY)
    .values(
        state=WAITING,
        total=bindparam("of_total"),
        created_at=bindparam("at"),
        served_at=bindparam("at"),
        lease_owner=None,
        lease_until=None,
    )
)
#: Files that will never be whole: their gateway or their client has gone.
_ABANDONED: Final = (
    select(_o.id)
    .where(_o.state == RECEIVING, _o.lease_until <= bindparam("at"))
    .order_by(_o.served_at)
    .limit(1)
)
_DROP: Final = delete(bulk_operations).where(_OF_ID)
#: Ended operations whose file is still there, whose result has had its time, and those past theirs.
_SETTLED: Final = (
    select(_o.id)
    .where(_o.keeps_file.is_(True), _o.finished_at.is_not(None))
    .order_by(_o.finished_at)
    .limit(1)
)
_EXPIRED: Final = (
    select(_o.id)
    .where(_o.keeps_result.is_(True), _o.finished_at < bindparam("before"))
    .order_by(_o.finished_at)
    .limit(1)
)
_OLD: Final = (
    select(_o.id)
    .where(_o.finished_at < bindparam("before"))
    .order_by(_o.finished_at)
    .limit(bindparam("limit"))
)
_DROP_MANY: Final = delete(bulk_operations).where(
    _o.id.in_(bindparam("ids", expanding=True)),
    _o.keeps_file.is_(False),
    _o.keeps_result.is_(False),
)
_FILE_GONE: Final = update(bulk_operations).where(_OF_ID).values(keeps_file=False)
_RESULT_GONE: Final = update(bulk_operations).where(_OF_ID).values(keeps_result=False)


class LeaseLost(GatewayError):
    """Another process works on the operation, or it has ended: nothing may be written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkCaller:
    """Who asked for an operation, and what they were allowed then."""

    name: str
    #: The id of the API key, which a key that replaces it has too.
    key_id: str
    #: Whether the keys file has that key, so that its rights of now can be read.
    by_key: bool
    scopes: frozenset[str]
    #: Keys of shops; None: all.
    shops: frozenset[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBulkOperation:
    """An operation to begin; `kind` is a BulkKind."""

    kind: str
    caller: BulkCaller
    #: The shop of an import; None: several.
    shop: str | None = None
    #: What is asked for, in words of its kind; may hold personal data.
    request: bytes | None = field(default=None, repr=False)
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBulkOperation:
    """An operation; its times are unix seconds with fractions."""

    id: int
    kind: str
    #: A BulkState.
    state: str
    shop: str | None
    caller: BulkCaller
    created_at: float
    finished_at: float | None
    done: int
    failed: int
    total: int | None
    error: str | None
    cancel_requested: bool
    pieces_in: int
    pieces_out: int
    result_bytes: int
    #: Whether the result can still be read.
    keeps_result: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedBulkOperation:
    """An operation leased by one owner, with all that its work needs."""

    stored: StoredBulkOperation
    owner: str
    #: Where to continue; None: at the beginning.
    position: str | None
    #: The failure if it was erased, or cannot be decrypted.
    request: bytes | LedgerUnreadable | None = field(repr=False)

    @property
    def id(self) -> int:
        """Its number."""
        return self.stored.id


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkProgress:
    """What a slice did; `position` is where the next one begins."""

    position: str
    #: Lines since the last progress: done, and of those refused.
    done: int = 0
    failed: int = 0
    #: Lines of the whole; None: as before.
    total: int | None = None
    #: The next pieces of the result.
    pieces: Sequence[SealedPiece] = ()


class BulkOperations:
    """Creates, claims, advances and ends operations; every method raises StoreUnavailable."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._counters = Counters(database)
        self._changes = ObjectChanges(database)
        self.pieces = BulkPieces(database, vault)

    async def create(self, transaction: Transaction, new: NewBulkOperation) -> int:
        """Queues an operation as WAITING; returns its number."""
        return await self._add(transaction, new, WAITING, lease=None)

    async def begin_receiving(
        self, transaction: Transaction, new: NewBulkOperation, *, lease: float
    ) -> int:
        """An operation whose file follows in pieces, each within `lease` seconds."""
        return await self._add(transaction, new, RECEIVING, lease=transaction.now + lease)

    async def receive(self, transaction: Transaction, piece: SealedPiece, *, lease: float) -> None:
        """Adds a piece of the file.

        Raises:
            LeaseLost: it came too late, and the operation is gone.
        """
        values = {"of_id": piece.operation, "until": transaction.now + lease}
        await self._write(transaction, _RECEIVE, values)
        await self.pieces.add(transaction, piece)

    async def received(self, transaction: Transaction, number: int, total: int) -> None:
        """The file is whole: the operation is WAITING, with so many lines.

        Raises:
            LeaseLost: it came too late, and the operation is gone.
        """
        values = {"of_id": number, "of_total": total, "at": transaction.now}
        await self._write(transaction, _RECEIVED, values)

    async def drop(self, transaction: Transaction, number: int, limit: int) -> bool:
        """Deletes an operation that nobody has seen; False: more than `limit` pieces are left."""
        if await self.pieces.delete_some(transaction, number, "IN", limit) == limit:
            return False
        await transaction.connection.execute(_DROP, {"of_id": number})
        return True

    async def abandoned(self, now: float) -> int | None:
        """An operation whose file will never be whole; None: there is none."""
        return await self._first(_ABANDONED, {"at": now})

    async def get_many(self, numbers: Sequence[int]) -> dict[int, StoredBulkOperation]:
        """The operations that exist, by their numbers."""
        if not numbers:
            return {}
        rows = await self._database.fetch(_GET, {"ids": list(numbers)})
        return {row.id: _stored(row) for row in rows if row.state != RECEIVING}

    async def page(
        self, caller_id: str | None, *, after: int | None, limit: int
    ) -> list[StoredBulkOperation]:
        """At most `limit` operations before the operation `after`, the newest first.

        None in place of a caller: those of all.
        """
        statement = select(bulk_operations).where(_o.state != RECEIVING)
        if caller_id is not None:
            statement = statement.where(_o.caller_id == caller_id)
        if after is not None:
            statement = statement.where(_o.id < after)
        rows = await self._database.fetch(statement.order_by(_o.id.desc()).limit(limit))
        return [_stored(row) for row in rows]

    async def is_due(self, now: float, kinds: Collection[str]) -> bool:
        """Whether there is anything of these kinds to claim; costs no transaction."""
        values = {"at": now, "kinds": list(kinds)}
        return bool((await self._database.fetch(_IS_DUE, values))[0][0])

    async def claim(
        self, transaction: Transaction, owner: str, kinds: Collection[str], *, lease: float
    ) -> ClaimedBulkOperation | None:
        """The operation of these kinds that has waited longest for its turn.

        Leased for so many seconds.
        """
        due = {"at": transaction.now, "kinds": list(kinds)}
        found = await transaction.connection.execute(_CLAIM, due)
        row = found.one_or_none()
        if row is None:
            return None
        values = {"of_id": row.id, "by": owner, "until": transaction.now + lease}
        await transaction.connection.execute(_LEASE, values)
        return ClaimedBulkOperation(
            stored=_stored(row), owner=owner, position=row.position, request=self._request(row)
        )

    async def renew(
        self, transaction: Transaction, claimed: ClaimedBulkOperation, *, lease: float
    ) -> None:
        """Prolongs the lease of a slice that takes long; raises LeaseLost."""
        values = _mine(claimed) | {"until": transaction.now + lease}
        await self._write(transaction, _RENEW, values)

    async def advance(
        self,
        transaction: Transaction,
        claimed: ClaimedBulkOperation,
        progress: BulkProgress,
        *,
        lease: float,
    ) -> bool:
        """Records what a slice did, in its transaction; whether it is asked to stop.

        Raises:
            LeaseLost: nothing of the transaction may be committed.
        """
        values = _mine(claimed) | {
            "to_position": progress.position,
            "more_done": progress.done,
            "more_failed": progress.failed,
            "of_total": progress.total,
            "more_pieces": len(progress.pieces),
            "more_bytes": sum(piece.size for piece in progress.pieces),
            "has_result": bool(progress.pieces),
            "until": transaction.now + lease,
            "at": transaction.now,
        }
        row = (await transaction.connection.execute(_ADVANCE, values)).one_or_none()
        if row is None:
            raise LeaseLost("Another process works on this bulk operation, or it has ended.")
        for piece in progress.pieces:
            await self.pieces.add(transaction, piece)
        return bool(row.cancel_requested)

    async def release(self, transaction: Transaction, claimed: ClaimedBulkOperation) -> None:
        """Lets others continue an operation; nothing if the lease was lost."""
        values = _mine(claimed) | {"at": transaction.now}
        await transaction.connection.execute(_RELEASE, values)

    async def finish(
        self,
        transaction: Transaction,
        claimed: ClaimedBulkOperation,
        state: str,
        error: str | None = None,
    ) -> None:
        """Ends an operation as DONE, FAILED with the reason, or CANCELLED; raises LeaseLost."""
        values = _mine(claimed) | {
            "to_state": state,
            "with_error": error,
            "at": transaction.now,
        }
        await self._write(transaction, _FINISH, values)
        await self._tell(transaction, claimed.id, claimed.stored.shop, state)

    async def cancel(self, transaction: Transaction, number: int) -> bool:
        """Ends a waiting operation now, a running one after its slice; False: it has ended."""
        values = {"of_id": number, "at": transaction.now}
        waited = (await transaction.connection.execute(_CANCEL_WAITING, values)).one_or_none()
        if waited is not None:
            await self._tell(transaction, number, waited.shop, CANCELLED)
            return True
        running = await transaction.connection.execute(_CANCEL_RUNNING, {"of_id": number})
        return running.rowcount == 1

    async def has_settled_file(self) -> bool:
        """Whether `delete_settled_files` has anything to do; costs no transaction."""
        return await self._first(_SETTLED, {}) is not None

    async def delete_settled_files(self, transaction: Transaction, limit: int) -> int:
        """Deletes at most `limit` pieces of the file of an ended operation; returns how many."""
        number = await self._first(_SETTLED, {}, within=transaction)
        if number is None:
            return 0
        deleted = await self.pieces.delete_some(transaction, number, "IN", limit)
        if deleted < limit:
            await transaction.connection.execute(_FILE_GONE, {"of_id": number})
        return max(1, deleted)

    async def expire_results(self, transaction: Transaction, seconds: float, limit: int) -> int:
        """Deletes at most `limit` pieces of a result that is older; returns how many.

        0: none is left, for retention to stop.
        """
        values = {"before": transaction.now - seconds}
        number = await self._first(_EXPIRED, values, within=transaction)
        if number is None:
            return 0
        deleted = await self.pieces.delete_some(transaction, number, "OUT", limit)
        if deleted < limit:
            await transaction.connection.execute(_RESULT_GONE, {"of_id": number})
        return max(1, deleted)

    async def has_expired(self, before: float) -> bool:
        """Whether `expire_results` has anything to do, in unix seconds; costs no transaction."""
        return await self._first(_EXPIRED, {"before": before}) is not None

    async def has_ended(self, before: float) -> bool:
        """Whether `prune` has anything to do, in unix seconds; costs no transaction."""
        return await self._first(_OLD, {"before": before, "limit": 1}) is not None

    async def prune(self, transaction: Transaction, seconds: float, limit: int) -> int:
        """Deletes at most `limit` operations that ended before and have no pieces; how many."""
        values = {"before": transaction.now - seconds, "limit": limit}
        found = await transaction.connection.execute(_OLD, values)
        ids = list(found.scalars())
        if not ids:
            return 0
        return (await transaction.connection.execute(_DROP_MANY, {"ids": ids})).rowcount

    async def _tell(
        self, transaction: Transaction, number: int, shop: str | None, state: str
    ) -> None:
        """Appends the end of an operation to the changes; last, as others wait for its counter."""
        change = NewObjectChange(
            kind="BulkOperation",
            shop=shop or "",
            platform_id=str(number),
            status=state,
            cause="BULK",
        )
        await self._changes.append(transaction, [change])

    async def _add(
        self,
        transaction: Transaction,
        new: NewBulkOperation,
        state: str,
        lease: float | None,
    ) -> int:
        (number,) = await self._counters.take(transaction, bulk_operations.name)
        caller = new.caller
        row = {
            "id": number,
            "kind": new.kind,
            "state": state,
            "shop": new.shop,
            "caller": caller.name,
            "caller_id": caller.key_id,
            "by_key": caller.by_key,
            "scopes": _texts(caller.scopes),
            "shops": None if caller.shops is None else _texts(caller.shops),
            "request": None
            if new.request is None
            else self._vault.seal(new.request, **request_place(number)),
            "created_at": transaction.now,
            "served_at": transaction.now,
            "total": new.total,
            "lease_until": lease,
        }
        await transaction.connection.execute(_ADD, row)
        return number

    async def _write(
        self, transaction: Transaction, statement: Any, values: dict[str, Any]
    ) -> None:
        if not (await transaction.connection.execute(statement, values)).rowcount:
            raise LeaseLost("Another process works on this bulk operation, or it has ended.")

    async def _first(
        self, statement: Any, values: dict[str, Any], within: Transaction | None = None
    ) -> int | None:
        rows = await self._database.fetch(statement, values, within=within)
        return int(rows[0].id) if rows else None

    def _request(self, row: Row[Any]) -> bytes | LedgerUnreadable | None:
        if row.request is None:
            return None
        try:
            return self._vault.unseal(row.request, **request_place(row.id))
        except LedgerUnreadable as failure:
            return failure


def request_place(number: int) -> dict[str, str]:
    """What a request is sealed for."""
    return {"shop": "", "row": str(number), "column": "bulk_operations.request"}


def _mine(claimed: ClaimedBulkOperation) -> dict[str, Any]:
    return {"of_id": claimed.id, "by": claimed.owner}


def _texts(values: frozenset[str]) -> str:
    return msgspec.json.encode(sorted(values)).decode()


def _read_texts(text: str) -> frozenset[str]:
    return frozenset(msgspec.json.decode(text, type=list[str]))


def _stored(row: Row[Any]) -> StoredBulkOperation:
    return StoredBulkOperation(
        id=row.id,
        kind=row.kind,
        state=row.state,
        shop=row.shop,
        caller=BulkCaller(
            name=row.caller,
            key_id=row.caller_id,
            by_key=row.by_key,
            scopes=_read_texts(row.scopes),
            shops=None if row.shops is None else _read_texts(row.shops),
        ),
        created_at=row.created_at,
        finished_at=row.finished_at,
        done=row.done,
        failed=row.failed,
        total=row.total,
        error=row.error,
        cancel_requested=row.cancel_requested,
        pieces_in=row.pieces_in,
        pieces_out=row.pieces_out,
        result_bytes=row.result_bytes,
        keeps_result=row.keeps_result,
    )
