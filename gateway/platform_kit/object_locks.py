"""Serialises read-modify-write changes across all replicas."""

import secrets
from asyncio import Lock, shield
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from weakref import WeakValueDictionary

from gateway.concurrency.clock import Clock
from gateway.errors import StoreUnavailable
from gateway.ports.writing.problems import InputRefused
from gateway.store.store import Store
from schema.errors import ErrorCode

#: Seconds after which the lease of a dead process expires: longer than any change takes.
_LEASE: Final = 60.0
#: Seconds between two checks of another replica's lease, and the longest wait for it.
_LOOK: Final = 0.05
_TIMEOUT: Final = 10.0


class ObjectLocks:
    """Locks on the objects of one shop, one per object.

    Without them, the later of two concurrent changes would undo the earlier (a lost update).
    """

    def __init__(self, store: Store, shop: str, clock: Clock) -> None:
        self._store = store
        self._shop = shop
        self._clock = clock
        self._owner = secrets.token_hex(8)
        self._locks: WeakValueDictionary[str, Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def of(self, kind: str, platform_id: str) -> AsyncIterator[None]:
        """Waits for the lock of an object, and holds it.

        Raises:
            InputRefused: CONFLICT, others held the lock for the whole wait.
            StoreUnavailable: the lease cannot be read or taken.
        """
        name = f"change/{self._shop}/{kind}/{platform_id}"
        lock = self._locks.setdefault(name, Lock())
        async with lock:
            await self._begin(name, kind)
            try:
                yield
            finally:
                await shield(self._end(name))

    async def _begin(self, name: str, kind: str) -> None:
        until = self._clock.monotonic() + _TIMEOUT
        while not await self._taken(name):
            if self._clock.monotonic() >= until:
                message = f"Others are changing this {kind} just now: try again."
                raise InputRefused.of(ErrorCode.CONFLICT, message, "id")
            await self._clock.sleep(_LOOK)

    async def _taken(self, name: str) -> bool:
        async with self._store.transaction() as transaction:
            leases = self._store.leases
            return await leases.take(transaction, name, self._owner, _LEASE) is not None

    async def _end(self, name: str) -> None:
        try:
            async with self._store.transaction() as transaction:
                await self._store.leases.release(transaction, name, self._owner)
        except StoreUnavailable:
            return  # it expires by itself
