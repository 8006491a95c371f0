"""A loader: gathers keys, asks for each once a request, and keeps a failure to its own key."""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

K = TypeVar("K")

#: Answers keys in their order: with the thing, with None, or with the exception in its place.
Batch = Callable[[list[K]], Awaitable[Sequence[Any]]]


class _Round(Generic[K]):
    """Keys that go out together; `done` is set when all are answered."""

    __slots__ = ("done", "keys", "task", "waiting")

    def __init__(self, done: asyncio.Future[None]) -> None:
        self.done = done
        self.keys: list[K] = []
        self.task: asyncio.Task[None] | None = None
        self.waiting = 0


class _Answer(Generic[K]):
    """What a key stands for; may be awaited in several places, each cancelled for itself."""

    __slots__ = ("_key", "_loader")

    def __init__(self, loader: "DataLoader[K]", key: K) -> None:
        self._loader = loader
        self._key = key

    def __await__(self) -> Generator[Any, None, Any]:
        result = yield from self._loader.one(self._key).__await__()
        return result


class DataLoader(Generic[K]):
    """Looks keys up in batches; one request's own, never shared between requests.

    Keys that are asked for within one turn of the event loop go out together; a key that was
    asked for before is not asked for again. A look-up for which nobody waits any more is
    cancelled.
    """

    __slots__ = ("_batch", "_known", "_next", "_rounds")

    if not TYPE_CHECKING:

        def __class_getitem__(cls, _: object) -> type:
            # A request makes some twenty; `typing` takes longer for each than all else here.
            return cls

    def __init__(self, batch: Batch[K]) -> None:
        self._batch = batch
        self._known: dict[K, Any] = {}
        self._rounds: dict[K, _Round[K]] = {}
        self._next: _Round[K] | None = None

    def load(self, key: K) -> Awaitable[Any]:
        """What the key stands for, with others that are asked for meanwhile."""
        if key not in self._known:
            self._round(key)
        return _Answer(self, key)

    async def one(self, key: K) -> Any:
        """The same, awaited at once."""
        if key not in self._known:
            await self._wait(self._round(key))
        result = self._known[key]
        if isinstance(result, Exception):
            raise result
        return result

    async def load_many(self, keys: Sequence[K]) -> list[Any]:
        """What the keys stand for, in their order; raises the first failure among them."""
        results = await self.fetch(keys)
        for result in results:
            if isinstance(result, Exception):
                raise result
        return results

    async def fetch(self, keys: Sequence[K]) -> list[Any]:
        """The same, with each failure in its key's place."""
        known = self._known
        unknown = [key for key in dict.fromkeys(keys) if key not in known]
        if unknown:
            for each in {self._round(key): None for key in unknown}:
                await self._wait(each)
        return [known[key] for key in keys]

    def _round(self, key: K) -> _Round[K]:
        """The round that a key goes out with, or went."""
        known = self._rounds.get(key)
        if known is not None:
            return known
        if self._next is None:
            loop = asyncio.get_running_loop()
            self._next = _Round(loop.create_future())
            loop.call_soon(self._dispatch)
        self._next.keys.append(key)
        self._rounds[key] = self._next
        return self._next

    async def _wait(self, waited: _Round[K]) -> None:
        if waited.done.done():
            return
        waited.waiting += 1
        try:
            # One who goes does not take the answer away from the others.
            await asyncio.shield(waited.done)
        finally:
            waited.waiting -= 1
            if not waited.waiting and waited.task is not None:
                waited.task.cancel()

    def _dispatch(self) -> None:
        going, self._next = self._next, None
        if going is not None:
            going.task = asyncio.get_running_loop().create_task(self._run(going))

    async def _run(self, going: _Round[K]) -> None:
        keys = going.keys
        try:
            results = dict(zip(keys, await self._batch(keys), strict=True))
        except asyncio.CancelledError:
            going.done.cancel()
            raise
        except Exception as failure:  # noqa: BLE001 - handed to everyone who waits for a key
            results = dict.fromkeys(keys, failure)
        finally:
            for key in keys:
                del self._rounds[key]
        self._known.update(results)
        going.done.set_result(None)
