"""Shared store: bytes that all processes of one gateway share, kept through aiocache."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple, Protocol, TypeVar
from urllib.parse import unquote, urlsplit

from aiocache import RedisCache, SimpleMemoryCache
from aiocache.serializers import NullSerializer
from redis.asyncio import BlockingConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from gateway.concurrency.clock import DAY, Clock
from gateway.errors import ConfigurationError

T = TypeVar("T")

#: Timeout of Redis in seconds: a later answer is worth less than none.
_TIMEOUT: Final = 0.5
#: Connections to Redis of one process. Operations beyond them wait, within the timeout: each
#: takes well below a millisecond, while a connection that a burst opened would stay open.
_CONNECTIONS: Final = 16
#: Seconds for which the store counts as unreachable after a failure.
_PAUSE: Final = 1.0
#: The longest lifetime in seconds, far below what timers and Redis refuse.
_LONGEST: Final = 30.0 * DAY
#: Keys looked at by one command of Redis.
_SCANNED: Final = 500
#: What an unreachable Redis raises.
_UNREACHABLE: Final = (RedisError, OSError, TimeoutError)
#: Deletes a key if it has this value.
_RELEASE: Final = """
if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end
return 0
"""
#: Replaces a value if it is the one given; the lifetime is in milliseconds.
_SWAP: Final = """
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('set', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
"""


class _Backend(Protocol):
    """Lifetimes are in seconds. Each operation is atomic."""

    async def get(self, key: str) -> bytes | None: ...

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]: ...

    async def set(self, key: str, value: bytes, ttl: float) -> None: ...

    async def add(self, key: str, value: bytes, ttl: float) -> bool: ...

    async def swap(self, key: str, old: bytes, new: bytes, ttl: float) -> bool: ...

    async def count(self, key: str, ttl: float) -> int: ...

    async def remaining(self, key: str) -> float | None: ...

    async def release(self, key: str, value: bytes) -> None: ...

    async def delete_prefix(self, prefix: str) -> int: ...

    async def aclose(self) -> None: ...


class SharedStore:
    """Bytes by key, with a lifetime in seconds.

    No operation raises while the store is unreachable: a cache is optional.
    """

    def __init__(
        self, backend: _Backend, clock: Clock, *, shared: bool, timeout: float | None = None
    ) -> None:
        """`timeout` is in seconds, of each operation; None: without one."""
        self._backend = backend
        self._clock = clock
        self._timeout = timeout
        #: Whether other processes see it.
        self.shared = shared
        self._unreachable_until = float("-inf")

    @property
    def reachable(self) -> bool:
        """Whether the last operation reached the store."""
        return self._clock.monotonic() >= self._unreachable_until

    async def _try(self, operation: Callable[[], Awaitable[T]]) -> T | None:
        if not self.reachable:
            return None
        try:
            if self._timeout is None:
                return await operation()
            async with asyncio.timeout(self._timeout):
                return await operation()
        except _UNREACHABLE:
            self._unreachable_until = self._clock.monotonic() + _PAUSE
            return None

    async def get(self, key: str) -> bytes | None:
        """The value; None if there is none, or the store is unreachable."""
        return await self._try(lambda: self._backend.get(key))

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None] | None:
        """The values in order; None instead of the list if the store is unreachable."""
        return await self._try(lambda: self._backend.get_many(keys))

    async def set(self, key: str, value: bytes, ttl: float) -> bool:
        """Whether the value was stored."""

        async def store() -> bool:
            await self._backend.set(key, value, _lifetime(ttl))
            return True

        return bool(await self._try(store))

    async def add(self, key: str, value: bytes, ttl: float) -> bool | None:
        """Store a value if the key has none; None if the store is unreachable."""
        return await self._try(lambda: self._backend.add(key, value, _lifetime(ttl)))

    async def swap(self, key: str, old: bytes | None, new: bytes, ttl: float) -> bool | None:
        """Compare and swap; `old` None: no value. None if the store is unreachable."""
        if old is None:
            return await self.add(key, new, ttl)
        return await self._try(lambda: self._backend.swap(key, old, new, _lifetime(ttl)))

    async def count(self, key: str, ttl: float) -> int | None:
        """Increment a counter that lives `ttl` seconds from its first use; returns its value.

        None if the store is unreachable.
        """
        return await self._try(lambda: self._backend.count(key, _lifetime(ttl)))

    async def remaining(self, key: str) -> float | None:
        """Seconds until the key expires; None if there is none, or the store is unreachable."""
        return await self._try(lambda: self._backend.remaining(key))

    async def release(self, key: str, value: bytes) -> None:
        """Delete a key if it has this value."""
        await self._try(lambda: self._backend.release(key, value))

    async def delete_prefix(self, prefix: str) -> int | None:
        """Delete the keys that begin so; returns how many, None if the store is unreachable."""
        return await self._try(lambda: self._backend.delete_prefix(prefix))

    async def aclose(self) -> None:
        """Close the connections."""
        with suppress(*_UNREACHABLE):
            await self._backend.aclose()


def _lifetime(seconds: float) -> float:
    # A float: for whole numbers aiocache uses a command that redis has deprecated.
    return min(float(seconds), _LONGEST)


class _Timed(NamedTuple):
    value: bytes
    #: Monotonic seconds.
    expires_at: float


class _MemoryBackend:
    """aiocache's memory cache, for one process.

    aiocache's timers free the memory; whether and how long a value is still valid depends on the
    gateway's injected clock.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._cache: Any = SimpleMemoryCache(timeout=None)
        self._monotonic = monotonic
        self._lock = asyncio.Lock()

    async def get(self, key: str) -> bytes | None:
        timed = await self._valid(key)
        return None if timed is None else timed.value

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        return [await self.get(key) for key in keys]

    async def set(self, key: str, value: bytes, ttl: float) -> None:
        await self._cache.set(key, _Timed(value, self._monotonic() + ttl), ttl=ttl)

    async def add(self, key: str, value: bytes, ttl: float) -> bool:
        async with self._lock:
            if await self._valid(key) is not None:
                return False
            await self.set(key, value, ttl)
            return True

    async def swap(self, key: str, old: bytes, new: bytes, ttl: float) -> bool:
        async with self._lock:
            if await self.get(key) != old:
                return False
            await self.set(key, new, ttl)
            return True

    async def count(self, key: str, ttl: float) -> int:
        async with self._lock:
            timed = await self._valid(key)
            if timed is None:
                await self.set(key, b"1", ttl)
                return 1
            count = int(timed.value) + 1
            await self.set(key, b"%d" % count, timed.expires_at - self._monotonic())
            return count

    async def remaining(self, key: str) -> float | None:
        timed = await self._valid(key)
        return None if timed is None else timed.expires_at - self._monotonic()

    async def release(self, key: str, value: bytes) -> None:
        async with self._lock:
            if await self.get(key) == value:
                await self._cache.delete(key)

    async def delete_prefix(self, prefix: str) -> int:
        keys = [key for key in await self._cache.raw("keys") if key.startswith(prefix)]
        for key in keys:
            await self._cache.delete(key)
        return len(keys)

    async def aclose(self) -> None:
        await self._cache.clear()

    async def _valid(self, key: str) -> _Timed | None:
        timed: _Timed | None = await self._cache.get(key)
        if timed is None or timed.expires_at > self._monotonic():
            return timed
        await self._cache.delete(key)
        return None


class _RedisBackend:
    """aiocache's Redis cache; commands that aiocache lacks go through its `raw`."""

    def __init__(self, cache: Any) -> None:
        self.cache = cache

    async def get(self, key: str) -> bytes | None:
        value: bytes | None = await self.cache.get(key)
        return value

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        values: list[bytes | None] = await self.cache.multi_get(keys)
        return values

    async def set(self, key: str, value: bytes, ttl: float) -> None:
        await self.cache.set(key, value, ttl=ttl)

    async def add(self, key: str, value: bytes, ttl: float) -> bool:
        try:
            await self.cache.add(key, value, ttl=ttl)
        except ValueError:
            return False
        return True

    async def swap(self, key: str, old: bytes, new: bytes, ttl: float) -> bool:
        milliseconds = int(ttl * 1000)
        return bool(await self.cache.raw("eval", _SWAP, 1, key, old, new, milliseconds))

    async def count(self, key: str, ttl: float) -> int:
        await self.add(key, b"0", ttl)
        count: int = await self.cache.increment(key)
        return count

    async def remaining(self, key: str) -> float | None:
        left: int = await self.cache.raw("pttl", key)
        return None if left < 0 else left / 1000

    async def release(self, key: str, value: bytes) -> None:
        await self.cache.raw("eval", _RELEASE, 1, key, value)

    async def delete_prefix(self, prefix: str) -> int:
        deleted = 0
        async for key in self.cache.client.scan_iter(match=f"{_literal(prefix)}*", count=_SCANNED):
            deleted += await self.cache.client.unlink(key)
        return deleted

    async def aclose(self) -> None:
        # aiocache's own `close` calls a method that redis has deprecated.
        await self.cache.client.aclose()


def _literal(text: str) -> str:
    """A text as a pattern of Redis that matches itself only."""
    return "".join(f"\\{one}" if one in "*?[]^\\" else one for one in text)


def open_store(url: str, clock: Clock | None = None) -> SharedStore:
    """`memory://`, or `redis://[user:password@]host[:port][/db]` (`rediss://` with TLS).

    Raises:
        ConfigurationError: neither of them.
    """
    clock = clock or Clock()
    parts = urlsplit(url)
    if parts.scheme == "memory":
        return SharedStore(_MemoryBackend(clock.monotonic), clock, shared=False)
    database = parts.path.lstrip("/") or "0"
    if parts.scheme not in {"redis", "rediss"} or not parts.hostname or not database.isdigit():
        raise ConfigurationError("the cache must be memory:// or redis://host:6379/0")
    connection: dict[str, Any] = {
        "retry": Retry(NoBackoff(), 1),
        "socket_timeout": _TIMEOUT,
        # Of the wait for a connection.
        "timeout": _TIMEOUT,
    }
    if parts.username:
        connection["username"] = unquote(parts.username)
    cache = RedisCache(
        endpoint=parts.hostname,
        port=parts.port or 6379,
        db=int(database),
        password=unquote(parts.password) if parts.password else None,
        ssl=parts.scheme == "rediss",
        create_connection_timeout=_TIMEOUT,
        connection_pool_class=BlockingConnectionPool,
        connection_pool_kwargs=connection,
        pool_max_size=_CONNECTIONS,
        serializer=NullSerializer(encoding=None),
        # aiocache's own timeout makes a task of each operation, whose failure after a cancellation
        # nobody retrieves.
        timeout=None,
    )
    return SharedStore(_RedisBackend(cache), clock, shared=True, timeout=_TIMEOUT)
