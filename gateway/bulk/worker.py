"""Bulk worker: works off bulk operations in slices, one operation at a time, in turns."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, Protocol

import structlog

from gateway.auth import ALL_SHOPS, Viewer
from gateway.auth.keys_file import EVERY_SHOP, KeyRecord, valid_record
from gateway.concurrency.clock import Clock
from gateway.errors import GatewayError, StoreUnavailable
from gateway.store.bulk_operations import (
    CANCELLED,
    DONE,
    FAILED,
    BulkCaller,
    BulkProgress,
    ClaimedBulkOperation,
    LeaseLost,
)
from gateway.store.engine import Transaction
from gateway.store.store import Store
from schema.scope import Scope

#: Seconds between two looks for operations.
POLL: Final = 1.0
#: Seconds after which another process may continue an operation whose worker is silent.
LEASE: Final = 30.0
#: Seconds of an operation's turn, after which the others have theirs.
_TURN: Final = 2.0
#: Pieces of a settled file that one transaction deletes.
_DELETED_AT_ONCE: Final = 20

_log = structlog.stdlib.get_logger(__name__)


class BulkFailed(GatewayError):
    """The operation cannot go on; the message is its `error`, without personal data."""


class BulkPostponed(GatewayError):
    """For now the operation cannot go on: its slice is repeated when its lease has ended."""


class BulkJob:
    """One turn of an operation: what its handler needs to know, and how it records progress."""

    def __init__(self, store: Store, claimed: ClaimedBulkOperation, viewer: Viewer) -> None:
        self._store = store
        self.claimed = claimed
        #: The caller with its rights of now.
        self.viewer = viewer
        #: Where the next slice begins; None: at the beginning.
        self.position = claimed.position
        #: The number of the next piece of the result.
        self.next_piece = claimed.stored.pieces_out
        self.cancel_requested = claimed.stored.cancel_requested
        #: What the operation says when it is done; None: nothing.
        self.remark: str | None = None

    async def advance(self, transaction: Transaction, progress: BulkProgress) -> None:
        """Records what a slice did, in its transaction.

        Raises:
            LeaseLost: nothing of the transaction may be committed.
        """
        cancel = await self._store.bulk_operations.advance(
            transaction, self.claimed, progress, lease=LEASE
        )

        def committed() -> None:
            self.cancel_requested = cancel
            self.position = progress.position
            self.next_piece += len(progress.pieces)

        transaction.on_commit.append(committed)

    async def renew(self) -> None:
        """Keeps the lease while a slice takes long; raises LeaseLost."""
        async with self._store.transaction() as transaction:
            await self._store.bulk_operations.renew(transaction, self.claimed, lease=LEASE)


class BulkHandler(Protocol):
    """Does the work of one kind of operation."""

    async def run_slice(self, job: BulkJob) -> bool:
        """Does a slice from `job.position` on, about a tenth of a second; whether all is done.

        Raises:
            BulkFailed: the operation cannot go on.
            BulkPostponed: for now it cannot, because its platform does not answer.
            LeaseLost: another process does it.
            StoreUnavailable: for now it cannot go on; the slice is repeated.
        """


class CallerRights:
    """What the callers of operations may do now."""

    def __init__(
        self, records: Callable[[], Sequence[KeyRecord]], now: Callable[[], float]
    ) -> None:
        """`records` are the API keys that are not revoked, `now` gives unix seconds."""
        self._records = records
        self._now = now

    def viewer(self, caller: BulkCaller) -> Viewer | None:
        """The caller with what it was allowed at the beginning and still is; None: nothing.

        The rights of a caller that is not in the keys file are those of the beginning.
        """
        scopes = frozenset(scope for scope in Scope if scope in caller.scopes)
        shops = caller.shops
        if caller.by_key:
            now = datetime.fromtimestamp(self._now(), UTC)
            record = valid_record(self._records(), caller.key_id, now)
            if record is None:
                return None
            scopes &= record.scopes
            if EVERY_SHOP not in record.shops:
                shops = record.shops if shops is None else shops & record.shops
        return Viewer(
            name=caller.name,
            scopes=scopes,
            shops=ALL_SHOPS if shops is None else shops,
            key_id=caller.key_id,
        )


class BulkWorker:
    """Works off the operations of the kinds that it has a handler for.

    Safe in several processes at once: an operation has one worker at a time, and is continued by
    another when its worker was killed.
    """

    def __init__(
        self,
        store: Store,
        handlers: Mapping[str, BulkHandler],
        rights: CallerRights,
        clock: Clock,
        owner: str,
        *,
        logs: bool = True,
    ) -> None:
        """`handlers` by BulkKind; `owner` is unique among processes.

        Without `logs` no line is logged for an operation that ends: a command shows it itself.
        """
        self._store = store
        self._handlers = handlers
        self._rights = rights
        self._clock = clock
        self._owner = owner
        self._logs = logs

    async def once(self) -> int:
        """One turn of the operation that has waited longest; 0: there is nothing to do.

        Raises:
            StoreUnavailable: nothing can be done now.
        """
        operations = self._store.bulk_operations
        if not await operations.is_due(self._clock.wall(), self._handlers):
            return await self._tidy()
        async with self._store.transaction() as transaction:
            claimed = await operations.claim(transaction, self._owner, self._handlers, lease=LEASE)
        if claimed is None:
            return 0
        try:
            await self._turn(claimed)
        except LeaseLost:
            _log.info(
                "bulk.lease.lost",
                message="Another process continues a bulk operation, or it has ended.",
                operation=claimed.id,
            )
        return 1

    async def _turn(self, claimed: ClaimedBulkOperation) -> None:
        viewer = self._rights.viewer(claimed.stored.caller)
        if viewer is None:
            await self._end(claimed, FAILED, "The API key that asked for it is no longer valid.")
            return
        handler = self._handlers[claimed.stored.kind]
        job = BulkJob(self._store, claimed, viewer)
        until = self._clock.monotonic() + _TURN
        try:
            while not job.cancel_requested:
                if await handler.run_slice(job):
                    await self._end(claimed, DONE, job.remark)
                    return
                if self._clock.monotonic() >= until:
                    await self._release(claimed)
                    return
        except (LeaseLost, StoreUnavailable):
            raise
        except BulkPostponed as failure:
            _log.info(
                "bulk.operation.postponed",
                message="A bulk operation waits for its platform.",
                operation=claimed.id,
                kind=claimed.stored.kind,
                reason=failure.message,
            )
        except BulkFailed as failure:
            await self._end(claimed, FAILED, failure.message)
        except Exception:  # noqa: BLE001 - whatever it is, it ends this operation alone
            # Repeated, it would fail again, and for ever.
            _log.exception(
                "bulk.operation.crashed",
                message="A bulk operation ended because of an error in the gateway.",
                operation=claimed.id,
                kind=claimed.stored.kind,
            )
            await self._end(claimed, FAILED, "An error in the gateway ended it; see its log.")
        else:
            await self._end(claimed, CANCELLED)

    async def _release(self, claimed: ClaimedBulkOperation) -> None:
        async with self._store.transaction() as transaction:
            await self._store.bulk_operations.release(transaction, claimed)

    async def _end(
        self, claimed: ClaimedBulkOperation, state: str, error: str | None = None
    ) -> None:
        async with self._store.transaction() as transaction:
            await self._store.bulk_operations.finish(transaction, claimed, state, error)
        if self._logs:
            _log.info(
                "bulk.operation.ended",
                message="A bulk operation ended.",
                operation=claimed.id,
                kind=claimed.stored.kind,
                state=state,
                reason=error,
            )

    async def _tidy(self) -> int:
        """Deletes the files of ended operations, and files that will never be whole."""
        operations = self._store.bulk_operations
        if await operations.has_settled_file():
            async with self._store.transaction() as transaction:
                return await operations.delete_settled_files(transaction, _DELETED_AT_ONCE)
        abandoned = await operations.abandoned(self._clock.wall())
        if abandoned is None:
            return 0
        async with self._store.transaction() as transaction:
            await operations.drop(transaction, abandoned, _DELETED_AT_ONCE)
        return 1
