"""Last uses of API keys: noted in memory, written in groups."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

#: Seconds between two groups: a key's last use is written at most so often by each process.
WRITE_EVERY: Final = 60.0


class KeyUses:
    """When each key was last used, of those whose use is not written yet."""

    def __init__(self, now: Callable[[], float]) -> None:
        """`now` gives unix seconds."""
        self._now = now
        self._seen: dict[str, float] = {}

    def note(self, key: str) -> None:
        """Notes that the key of this id is used now."""
        self._seen[key] = self._now()

    async def flush(self, write: Callable[[Mapping[str, float]], Awaitable[None]]) -> None:
        """Hands what was noted to `write`: unix seconds by the id of the key.

        If `write` fails, what was noted waits for the next time.
        """
        if not self._seen:
            return
        written, self._seen = self._seen, {}
        try:
            await write(written)
        except BaseException:
            self._seen = written | self._seen
            raise
