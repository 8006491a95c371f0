"""The token as all processes share it: value, lock, and the budget of forced renewals."""

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from gateway.concurrency.clock import DAY, Clock
from gateway.upstream.shared_store import SharedStore


class _Record(msgspec.Struct, array_like=True):
    token: str
    generation: int


@dataclass(frozen=True, slots=True)
class StoredToken:
    """What the store holds, and the very bytes, to be compared when it is replaced."""

    raw: bytes = field(repr=False)
    token: str = field(repr=False)
    #: Rises with every new token.
    generation: int
    #: Seconds.
    remaining: float


class ForcedLimits(NamedTuple):
    """How often a platform may be asked for a new token while the old one should do."""

    per_day: int
    #: Seconds.
    apart: float


class TokenVault:
    """One shop's place in the shared store; `credentials` is a fingerprint, never a secret."""

    def __init__(
        self, store: SharedStore, credentials: str, clock: Clock, forced: ForcedLimits
    ) -> None:
        self._store = store
        self._clock = clock
        self._limits = forced
        self._key = f"token:{credentials}"
        #: Monotonic times, for as long as the store is away.
        self._forced: deque[float] = deque()

    async def load(self) -> StoredToken | None:
        """The token there is, if it lives."""
        raw = await self._store.get(self._key)
        remaining = await self._store.remaining(self._key)
        if raw is None or remaining is None:
            return None
        try:
            record = msgspec.msgpack.decode(raw, type=_Record)
        except msgspec.DecodeError:
            return None
        return StoredToken(raw, record.token, record.generation, remaining)

    async def save(
        self, seen: StoredToken | None, token: str, generation: int, seconds: float
    ) -> bool:
        """Whether the token now stands, or the store is away: it never replaces a newer one.

        `seen` is what stood there before the platform was asked.
        """
        raw = msgspec.msgpack.encode(_Record(token, generation))
        old = None if seen is None else seen.raw
        return await self._store.swap(self._key, old, raw, seconds) is not False

    async def lock(self, owner: bytes, seconds: float) -> bool:
        """Whether this process may ask the platform now; always, while the store is away."""
        return await self._store.add(f"{self._key}:lock", owner, seconds) is not False

    async def unlock(self, owner: bytes) -> None:
        """Let the others; does nothing where the lock has passed to somebody else."""
        await self._store.release(f"{self._key}:lock", owner)

    async def wait_to_force(self) -> float | None:
        """None where a forced renewal may be made now (it is counted), else seconds to wait."""
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
