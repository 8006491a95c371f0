"""Seen marks: the entries that were returned, for lists without a sort key."""

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from hashlib import blake2b
from typing import Final

from gateway.errors import BadUserInput
from gateway.services.cursor import NO_CURSOR

#: Characters of one id's mark: 32 bits of its hash.
_SIZE: Final = 6


class SeenMarks:
    """The ids that came before a position in a list.

    Where entries are added, removed or reordered, neither an id nor an offset marks a position: the
    entry may be gone, and others at its offset. So the cursor holds the marks of all of them.

    Raises:
        BadUserInput: the text is no such position.
    """

    __slots__ = ("_known", "text")

    def __init__(self, text: str | None) -> None:
        self.text = text or ""
        if len(self.text) % _SIZE:
            raise BadUserInput(NO_CURSOR)
        self._known = set(_cut(self.text))

    def __contains__(self, id_: str) -> bool:
        return _mark(id_) in self._known

    def add(self, id_: str) -> str:
        """The position after one more id."""
        mark = _mark(id_)
        self._known.add(mark)
        self.text += mark
        return self.text


def _mark(id_: str) -> str:
    return urlsafe_b64encode(blake2b(id_.encode(), digest_size=4).digest())[:_SIZE].decode()


def _cut(text: str) -> Iterator[str]:
    return (text[at : at + _SIZE] for at in range(0, len(text), _SIZE))
