"""A loader: gathers keys, asks for each once a request, and keeps a failure to its own key."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

K = TypeVar("K")

#: Answers keys in their order: with the thing, with None, or with the exception in its place.
Batch = Callable[[list[K]], Awaitable[Sequence[Any]]]


class Loader(Generic[K]):
    """Looks keys up in batches; one request's own, never shared between requests.

    Keys that are asked for within one turn of the event loop go out together; a key that was
    asked for before is not asked for again.
    """

    __slots__ = ("_batch", "_known", "_tasks", "_waiting")

    def __init__(self, batch: Batch[K]) -> None:
        self._batch = batch
        self._known: dict[K, asyncio.Future[Any]] = {}
        self._waiting: list[K] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def load(self, key: K) -> asyncio.Future[Any]:
        """What the key stands for, with others that are asked for meanwhile."""
        known = self._known.get(key)
        if known is None:
            loop = asyncio.get_running_loop()
            known = self._known[key] = loop.create_future()
            if not self._waiting:
                loop.call_soon(self._dispatch)
            self._waiting.append(key)
        return known

    async def load_many(self, keys: Sequence[K]) -> list[Any]:
        """What the keys stand for, in their order; raises the first failure among them."""
        results = await self.fetch(keys)
        for result in results:
            if isinstance(result, Exception):
                raise result
        return results

    async def fetch(self, keys: Sequence[K]) -> list[Any]:
        """The same, with each failure in its key's place."""
        futures = [self.load(key) for key in keys]
        unfinished = [future for future in futures if not future.done()]
        if unfinished:
            await asyncio.wait(unfinished)
        return [_outcome(future) for future in futures]

    def _dispatch(self) -> None:
        keys, self._waiting = self._waiting, []
        task = asyncio.get_running_loop().create_task(self._run(keys))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, keys: list[K]) -> None:
        try:
            results = await self._batch(keys)
        except asyncio.CancelledError:
            for key in keys:
                self._known[key].cancel()
            raise
        except Exception as failure:  # noqa: BLE001 - handed to everyone who waits for a key
            results = [failure] * len(keys)
        for key, result in zip(keys, results, strict=True):
            self._settle(self._known[key], result)

    @staticmethod
    def _settle(future: asyncio.Future[Any], result: Any) -> None:
        if future.done():
            return
        if isinstance(result, Exception):
            future.set_exception(result)
            # Somebody may have gone; a failure that nobody awaits is no news.
            future.exception()
        else:
            future.set_result(result)


def _outcome(future: asyncio.Future[Any]) -> Any:
    if future.cancelled():
        raise asyncio.CancelledError
    failure = future.exception()
    return future.result() if failure is None else failure
