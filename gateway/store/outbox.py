"""Outbox: claims pushes for delivery, and settles them."""

import asyncio
import dataclasses
from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from msgspec.structs import replace
from sqlalchemy import Row

from gateway.errors import LedgerUnreadable
from gateway.store import outbox_statements as statements
from gateway.store.buyer_index import buyer_index
from gateway.store.crypto import Vault
from gateway.store.documents import OrderPersonal
from gateway.store.encrypted_values import EncryptedValues
from gateway.store.engine import Database, Transaction
from gateway.store.plain_personal import split_remark
from gateway.store.pushes import ErrorColumns, PushError, PushErrors

#: The failure of an attempt whose process ended before the answer arrived.
_UNHEARD: Final = PushError(endpoint="outbox", message="the answer was not waited for", lost=True)
#: Pushes that are decrypted in one turn of the event loop.
_DECRYPTED_AT_ONCE: Final = 8
#: Namespace of the advisory locks on lines.
_SALT: Final = 20_417


class QueueKey(NamedTuple):
    """A line of pushes that are delivered in sequence, in one shop."""

    shop: str
    aggregate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedPush:
    """A push leased to one owner."""

    id: int
    shop: str
    #: A PushOperation.
    operation: str
    #: A PushState.
    state: str
    aggregate: str
    order_id: str | None
    version: int
    payload: str
    #: None if none was given, or it was erased.
    personal: OrderPersonal | None
    queued_at: float
    #: Including this one; with the owner it fences writes about it.
    attempt: int
    #: Of the previous attempt.
    last_error: PushError | None
    #: An earlier answer was lost, or its process killed: it may have been done.
    lost: bool
    #: When its lease ends, in unix seconds; None: it has none.
    lease_until: float | None = None
    #: Why `personal` is None although it is stored: such a push is never sent.
    unreadable: LedgerUnreadable | None = None

    @property
    def line(self) -> QueueKey:
        """The line of pushes that it is in."""
        return QueueKey(self.shop, self.aggregate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """The recorded result of an attempt; `state` is a PushState, times are unix seconds."""

    state: str
    error: PushError | None = None
    delivered_at: float | None = None
    next_attempt_at: float | None = None


class Lease(NamedTuple):
    """The lease of a push that was just claimed."""

    push_id: int
    #: In unix seconds.
    until: float
    #: An earlier owner did not record what became of the push: it may have been done.
    lost: bool


class Position(NamedTuple):
    """A place among the pushes of an operation, in the order of their times."""

    time: float
    push_id: int


#: Before all pushes.
START: Final = Position(0.0, 0)


class Due(NamedTuple):
    """Pushes that can be claimed, the oldest first, and how far was read to find them."""

    ids: Sequence[int]
    #: None: to the end.
    read_to: Position | None


class Outbox:
    """Claims and settles pushes; every method raises StoreUnavailable."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._personal = EncryptedValues(vault, OrderPersonal, column="pushes.personal")
        self._errors = PushErrors(vault)

    async def due_operations(
        self,
        shop: str,
        operations: Sequence[str],
        now: float,
        *,
        within: Transaction | None = None,
    ) -> list[str]:
        """Those of the operations that have a push whose time has come, though it may be leased."""
        statement = statements.due_operations(tuple(operations))
        rows = await self._database.fetch(statement, {"in_shop": shop, "at": now}, within)
        return [row.operation for row in rows]

    async def due(  # noqa: PLR0913 - where to look, and from where to where
        self,
        shop: str,
        operation: str,
        now: float,
        *,
        limit: int,
        until: float | None = None,
        after: Position = START,
        within: Transaction | None = None,
    ) -> Due:
        """At most `limit` pushes of an operation that could be claimed now.

        Looks at the first thousand after a position: some are leased, or not first in their line.
        With `until` also at those whose backoff ends by then; not at those whose time the platform
        set.
        """
        values = {
            "in_shop": shop,
            "of_operation": operation,
            "at": now,
            "until": now if until is None else until,
            "after_time": after.time,
            "after_id": after.push_id,
        }
        found = await self._database.fetch(statements.CLAIMABLE, values | {"limit": limit}, within)
        ids = [row.id for row in found]
        if len(ids) == limit:
            return Due(ids, Position(found[-1].next_attempt_at, found[-1].id))
        last = await self._database.fetch(statements.SCANNED_TO, values, within)
        return Due(ids, Position(last[0].next_attempt_at, last[0].id) if last else None)

    async def lease(
        self, transaction: Transaction, owner: str, push_ids: Collection[int], *, lease: float
    ) -> list[Lease]:
        """Leases those of the pushes that are still free and first in their line.

        For so many seconds, in the given order; `leased` reads them once it is committed.
        """
        if not push_ids:
            return []
        place = {push_id: place for place, push_id in enumerate(push_ids)}
        values = {"ids": list(push_ids), "at": transaction.now}
        rows = (await transaction.connection.execute(statements.NUMBERED, values)).all()
        ids = [row.id for row in rows]
        mine = await self._take(transaction, owner, ids, lease, are_free=False)
        until = transaction.now + lease
        leases = [
            Lease(row.id, until, row.lease_owner is not None) for row in rows if row.id in mine
        ]
        return sorted(leases, key=lambda lease: place[lease.push_id])

    async def leased(
        self, leases: Sequence[Lease], *, within: Transaction | None = None
    ) -> list[ClaimedPush]:
        """The pushes of leases; decrypted by a few at a time, so that other work goes on."""
        values = {"ids": [lease.push_id for lease in leases]}
        rows = await self._database.fetch(statements.LEASED, values, within)
        by_id = {row.id: row for row in rows}
        claimed = []
        for number, lease in enumerate(leases, 1):
            row = by_id[lease.push_id]
            push = self._claimed(row, row.attempts, until=lease.until)
            claimed.append(dataclasses.replace(push, lost=lease.lost or _is_lost(push.last_error)))
            if number % _DECRYPTED_AT_ONCE == 0:
                await asyncio.sleep(0)
        return claimed

    async def claim_lines(
        self,
        transaction: Transaction,
        owner: str,
        lines: Collection[QueueKey],
        *,
        lease: float,
        but: Container[int] = (),
    ) -> list[ClaimedPush]:
        """The first push of each line, even before it is due unless the platform set the time.

        Those in `but` stay unclaimed.
        """
        by_shop: defaultdict[str, list[str]] = defaultdict(list)
        for line in lines:
            by_shop[line.shop].append(line.aggregate)
        rows: list[Row[Any]] = []
        for shop, aggregates in by_shop.items():
            values = {"at": transaction.now, "in_shop": shop, "aggregates": aggregates}
            rows += (await transaction.connection.execute(statements.FIRST_OF_LINES, values)).all()
        free = [row for row in rows if row.id not in but]
        return await self._claim(transaction, owner, free, lease)

    async def settle(
        self, transaction: Transaction, owner: str, push: ClaimedPush, settlement: Settlement
    ) -> bool:
        """Records an attempt; False, and nothing is written, if the lease was lost."""
        error = self._columns(push, settlement.error)
        values = {
            "of_id": push.id,
            "by": owner,
            "attempt": push.attempt,
            "to_state": settlement.state,
            "delivered": settlement.delivered_at,
            "next": settlement.next_attempt_at,
            "error": error.last_error,
            "error_told": error.told,
        }
        return (await transaction.connection.execute(statements.SETTLE, values)).rowcount == 1

    async def settle_delivered(
        self, transaction: Transaction, owner: str, delivered: Iterable[ClaimedPush]
    ) -> set[int]:
        """Records pushes as DELIVERED; the ids of those whose lease was not lost.

        The error of the attempt before stays: it says why the delivery took so long.
        """
        by_attempt: defaultdict[int, list[int]] = defaultdict(list)
        for push in delivered:
            by_attempt[push.attempt].append(push.id)
        settled: set[int] = set()
        for attempt, ids in by_attempt.items():
            values = {"ids": ids, "by": owner, "attempt": attempt, "delivered": transaction.now}
            settled.update(
                (await transaction.connection.execute(statements.DELIVERED, values)).scalars()
            )
        return settled

    async def renew(
        self, transaction: Transaction, owner: str, push_ids: Collection[int], *, lease: float
    ) -> set[int]:
        """Lets leases last for so many seconds from now; the ids of those that were not lost."""
        values = {"ids": list(push_ids), "by": owner, "until": transaction.now + lease}
        return set((await transaction.connection.execute(statements.RENEW, values)).scalars())

    async def give_back(
        self, transaction: Transaction, owner: str, push_ids: Collection[int]
    ) -> None:
        """Releases the leases of pushes of which nothing was sent."""
        values = {"by": owner, "ids": list(push_ids)}
        await transaction.connection.execute(statements.GIVE_BACK, values)

    async def end_leases(
        self, transaction: Transaction, owner: str, push_ids: Collection[int]
    ) -> None:
        """Ends the leases of pushes that were sent, and whose answers are lost."""
        values = {"by": owner, "ids": list(push_ids), "at": transaction.now}
        await transaction.connection.execute(statements.END_LEASE, values)

    async def supersede(
        self, transaction: Transaction, line: QueueKey, push_id: int, operations: Collection[str]
    ) -> int:
        """Supersedes the other unsent pushes of these operations; returns how many.

        One whose answer was lost stays: its outcome must be found out first.
        """
        values = {
            "in_shop": line.shop,
            "in_aggregate": line.aggregate,
            "but": push_id,
            "operations": list(operations),
            "at": transaction.now,
        }
        return (await transaction.connection.execute(statements.SUPERSEDE, values)).rowcount

    async def supersede_lines(
        self,
        transaction: Transaction,
        shop: str,
        aggregates: Collection[str],
        operations: Collection[str],
    ) -> None:
        """Like `supersede` for several lines of a shop, before the pushes that supersede."""
        values = {
            "in_shop": shop,
            "in_aggregates": list(aggregates),
            "operations": list(operations),
        }
        await transaction.execute_later(statements.SUPERSEDE_LINES, values)

    async def is_superseded(
        self, transaction: Transaction, push: ClaimedPush, operations: Collection[str]
    ) -> bool:
        """Whether a later push of the line, by one of these operations, includes this one."""
        values = {
            "in_shop": push.shop,
            "in_aggregate": push.aggregate,
            "behind": push.id,
            "operations": list(operations),
        }
        return bool((await transaction.connection.execute(statements.COVERED, values)).scalar_one())

    async def lock(self, transaction: Transaction, push_id: int) -> ClaimedPush | None:
        """A push, locked until the transaction ends; None if there is none.

        Its order is locked as well, and no push of its line is sent meanwhile.
        """
        if not self._database.is_sqlite:
            await transaction.connection.execute(statements.LOCK_ORDER, {"of_id": push_id})
            held = {"of_id": push_id, "salt": _SALT}
            await transaction.connection.execute(statements.HOLD_LINE, held)
        row = (
            await transaction.connection.execute(statements.LOCK, {"of_id": push_id})
        ).one_or_none()
        return None if row is None else self._claimed(row, row.attempts)

    async def requeue(
        self,
        transaction: Transaction,
        push: ClaimedPush,
        payload: str,
        personal: OrderPersonal | None,
    ) -> None:
        """Queues a push again, with a new payload.

        One that may have been delivered is not simply repeated unless an operator checked the
        platform after its end and found that it was not. An append never is: later pushes may
        have included it.
        """
        unseen = push.lost and push.state in {"PENDING", "DEAD"}
        lost = unseen or push.operation == "AFTER_SALE_IMPORT"
        # Its lifetime and its waiting time start again.
        error = replace(push.last_error or _UNHEARD, lost=True, waited=0.0) if lost else None
        columns = self._columns(push, error)
        values = {
            "of_id": push.id,
            "error": columns.last_error,
            "error_told": columns.told,
            "new_payload": payload,
            "new_buyer": buyer_index(self._vault, push.shop, personal),
            "new_personal": self._personal.seal(personal, shop=push.shop, row=_sealed_as(push)),
            "at": transaction.now,
        }
        await transaction.connection.execute(statements.PUT_BACK, values)

    async def hold(self, transaction: Transaction, push_id: int, reason: str) -> None:
        """Holds a push that was just queued, until it is put back."""
        error = PushError(endpoint="outbox", message=reason, held=True)
        columns = self._errors.columns(error, shop="", dedupe_key="")
        values = {"of_id": push_id, "error": columns.last_error, "error_told": columns.told}
        await transaction.connection.execute(statements.HOLD, values)

    async def waiting(self, transaction: Transaction, line: QueueKey) -> list[ClaimedPush]:
        """The held pushes of a line, locked until the transaction ends."""
        values = {"in_shop": line.shop, "in_aggregate": line.aggregate}
        rows = (await transaction.connection.execute(statements.WAITING, values)).all()
        return [self._claimed(row, row.attempts) for row in rows]

    async def discard(self, transaction: Transaction, push_id: int) -> None:
        """Ends a push by an operator's decision."""
        await transaction.connection.execute(statements.DISCARD, {"of_id": push_id})

    async def _take(
        self,
        transaction: Transaction,
        owner: str,
        ids: Sequence[int],
        lease: float,
        *,
        are_free: bool,
    ) -> set[int]:
        """Those that are leased; `are_free`: the transaction found them free, and first."""
        connection = transaction.connection
        if ids and not self._database.is_sqlite:
            lines = await connection.execute(statements.TRY_LINES, {"ids": ids, "salt": _SALT})
            ids = [line.id for line in lines if line.held]
        if not ids:
            return set()
        values = {"ids": ids, "by": owner, "until": transaction.now + lease, "at": transaction.now}
        if are_free and self._database.is_sqlite:
            # Nobody else writes meanwhile.
            await transaction.execute_later(statements.LEASE_FREE, values)
            return set(ids)
        return set((await connection.execute(statements.LEASE, values)).scalars())

    async def _claim(
        self, transaction: Transaction, owner: str, rows: Sequence[Row[Any]], lease: float
    ) -> list[ClaimedPush]:
        ids = [row.id for row in rows]
        mine = await self._take(transaction, owner, ids, lease, are_free=True)
        until = transaction.now + lease
        return [self._claimed(row, row.attempts + 1, until=until) for row in rows if row.id in mine]

    def _columns(self, push: ClaimedPush, error: PushError | None) -> ErrorColumns:
        return self._errors.columns(error, shop=push.shop, dedupe_key=_sealed_as(push))

    def _claimed(self, row: Row[Any], attempt: int, *, until: float | None = None) -> ClaimedPush:
        """A row that is read; leased `until` then, or as it is in the row."""
        error = self._errors.read(row)
        found = self._personal.attempt(row.personal, shop=row.shop, row=row.dedupe_key)
        payload, personal = split_remark(row.payload, found)
        unreadable = personal if isinstance(personal, LedgerUnreadable) else None
        return ClaimedPush(
            id=row.id,
            shop=row.shop,
            operation=row.operation,
            state=row.state,
            aggregate=row.aggregate,
            order_id=row.order_id,
            version=row.version,
            payload=payload,
            personal=None if isinstance(personal, LedgerUnreadable) else personal,
            queued_at=row.queued_at,
            attempt=attempt,
            last_error=error,
            lost=row.lease_owner is not None or _is_lost(error),
            lease_until=row.lease_until if until is None else until,
            unreadable=unreadable,
        )


def _is_lost(error: PushError | None) -> bool:
    return error is not None and error.lost


def _sealed_as(push: ClaimedPush) -> str:
    return f"{push.aggregate}/{push.version}/{push.operation}"
