"""Drops a process's cached answers once a buyer was erased, by this process or another."""

from collections.abc import Awaitable, Callable


class ErasedCaches:
    """Compares the number of erasures with the last one seen.

    `erasures` counts them, `forget` drops the cached answers.
    """

    def __init__(self, erasures: Callable[[], Awaitable[int]], forget: Callable[[], None]) -> None:
        self._erasures = erasures
        self._forget = forget
        #: None until the first look: what was erased before cannot be cached.
        self._seen: int | None = None

    async def once(self) -> None:
        """Look once; raises StoreUnavailable."""
        erasures = await self._erasures()
        if self._seen is not None and erasures != self._seen:
            self._forget()
        self._seen = erasures
