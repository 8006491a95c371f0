"""aiocache's memory backend with bounds: least recently used goes first, no timer per key."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from typing import Any, NamedTuple

from aiocache import SimpleMemoryCache

#: What an entry costs besides its bytes.
_OVERHEAD = 512


class _Kept(NamedTuple):
    value: Any
    until: float | None
    weight: int


def _weight(value: object) -> int:
    size = getattr(value, "weight", None)
    if isinstance(size, int):
        return size
    return len(value) if isinstance(value, bytes | str) else 0


class BoundedMemoryCache(SimpleMemoryCache):  # type: ignore[misc] # aiocache ships no types
    """At most `most_entries` entries and `most_bytes` bytes (of `value.weight`, or its length).

    `peek` and `put` are the same store without aiocache's coroutine wrappers, for the hot path.
    """

    def __init__(
        self,
        *,
        monotonic: Callable[[], float],
        most_entries: int = 20_000,
        most_bytes: int = 64_000_000,
    ) -> None:
        super().__init__(timeout=None)
        self._monotonic = monotonic
        self._most_entries = most_entries
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def weight(self) -> int:
        """Bytes held, as far as they are counted."""
        return self._bytes

    def peek(self, key: Hashable) -> Any:
        """The value, or None."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        if kept.until is not None and kept.until <= self._monotonic():
            self.drop(key)
            return None
        self._kept.move_to_end(key)
        return kept.value

    def put(self, key: Hashable, value: object, ttl: float | None = None) -> None:
        """Keep a value for `ttl` seconds, or until room is needed."""
        self.drop(key)
        weight = _weight(value) + _OVERHEAD
        if weight > self._most_bytes:
            return
        self._kept[key] = _Kept(value, None if ttl is None else self._monotonic() + ttl, weight)
        self._bytes += weight
        while len(self._kept) > self._most_entries or self._bytes > self._most_bytes:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= oldest.weight

    def drop(self, key: Hashable) -> int:
        """Forget a key; 1 if it was there."""
        kept = self._kept.pop(key, None)
        if kept is None:
            return 0
        self._bytes -= kept.weight
        return 1

    def remaining(self, key: Hashable) -> float | None:
        """Seconds until the key goes, or None where it is not there or stays."""
        kept = self._kept.get(key)
        return None if kept is None or kept.until is None else kept.until - self._monotonic()

    # --- what aiocache's own methods call; their unused arguments are aiocache's

    async def _get(self, key: str, encoding: str | None = None, _conn: Any = None) -> Any:  # noqa: ARG002
        return self.peek(key)

    async def _multi_get(
        self,
        keys: Iterable[str],
        encoding: str | None = None,  # noqa: ARG002
        _conn: Any = None,
    ) -> list[Any]:
        return [self.peek(key) for key in keys]

    async def _set(
        self,
        key: str,
        value: object,
        ttl: float | None = None,
        _cas_token: object = None,
        _conn: Any = None,
    ) -> bool:
        if _cas_token is not None and _cas_token != self.peek(key):
            return False
        self.put(key, value, ttl)
        return True

    async def _add(
        self, key: str, value: object, ttl: float | None = None, _conn: Any = None
    ) -> bool:
        if self.peek(key) is not None:
            raise ValueError("the key exists already")
        self.put(key, value, ttl)
        return True

    async def _exists(self, key: str, _conn: Any = None) -> bool:
        return self.peek(key) is not None

    async def _increment(self, key: str, delta: int, _conn: Any = None) -> int:
        ttl = self.remaining(key)
        value = int(self.peek(key) or 0) + delta
        self.put(key, b"%d" % value, ttl)
        return value

    async def _expire(self, key: str, ttl: float, _conn: Any = None) -> bool:
        value = self.peek(key)
        if value is None:
            return False
        self.put(key, value, ttl or None)
        return True

    async def _delete(self, key: str, _conn: Any = None) -> int:
        return self.drop(key)

    async def _clear(self, namespace: str | None = None, _conn: Any = None) -> bool:
        for key in list(self._kept):
            if namespace is None or str(key).startswith(namespace):
                self.drop(key)
        return True

    async def _redlock_release(self, key: str, value: object) -> int:
        return self.drop(key) if self.peek(key) == value else 0
