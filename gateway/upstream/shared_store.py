"""What all processes share, kept through aiocache; when it is away, calls go on without it."""

from collections.abc import Awaitable, Sequence
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from aiocache import RedisCache
from aiocache.serializers import NullSerializer
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from gateway.concurrency.clock import Clock
from gateway.errors import ConfigurationError
from gateway.upstream.memory import BoundedMemoryCache

T = TypeVar("T")

#: An answer later than this is worth less than none.
_PATIENCE = 0.5
#: After a failure the store is left alone for as long.
_PAUSE = 1.0


class SharedStore:
    """Bytes by key, with a lifetime in seconds; None stands for "unreachable" where it is said.

    Raises nothing for a store that is away: a cache is a help, not a need.
    Lifetimes go to aiocache as floats: for whole seconds it sends a command that Redis deprecates.
    """

    def __init__(self, backend: Any, clock: Clock, *, shared: bool) -> None:
        self._backend = backend
        self._clock = clock
        #: Whether other processes see it.
        self.shared = shared
        self._away_until = float("-inf")

    @property
    def reachable(self) -> bool:
        """Whether the last operation got through."""
        return self._clock.monotonic() >= self._away_until

    async def _through(self, operation: Awaitable[T]) -> T | None:
        try:
            return await operation
        except (RedisError, OSError, TimeoutError):
            self._away_until = self._clock.monotonic() + _PAUSE
            return None

    async def get(self, key: str) -> bytes | None:
        """The value, or None where there is none or the store is away."""
        if not self.reachable:
            return None
        return await self._through(self._backend.get(key))

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None] | None:
        """The values in order; None for the whole where the store is away."""
        if not self.reachable:
            return None
        return await self._through(self._backend.multi_get(keys))

    async def set(self, key: str, value: bytes, ttl: float) -> bool:
        """Whether the value was stored."""
        if not self.reachable:
            return False
        return bool(await self._through(self._backend.set(key, value, ttl=float(ttl))))

    async def add(self, key: str, value: bytes, ttl: float) -> bool | None:
        """Store a value only where there is none; None where the store is away."""
        if not self.reachable:
            return None
        try:
            return await self._through(self._backend.add(key, value, ttl=float(ttl)))
        except ValueError:
            return False

    async def swap(self, key: str, old: bytes | None, new: bytes, ttl: float) -> bool | None:
        """Store `new` only where `old` stands (None: nothing); None where the store is away."""
        if old is None:
            return await self.add(key, new, ttl)
        if not self.reachable:
            return None
        done: object = await self._through(
            self._backend.set(key, new, ttl=float(ttl), _cas_token=old)
        )
        return None if done is None else bool(done)

    async def count(self, key: str, ttl: float) -> int | None:
        """Add one to a counter that lives `ttl` seconds from its first use."""
        await self.add(key, b"0", ttl)
        if not self.reachable:
            return None
        return await self._through(self._backend.increment(key))

    async def remaining(self, key: str) -> float | None:
        """Seconds until the key goes; None where it is not there or the store is away."""
        if isinstance(self._backend, BoundedMemoryCache):
            return self._backend.remaining(key)
        if not self.reachable:
            return None
        left: int | None = await self._through(self._backend.raw("pttl", key))
        return None if left is None or left < 0 else left / 1000

    async def release(self, key: str, value: bytes) -> None:
        """Forget a key only where `value` stands."""
        if self.reachable:
            # aiocache has compare-and-delete for its own locks only, under this name.
            await self._through(self._backend._redlock_release(key, value))  # noqa: SLF001

    async def aclose(self) -> None:
        """Close the connections."""
        if isinstance(self._backend, RedisCache):
            # aiocache's own way out calls what redis has renamed.
            await self._through(self._backend.client.aclose())


def open_store(url: str, clock: Clock | None = None) -> SharedStore:
    """`memory://`, or `redis://[user:password@]host[:port][/db]` (`rediss://` with TLS).

    Raises:
        ConfigurationError: neither of them.
    """
    clock = clock or Clock()
    parts = urlsplit(url)
    if parts.scheme == "memory":
        return SharedStore(BoundedMemoryCache(monotonic=clock.monotonic), clock, shared=False)
    database = parts.path.lstrip("/") or "0"
    if parts.scheme not in {"redis", "rediss"} or not parts.hostname or not database.isdigit():
        raise ConfigurationError("the cache must be memory:// or redis://host:6379/0")
    connection: dict[str, Any] = {
        "retry": Retry(NoBackoff(), 1),
        "socket_timeout": _PATIENCE,
    }
    if parts.username:
        connection["username"] = unquote(parts.username)
    backend = RedisCache(
        endpoint=parts.hostname,
        port=parts.port or 6379,
        db=int(database),
        password=unquote(parts.password) if parts.password else None,
        ssl=parts.scheme == "rediss",
        create_connection_timeout=_PATIENCE,
        connection_pool_kwargs=connection,
        serializer=NullSerializer(encoding=None),
        timeout=_PATIENCE,
    )
    return SharedStore(backend, clock, shared=True)
