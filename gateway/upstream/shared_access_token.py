"""Access token in the shared store: value, refresh lock, budget of forced refreshes."""

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from gateway.concurrency.clock import DAY, Clock
from gateway.upstream.sealing import SealedStore


class _Record(msgspec.Struct, array_like=True):
    token: str
    generation: int


@dataclass(frozen=True, slots=True)
class StoredToken:
    """What the store holds, and its bytes, which are compared when it is replaced."""

    raw: bytes = field(repr=False)
    token: str = field(repr=False)
    #: Rises with every new token.
    generation: int
    #: Seconds.
    remaining: float


class ForcedRefreshLimits(NamedTuple):
    """How often a platform may be asked for a new token while the old one is still valid."""

    per_day: int
    #: Seconds.
    apart: float


class SharedAccessToken:
    """One shop's token in the shared store, encrypted there if others can read it.

    `credentials` is a fingerprint, never a secret; the store sees a keyed hash of it.
    """

    def __init__(
        self, sealed: SealedStore, credentials: str, clock: Clock, forced: ForcedRefreshLimits
    ) -> None:
        self._sealed = sealed
        self._store = sealed.store
        self._clock = clock
        self._limits = forced
        self._key = f"token:{sealed.name('token', credentials)}"
        #: Monotonic times: the budget while the store is unreachable.
        self._forced: deque[float] = deque()

    async def load(self) -> StoredToken | None:
        """The token; None if there is none, or the store is unreachable."""
        raw = await self._store.get(self._key)
        remaining = await self._store.remaining(self._key)
        if raw is None or remaining is None:
            return None
        packed = self._sealed.unseal(self._key, raw)
        if packed is None:
            return None
        try:
            record = msgspec.msgpack.decode(packed, type=_Record)
        except msgspec.DecodeError:
            return None
        return StoredToken(raw, record.token, record.generation, remaining)

    async def save(
        self, seen: StoredToken | None, token: str, generation: int, seconds: float
    ) -> bool:
        """Replace `seen`, the token from before the platform was asked; None: there was none.

        False if another process has replaced it meanwhile: a newer token is never overwritten.
        """
        raw = self._sealed.seal(self._key, msgspec.msgpack.encode(_Record(token, generation)))
        old = None if seen is None else seen.raw
        return await self._store.swap(self._key, old, raw, seconds) is not False

    async def lock(self, owner: bytes, seconds: float) -> bool:
        """Whether this process may refresh now; always while the store is unreachable."""
        return await self._store.add(f"{self._key}:lock", owner, seconds) is not False

    async def unlock(self, owner: bytes) -> None:
        """Release the lock, unless another owner has it by now."""
        await self._store.release(f"{self._key}:lock", owner)

    async def wait_to_force(self) -> float | None:
        """Seconds until a forced refresh is allowed; None: now, and it is counted."""
        now = self._clock.monotonic()
        while self._forced and self._forced[0] <= now - DAY:
            self._forced.popleft()
        if len(self._forced) >= self._limits.per_day:
            return self._forced[0] + DAY - now
        if self._forced and now - self._forced[-1] < self._limits.apart:
            return self._forced[-1] + self._limits.apart - now
        gap, day = f"{self._key}:forced", f"{self._key}:forced-today"
        if await self._store.add(gap, b"1", self._limits.apart) is False:
            return await self._store.remaining(gap) or self._limits.apart
        count = await self._store.count(day, DAY)
        if count is not None and count > self._limits.per_day:
            return await self._store.remaining(day) or DAY
        self._forced.append(now)
        return None
