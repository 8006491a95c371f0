"""LRU cache, bounded by entries and by weight, with an optional expiry for each entry."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class LruCache(Generic[Key, Value]):
    """At most `max_entries` entries, and at most `max_weight` of weight together; None: any number.

    When there is no room, the entries that were used least recently are evicted. The unit of
    weight is the caller's: bytes or characters.
    """

    def __init__(
        self,
        *,
        max_entries: int | None = None,
        max_weight: int | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max_entries = max_entries
        self._max_weight = max_weight
        self._monotonic = monotonic
        #: Value, expiry in monotonic seconds or None, weight. Plain tuples unpack fastest.
        self._entries: OrderedDict[Key, tuple[Value, float | None, int]] = OrderedDict()
        self._weight = 0

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def weight(self) -> int:
        """The weight of all entries together."""
        return self._weight

    def get(self, key: Key) -> Value | None:
        """The value, which counts as used now; None if there is none, or it has expired."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        value, expires_at, _ = entry
        if expires_at is not None and expires_at <= self._monotonic():
            self.discard(key)
            return None
        self._entries.move_to_end(key)
        return value

    def put(self, key: Key, value: Value, *, weight: int = 0, ttl: float | None = None) -> None:
        """Keep a value in place of an older one, for `ttl` seconds or until it is evicted.

        A value that is heavier than the whole cache may be is not kept.
        """
        self.discard(key)
        if self._max_weight is not None and weight > self._max_weight:
            return
        expires_at = None if ttl is None else self._monotonic() + ttl
        self._entries[key] = (value, expires_at, weight)
        self._weight += weight
        self._make_room()

    def grow(self, key: Key, weight: int) -> None:
        """Add to the weight of an entry; without effect if it was evicted."""
        entry = self._entries.get(key)
        if entry is None:
            return
        value, expires_at, before = entry
        self._entries[key] = (value, expires_at, before + weight)
        self._weight += weight
        self._make_room()

    def discard(self, key: Key) -> bool:
        """Remove a key; whether it was there."""
        entry = self._entries.pop(key, None)
        if entry is None:
            return False
        self._weight -= entry[2]
        return True

    def clear(self) -> None:
        """Remove every entry."""
        self._entries.clear()
        self._weight = 0

    def _make_room(self) -> None:
        while self._is_too_full():
            _, (_, _, freed) = self._entries.popitem(last=False)
            self._weight -= freed

    def _is_too_full(self) -> bool:
        return (self._max_entries is not None and len(self._entries) > self._max_entries) or (
            self._max_weight is not None and self._weight > self._max_weight
        )
