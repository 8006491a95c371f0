"""What came lately, kept within bounds: whatever clients send, memory is never full of it."""

from collections import OrderedDict
from typing import Generic, TypeVar

Key = TypeVar("Key", str, bytes)
Value = TypeVar("Value")


class LruCache(Generic[Key, Value]):
    """The things that were asked for last: at most `most`, and `characters` together.

    What is larger than that for itself is not kept.
    """

    def __init__(self, most: int = 1_000, characters: int = 1_000_000) -> None:
        self._most = most
        self._characters = characters
        #: Each with its size.
        self._kept: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self._taken = 0

    def get(self, key: Key) -> Value | None:
        """What is kept under the key; None where it never came, or too long ago."""
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def keep(self, key: Key, value: Value, size: int) -> None:
        """Keep what is so many characters long, and forget what was not asked for longest."""
        if size > self._characters or key in self._kept:
            return
        self._kept[key] = value, size
        self._taken += size
        while len(self._kept) > self._most or self._taken > self._characters:
            _, (_, given_back) = self._kept.popitem(last=False)
            self._taken -= given_back
