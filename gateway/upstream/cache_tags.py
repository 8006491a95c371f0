"""Cache tags: a write changes them, so that no replica serves what was read before it."""

import asyncio
import secrets
from collections.abc import Callable, Sequence

from gateway.upstream.shared_store import SharedStore

NEVER = b""


class CacheTag:
    """The version stamp of one endpoint or tag of one shop; every write changes it."""

    __slots__ = ("key", "value")

    def __init__(self, key: str) -> None:
        self.key = key
        #: NEVER until the first write.
        self.value = NEVER


Tags = Sequence[CacheTag]


def values_of(tags: Tags) -> tuple[bytes, ...]:
    """The current values in this process."""
    return tuple([tag.value for tag in tags])


class CacheTags:
    """All tags; in the shared store as well, where there is one.

    With a shared store every read fetches its tags; all reads of one turn of the event loop
    share one round trip, which begins after them: a read that begins after a write has ended
    sees its tag. While the store is unreachable only this process's own tags count; tags that
    could not be written are written once it is back.
    """

    def __init__(
        self,
        store: SharedStore | None,
        *,
        lifetime: float,
        unique: Callable[[], bytes] = lambda: secrets.token_bytes(8),
    ) -> None:
        self._store = store
        self._lifetime = lifetime
        self._unique = unique
        self._tags: dict[str, CacheTag] = {}
        self._unwritten: dict[str, CacheTag] = {}
        self._asked: dict[str, CacheTag] = {}
        self._round: asyncio.Task[None] | None = None
        #: How often tags were changed by writes of this process.
        self.invalidations = 0

    def of(self, shop: str, names: Sequence[str]) -> tuple[CacheTag, ...]:
        """The tags of these names; callers that read often keep them."""
        return tuple(self._tag(f"generation:{shop}:{name}") for name in names)

    def _tag(self, key: str) -> CacheTag:
        tag = self._tags.get(key)
        if tag is None:
            tag = self._tags[key] = CacheTag(key)
        return tag

    @property
    def local(self) -> bool:
        """Whether no other process can change a tag."""
        return self._store is None

    async def refresh(self, tags: Tags) -> None:
        """Read these tags from the shared store."""
        if self._store is None:
            return
        for tag in tags:
            self._asked[tag.key] = tag
        if self._round is None:
            self._round = asyncio.create_task(self._ask(self._store))
        await asyncio.shield(self._round)

    async def _ask(self, store: SharedStore) -> None:
        # Later readers begin a round trip of their own.
        asked, self._asked, self._round = self._asked, {}, None
        await self._write(store)
        values = await store.get_many(list(asked))
        if values is None:
            return
        for tag, value in zip(asked.values(), values, strict=True):
            if tag.key in self._unwritten:
                continue
            if value is not None:
                tag.value = value
            elif tag.value is not NEVER:
                # The store has lost it: others must not serve answers from before the write.
                self._unwritten[tag.key] = tag

    def invalidate(self, tags: Tags) -> None:
        """Change these tags in this process, at once."""
        self.invalidations += 1
        for tag in tags:
            tag.value = self._unique()
            if self._store is not None:
                self._unwritten[tag.key] = tag

    async def publish(self) -> None:
        """Write the changed tags to the shared store."""
        if self._store is not None:
            await self._write(self._store)

    async def _write(self, store: SharedStore) -> None:
        for key, tag in list(self._unwritten.items()):
            value = tag.value
            if not await store.set(key, value, self._lifetime):
                return
            if tag.value == value:
                self._unwritten.pop(key, None)
