"""Outbox: claims pushes for delivery, and settles them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from msgspec.structs import replace
from sqlalchemy import Row, Select

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


class Outbox:
    """Claims and settles pushes; every method raises StoreUnavailable."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._personal = EncryptedValues(vault, OrderPersonal, column="pushes.personal")
        self._errors = PushErrors(vault)

    async def is_due(self, shop: str, now: float) -> bool:
        """Whether there is anything to claim; costs no transaction."""
        return bool(
            (await self._database.fetch(statements.IS_DUE, {"in_shop": shop, "at": now}))[0][0]
        )

    async def claim_due(
        self, transaction: Transaction, owner: str, shop: str, *, lease: float, limit: int
    ) -> list[ClaimedPush]:
        """At most `limit` due pushes, leased for so many seconds."""
        values = {"at": transaction.now, "in_shop": shop, "limit": limit}
        return await self._claim(transaction, statements.CLAIM_DUE, values, owner, lease)

    async def claim_lines(
        self, transaction: Transaction, owner: str, lines: Collection[QueueKey], *, lease: float
    ) -> list[ClaimedPush]:
        """The first push of each line, even before it is due unless the platform set the time."""
        if not lines:
            return []
        named = [tuple(line) for line in lines]
        values = {"at": transaction.now, "lines": named, "limit": len(named)}
        return await self._claim(transaction, statements.CLAIM_NAMED, values, owner, lease)

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

    async def give_back(
        self, transaction: Transaction, owner: str, push_ids: Collection[int]
    ) -> None:
        """Releases the leases of pushes of which nothing was sent."""
        values = {"by": owner, "ids": list(push_ids)}
        await transaction.connection.execute(statements.GIVE_BACK, values)

    async def release(self, transaction: Transaction, owner: str, *, sent: Collection[int]) -> None:
        """Releases all leases of a stopping owner; the answers of those in `sent` are lost."""
        values = {"by": owner, "sent": list(sent), "at": transaction.now}
        await transaction.connection.execute(statements.RELEASE_UNSENT, values)
        await transaction.connection.execute(statements.RELEASE_SENT, values)

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
    ) -> int:
        """Like `supersede` for several lines of a shop, before the pushes that supersede."""
        values = {
            "in_shop": shop,
            "in_aggregates": list(aggregates),
            "operations": list(operations),
        }
        return (await transaction.connection.execute(statements.SUPERSEDE_LINES, values)).rowcount

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

    async def hasten(self, transaction: Transaction, shop: str) -> int:
        """Makes a shop's waiting pushes due now: its platform is back; returns how many."""
        values = {"in_shop": shop, "at": transaction.now}
        return (await transaction.connection.execute(statements.HASTEN, values)).rowcount

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

    async def _claim(
        self,
        transaction: Transaction,
        statement: Select[Any],
        values: dict[str, Any],
        owner: str,
        lease: float,
    ) -> list[ClaimedPush]:
        connection = transaction.connection
        rows: Sequence[Row[Any]] = (await connection.execute(statement, values)).all()
        ids = [row.id for row in rows]
        if ids and not self._database.is_sqlite:
            lines = await connection.execute(statements.TRY_LINES, {"ids": ids, "salt": _SALT})
            ids = [line.id for line in lines if line.held]
        if not ids:
            return []
        leased = {"ids": ids, "by": owner, "until": transaction.now + lease, "at": transaction.now}
        mine = set((await connection.execute(statements.LEASE, leased)).scalars())
        return [self._claimed(row, row.attempts + 1) for row in rows if row.id in mine]

    def _columns(self, push: ClaimedPush, error: PushError | None) -> ErrorColumns:
        return self._errors.columns(error, shop=push.shop, dedupe_key=_sealed_as(push))

    def _claimed(self, row: Row[Any], attempt: int) -> ClaimedPush:
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
            lost=row.lease_owner is not None or (error is not None and error.lost),
            lease_until=row.lease_until,
            unreadable=unreadable,
        )


def _sealed_as(push: ClaimedPush) -> str:
    return f"{push.aggregate}/{push.version}/{push.operation}"
