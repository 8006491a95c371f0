"""A data loader: batches keys, loads each once per request, and isolates failures by key."""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from gateway.stale_reads import StaleRead, StaleReads, note

K = TypeVar("K")

#: Loads keys in order: each gives an object, None, or the exception in its place.
BatchLoad = Callable[[list[K]], Awaitable[Sequence[Any]]]


class _Batch(Generic[K]):
    """One batch of keys; `done` is set once all are loaded."""

    __slots__ = ("done", "keys", "task", "waiting")

    def __init__(self, done: asyncio.Future[None]) -> None:
        self.done = done
        self.keys: list[K] = []
        self.task: asyncio.Task[None] | None = None
        self.waiting = 0


class _Answer(Generic[K]):
    """The value of a key; may be awaited in several places, each cancelled by itself."""

    __slots__ = ("_key", "_loader", "_stale")

    def __init__(
        self, loader: "DataLoader[K]", key: K, stale: Callable[[StaleRead], None] | None
    ) -> None:
        self._loader = loader
        self._key = key
        self._stale = stale

    def __await__(self) -> Generator[Any, None, Any]:
        result = yield from self._loader.one(self._key).__await__()
        if self._stale is not None and (read := self._loader.stale.get(self._key)) is not None:
            self._stale(read)
        return result


class DataLoader(Generic[K]):
    """A data loader: loads keys in batches, for one request only.

    Keys requested within one turn of the event loop form one batch, and each key is loaded
    once. A batch that nothing awaits any more is cancelled. A batch notes stale reads by its keys;
    every caller that gets such a key's value is recorded as having read it.
    """

    __slots__ = ("_batch", "_batches", "_known", "_next", "stale")

    if not TYPE_CHECKING:

        def __class_getitem__(cls, _: object) -> type:
            # A request makes about twenty, and `typing` would take most of the time.
            return cls

    def __init__(self, batch: BatchLoad[K]) -> None:
        self._batch = batch
        self._known: dict[K, Any] = {}
        self._batches: dict[K, _Batch[K]] = {}
        self._next: _Batch[K] | None = None
        #: By key, the stale source of its value.
        self.stale: dict[K, StaleRead] = {}

    def load(self, key: K, stale: Callable[[StaleRead], None] | None = None) -> Awaitable[Any]:
        """An awaitable of the key's value; the key joins the next batch.

        `stale` is called if the value was made from a stale read.
        """
        if key not in self._known:
            self._batch_of(key)
        return _Answer(self, key, stale)

    async def one(self, key: K) -> Any:
        """The key's value."""
        if key not in self._known:
            await self._wait(self._batch_of(key))
        result = self._known[key]
        if isinstance(result, Exception):
            raise result
        if self.stale:
            self._note([key])
        return result

    async def load_many(self, keys: Sequence[K]) -> list[Any]:
        """The values of the keys, in order; raises the first failure among them."""
        results = await self.fetch(keys)
        for result in results:
            if isinstance(result, Exception):
                raise result
        return results

    async def fetch(self, keys: Sequence[K]) -> list[Any]:
        """The values of the keys, in order; a failure takes the place of its key's value."""
        known = self._known
        unknown = [key for key in dict.fromkeys(keys) if key not in known]
        if unknown:
            for each in {self._batch_of(key): None for key in unknown}:
                await self._wait(each)
        if self.stale:
            self._note(keys)
        return [known[key] for key in keys]

    def _note(self, keys: Sequence[K]) -> None:
        for key in keys:
            if (read := self.stale.get(key)) is not None:
                note(read)

    def _batch_of(self, key: K) -> _Batch[K]:
        """The batch that a key is in, or joins."""
        known = self._batches.get(key)
        if known is not None:
            return known
        if self._next is None:
            loop = asyncio.get_running_loop()
            self._next = _Batch(loop.create_future())
            loop.call_soon(self._dispatch)
        self._next.keys.append(key)
        self._batches[key] = self._next
        return self._next

    async def _wait(self, waited: _Batch[K]) -> None:
        if waited.done.done():
            return
        waited.waiting += 1
        try:
            # Cancelling one waiter does not cancel the batch for the others.
            await asyncio.shield(waited.done)
        finally:
            waited.waiting -= 1
            if not waited.waiting and waited.task is not None:
                waited.task.cancel()

    def _dispatch(self) -> None:
        sent, self._next = self._next, None
        if sent is not None:
            sent.task = asyncio.get_running_loop().create_task(self._run(sent))

    async def _run(self, sent: _Batch[K]) -> None:
        keys = sent.keys
        stale = StaleReads()
        try:
            with stale:
                results = dict(zip(keys, await self._batch(keys), strict=True))
        except asyncio.CancelledError:
            sent.done.cancel()
            raise
        except Exception as failure:  # noqa: BLE001 - raised to all that wait for its keys
            results = dict.fromkeys(keys, failure)
        finally:
            for key in keys:
                del self._batches[key]
        self._known.update(results)
        if stale:
            self._keep(stale, results)
        sent.done.set_result(None)

    def _keep(self, stale: StaleReads, results: dict[K, Any]) -> None:
        for key, result in results.items():
            read = None if isinstance(result, Exception) else stale.of(key)
            if read is not None:
                self.stale[key] = read
