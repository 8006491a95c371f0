"""Follower of order changes: synchronises copies from the last cursor on, on one replica."""

import secrets
from asyncio import shield
from collections.abc import AsyncIterator, Callable, Collection, Iterable
from contextlib import asynccontextmanager
from typing import Final

import structlog

from gateway.concurrency.outages import Outages
from gateway.errors import GatewayError, Overloaded, PlatformFailure
from gateway.services.mirroring.synchroniser import MirrorSynchroniser
from gateway.store.store import Store

#: Changes processed at once.
_BATCH: Final = 50
#: Seconds after which another replica takes over from one that died.
_LEASE: Final = 60.0
#: Seconds after which an order that has a copy is read without a change event.
_LONG: Final = 1_800.0

_log = structlog.stdlib.get_logger(__name__)


class MirrorFollower:
    """For the shops whose platform keeps the orders; `now` returns unix seconds."""

    def __init__(
        self,
        store: Store,
        synchroniser: MirrorSynchroniser,
        shops: Collection[str],
        now: Callable[[], float],
    ) -> None:
        self._store = store
        self._synchroniser = synchroniser
        self._shops = shops
        self._now = now
        self._owner = secrets.token_hex(8)
        self._outages = Outages(now)

    async def work(self) -> int:
        """Process the changes since the last run; returns how many.

        A shop that cannot be read now is retried later and delays no other.

        Raises:
            StoreUnavailable: the ledger cannot be read or written.
        """
        followed = 0
        for shop in self._shops:
            try:
                done = await self._follow(shop) + await self._look(shop)
            except (PlatformFailure, Overloaded) as failure:
                if self._outages.failed(shop):
                    _log.warning(
                        "mirroring.follow.failed",
                        message="Orders of a shop cannot be read; copies are synchronised later.",
                        shop=shop,
                        failure=type(failure).__name__,
                    )
                continue
            followed += done
            if done:
                self._report_recovery(shop)
        return followed

    def _report_recovery(self, shop: str) -> None:
        outage = self._outages.succeeded(shop)
        if outage is not None:
            _log.info(
                "mirroring.follow.recovered",
                message="Orders of a shop can be read again; its copies are synchronised.",
                shop=shop,
                failures=outage.failures,
                seconds=round(outage.seconds, 1),
            )

    async def _look(self, shop: str) -> int:
        """Reads orders that had no event for long: the reconciler reads recent ones only."""
        before = self._now() - _LONG
        if not any(await self._store.mirrors.unseen(shop, before, limit=1)):
            return 0
        async with self._leased(shop) as leased:
            if not leased:
                return 0
            unseen = await self._store.mirrors.unseen(shop, before, limit=_BATCH)
            async with self._store.transaction() as transaction:
                await self._store.mirrors.touch(transaction, shop, unseen.open)
                await self._store.mirrors.end(transaction, shop, unseen.ended)
            await self._synchroniser.follow(shop, unseen.open)
        return len(unseen.open) + len(unseen.ended)

    async def _follow(self, shop: str) -> int:
        kept = await self._store.order_changes.kept()
        cursor = await self._store.mirrors.followed(shop)
        if cursor is not None and cursor >= kept.newest:
            return 0
        async with self._leased(shop) as leased:
            if leased and cursor is None:
                # Changes before the first run need no copy.
                await self._note(shop, kept.newest)
            if not leased or cursor is None:
                return 0
            changes = await self._store.order_changes.after(cursor, limit=_BATCH)
            if not changes:
                return 0
            mine = {
                change.platform_id
                for change in changes
                if change.shop == shop and change.partner_app_id is None
            }
            await self._synchroniser.follow(shop, mine)
            await self._note(shop, changes[-1].cursor)
        return len(changes)

    async def _note(self, shop: str, cursor: int) -> None:
        async with self._store.transaction() as transaction:
            await self._store.mirrors.note_followed(transaction, shop, cursor)

    @asynccontextmanager
    async def _leased(self, shop: str) -> AsyncIterator[bool]:
        """A block that has the lease of a shop; False: another replica has it.

        Released at its end: if this process is killed later, another one goes on at once.
        """
        async with self._store.transaction() as transaction:
            fence = await self._store.leases.take(transaction, _lease_of(shop), self._owner, _LEASE)
        try:
            yield fence is not None
        finally:
            if fence is not None:
                await shield(self._release([shop]))

    async def _release(self, shops: Iterable[str]) -> None:
        try:
            async with self._store.transaction() as transaction:
                for shop in shops:
                    await self._store.leases.release(transaction, _lease_of(shop), self._owner)
        except GatewayError as failure:
            _log.warning(
                "mirroring.lease.release_failed",
                message="The leases of the follower stay until they expire.",
                failure=type(failure).__name__,
            )


def _lease_of(shop: str) -> str:
    return f"mirrors/{shop}"
