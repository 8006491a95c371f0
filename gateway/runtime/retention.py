"""Retention job: deletes what is past its time: personal data, changes, events, pushes, audit."""

from collections.abc import Callable, Collection, Mapping
from typing import Final, Protocol

import structlog

from gateway.errors import StoreUnavailable
from gateway.store.batches import Progress
from gateway.store.retention import LeaseLost, RetentionPeriods, rules
from gateway.store.store import Store

#: Seconds between two rounds.
EVERY: Final = 3_600.0
#: Seconds after the start of a process until its first round: requests go before it.
DELAY: Final = 10.0
#: Seconds after the last round that was done until it is an error.
LATE: Final = 3 * EVERY

_log = structlog.stdlib.get_logger(__name__)


class RetentionObserver(Protocol):
    """Metrics of retention; `rule` names the kind of rows."""

    def retained(self, rule: str, rows: int) -> None:
        """So many rows past their time were erased or deleted."""

    def retention_overdue(self, rule: str, seconds: float) -> None:
        """For how long the oldest row that should be gone has been past its time; 0: none is."""

    def retention_done(self, at: float) -> None:
        """When the last round that was done began, in any process, in unix seconds."""


class RetentionJob:
    """One round deletes all that is past its time, in one process at a time.

    `shops` are those that messages can be sent to; messages that wait for others are logged.
    `owner` names this process, `now` gives unix seconds.
    """

    def __init__(
        self,
        store: Store,
        shops: Collection[str],
        periods: RetentionPeriods,
        observer: RetentionObserver,
        *,
        owner: str,
        now: Callable[[], float],
    ) -> None:
        self._store = store
        self._shops = shops
        self._periods = periods
        self._observer = observer
        self._owner = owner
        self._now = now
        #: Instead of the last round in a store that has had none.
        self._since = now()

    async def once(self) -> None:
        """A round, unless another process is in one; what it did stays if it is interrupted.

        Raises:
            StoreUnavailable: the ledger cannot be read or written.
            ExceptionGroup: rules failed unexpectedly; the others were applied.
        """
        await self._warn_of_stranded()
        began = self._now()
        try:
            if await self._store.retention.begin(self._owner):
                await self._round(began)
        except LeaseLost:
            # It was taken over, as this process was silent for too long.
            pass
        finally:
            await self._report()

    async def _round(self, began: float) -> None:
        deleted: dict[str, int] = {}

        def progress(rule: str, rows: int) -> None:
            self._observer.retained(rule, rows - deleted.get(rule, 0))
            deleted[rule] = rows

        try:
            errors = await self._apply(progress)
            await self._store.retention.expire_bulk(self._periods, self._owner, progress)
        finally:
            self._log_deleted(deleted)
        await self._store.retention.end(self._owner, None if errors else began)
        if errors:
            raise ExceptionGroup("data past its retention period was not deleted", errors)

    async def _apply(self, progress: Progress) -> list[Exception]:
        """Applies all rules; returns the errors of those that failed."""
        errors: list[Exception] = []
        for rule, seconds in rules(self._periods):
            try:
                await self._store.retention.apply(rule, seconds, self._owner, progress)
            except (StoreUnavailable, LeaseLost):
                raise
            except Exception as error:  # noqa: BLE001 - one kind must not keep the others
                error.add_note(f"while {rule.name} were deleted")
                errors.append(error)
        return errors

    def _log_deleted(self, deleted: Mapping[str, int]) -> None:
        if rows := {name: count for name, count in deleted.items() if count}:
            _log.info(
                "retention.data.deleted",
                message="Data past its retention period was deleted.",
                rows=rows,
            )

    async def _report(self) -> None:
        for name, seconds in (await self._store.retention.overdue(self._periods)).items():
            self._observer.retention_overdue(name, seconds)
        last = await self._store.retention.last_done()
        if last is not None:
            self._observer.retention_done(last)
        since = self._now() - (self._since if last is None else last)
        if since > LATE:
            _log.error(
                "retention.round.overdue",
                message="Data past its retention period has not been deleted for too long.",
                hours=round(since / 3_600, 1),
            )

    async def _warn_of_stranded(self) -> None:
        for shop, pushes in (await self._store.pushes.stranded(self._shops)).items():
            _log.warning(
                "retention.pushes.stranded",
                message="Pushes wait for a shop that is not configured, or takes none.",
                shop=shop,
                pushes=pushes,
            )
