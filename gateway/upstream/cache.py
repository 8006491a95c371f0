"""Cache of platform answers: decoded in this process, as bytes in the shared store."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

import msgspec

from gateway.concurrency.clock import DAY, Clock
from gateway.concurrency.lru_cache import LruCache
from gateway.upstream.answer import Entry
from gateway.upstream.cache_tags import CacheTag, CacheTags, values_of
from gateway.upstream.sealing import SealedStore, Sealer
from gateway.upstream.shared_store import SharedStore

_VERSION = 1
#: The longest that the shared store keeps an answer past its lifetime, in seconds: for a process
#: that starts while a platform fails. Each process keeps its own for `stale_if_error`.
_SHARED_STALE_MOST = 3_600.0
_MAX_ENTRIES = 20_000
_MAX_BYTES = 64_000_000
#: Bytes of an entry besides its answer.
_ENTRY_BYTES = 512
#: Lifetimes are shortened by up to this share, so that answers read together expire apart.
_JITTER = 0.1
#: Stale while revalidate: past its lifetime an answer is still served while it is read again in
#: the background, for this share of the lifetime, and no longer than so many seconds.
_REVALIDATE_SHARE = 0.5
_REVALIDATE_MOST = 10.0


class AnswerKey(NamedTuple):
    """What makes two calls the same."""

    shop: str
    endpoint: str
    target: bytes
    body: bytes


class _Envelope(msgspec.Struct, array_like=True):
    version: int
    #: Seconds since the epoch.
    fetched_at: float
    fresh_until: float
    generations: tuple[bytes, ...]
    body: bytes
    unreadable: int = 0


class AnswerCache:
    """Shared by all shops. Errors are not cached; answers from before a write are not served.

    `stale_if_error`: seconds past its lifetime that an answer may replace a failure.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        store: SharedStore | None = None,
        sealer: Sealer | None = None,
        stale_if_error: float = DAY,
    ) -> None:
        """A `store` that other processes see needs a sealer: answers are encrypted there."""
        self._clock = clock or Clock()
        self._store = store if store is not None and store.shared else None
        self._sealed = None if self._store is None else SealedStore(self._store, sealer)
        self._memory: LruCache[AnswerKey, Entry] = LruCache(
            max_entries=_MAX_ENTRIES, max_weight=_MAX_BYTES, monotonic=self._clock.monotonic
        )
        self._stale_if_error = stale_if_error
        self.tags = CacheTags(self._store, lifetime=stale_if_error + DAY)

    def peek(self, key: AnswerKey, tags: Sequence[CacheTag]) -> Entry | None:
        """The entry in this process, fresh or not; None without one that is still valid."""
        entry = self._memory.get(key)
        if entry is None or entry.generations != values_of(tags):
            return None
        return entry

    async def fetch(
        self,
        key: AnswerKey,
        tags: Sequence[CacheTag],
        decode: Callable[[bytes], Awaitable[object]],
    ) -> Entry | None:
        """The entry that another process stored, also cached here from now on; None without one."""
        if self._sealed is None:
            return None
        name = _name(self._sealed, key)
        raw = await self._sealed.store.get(name)
        packed = None if raw is None else self._sealed.unseal(name, raw)
        if packed is None:
            return None
        try:
            envelope = msgspec.msgpack.decode(packed, type=_Envelope)
            if envelope.version != _VERSION or envelope.generations != values_of(tags):
                return None
            value = await decode(envelope.body)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            # Another version of the gateway wrote it.
            return None
        entry = Entry(
            envelope.body,
            value,
            datetime.fromtimestamp(envelope.fetched_at, UTC),
            unreadable=envelope.unreadable,
        )
        self._place(key, entry, envelope.fresh_until - self._clock.wall(), envelope.generations)
        return entry

    async def keep(
        self, key: AnswerKey, entry: Entry, ttl: float, generations: tuple[bytes, ...]
    ) -> None:
        """Cache an answer for `ttl` seconds; `generations` are the tags from before the call."""
        fresh_for = ttl * (1 - _JITTER * self._clock.random())
        self._place(key, entry, fresh_for, generations)
        if self._sealed is None:
            return
        envelope = _Envelope(
            _VERSION,
            entry.fetched_at.timestamp(),
            self._clock.wall() + fresh_for,
            generations,
            entry.body,
            entry.unreadable,
        )
        name = _name(self._sealed, key)
        value = self._sealed.seal(name, msgspec.msgpack.encode(envelope))
        lifetime = ttl + min(self._stale_if_error, _SHARED_STALE_MOST)
        await self._sealed.store.set(name, value, float(lifetime))

    def _place(
        self, key: AnswerKey, entry: Entry, fresh_for: float, generations: tuple[bytes, ...]
    ) -> None:
        now = self._clock.monotonic()
        entry.fresh_until = now + fresh_for
        entry.revalidate_until = entry.fresh_until + min(
            max(fresh_for, 0.0) * _REVALIDATE_SHARE, _REVALIDATE_MOST
        )
        entry.generations = generations
        self._memory.put(
            key,
            entry,
            weight=entry.weight + _ENTRY_BYTES,
            # One that another process read may be old already.
            ttl=fresh_for + self._stale_if_error,
        )

    async def invalidate(self, tags: Sequence[CacheTag]) -> None:
        """Invalidate everything under these tags, here and on every replica."""
        self.tags.invalidate(tags)
        await self.tags.publish()

    def forget(self) -> None:
        """Drop all answers of this process, also as stand-ins for failures."""
        self._memory.clear()

    async def aclose(self) -> None:
        """Clear the cache of this process, and close the shared store."""
        self._memory.clear()
        if self._store is not None:
            await self._store.aclose()


async def erase_shared_answers(store: SharedStore, shop: str) -> int | None:
    """Deletes a shop's answers from the shared store; returns how many, None: it is unreachable."""
    return await store.delete_prefix(f"answer:{shop}:")


def _name(sealed: SealedStore, key: AnswerKey) -> str:
    digest = sha256(b"%b\n%b" % (key.target, key.body)).hexdigest()
    return f"answer:{key.shop}:{key.endpoint}:{sealed.name('answer', key.shop, digest)}"
