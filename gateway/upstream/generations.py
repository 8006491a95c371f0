"""Marks that a write leaves, so that no replica shows what was read before it."""

import asyncio
import secrets
from collections.abc import Callable, Sequence

from gateway.upstream.shared_store import SharedStore

NEVER = b""


class Generation:
    """The mark of one name (an endpoint or tag) of one shop; it changes with every write."""

    __slots__ = ("key", "value")

    def __init__(self, key: str) -> None:
        self.key = key
        #: NEVER until somebody wrote.
        self.value = NEVER


Marks = Sequence[Generation]


def values_of(marks: Marks) -> tuple[bytes, ...]:
    """The marks as they stand in this process."""
    return tuple([mark.value for mark in marks])


class GenerationBoard:
    """All marks; in the shared store as well, where there is one.

    With a shared store every read asks for its marks, all reads of one turn of the loop in one
    round trip, begun after they asked: so a read that begins after a write has ended sees its
    mark. While the store is away the marks of this process alone hold, and marks that could
    not be written are written as soon as it is back.
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
        self._marks: dict[str, Generation] = {}
        self._unwritten: dict[str, Generation] = {}
        self._asked: dict[str, Generation] = {}
        self._round: asyncio.Task[None] | None = None
        #: How often marks were changed by writes of this process.
        self.voided = 0

    def marks(self, shop: str, names: Sequence[str]) -> tuple[Generation, ...]:
        """The marks of these names, to be kept by who reads often."""
        return tuple(self._mark(f"generation:{shop}:{name}") for name in names)

    def _mark(self, key: str) -> Generation:
        mark = self._marks.get(key)
        if mark is None:
            mark = self._marks[key] = Generation(key)
        return mark

    @property
    def local(self) -> bool:
        """Whether the marks of this process are all there is to know."""
        return self._store is None

    async def refresh(self, marks: Marks) -> None:
        """Bring these marks up to date with the other replicas."""
        if self._store is None:
            return
        for mark in marks:
            self._asked[mark.key] = mark
        if self._round is None:
            self._round = asyncio.create_task(self._ask(self._store))
        await asyncio.shield(self._round)

    async def _ask(self, store: SharedStore) -> None:
        # From here on later readers begin a round of their own.
        asked, self._asked, self._round = self._asked, {}, None
        await self._write(store)
        values = await store.get_many(list(asked))
        if values is None:
            return
        for mark, value in zip(asked.values(), values, strict=True):
            if mark.key in self._unwritten:
                continue
            if value is not None:
                mark.value = value
            elif mark.value is not NEVER:
                # The store has lost it; the others must not fall back behind the write.
                self._unwritten[mark.key] = mark

    def void(self, marks: Marks) -> None:
        """Change these marks in this process, at once."""
        self.voided += 1
        for mark in marks:
            mark.value = self._unique()
            if self._store is not None:
                self._unwritten[mark.key] = mark

    async def publish(self) -> None:
        """Let the other replicas know what was voided."""
        if self._store is not None:
            await self._write(self._store)

    async def _write(self, store: SharedStore) -> None:
        for key, mark in list(self._unwritten.items()):
            value = mark.value
            if not await store.set(key, value, self._lifetime):
                return
            if mark.value == value:
                self._unwritten.pop(key, None)
