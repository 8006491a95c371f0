"""Writes the lines of generated functions, and keeps the objects that they name."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

#: Deeper than this a part becomes a function of its own: Python allows 20 nested blocks.
DEEPEST: Final = 16


class Writer:
    """Several functions in the making; the innermost is written to.

    No text of a document gets into the lines but through `repr`; objects are named by numbers.
    """

    def __init__(self) -> None:
        self.constants: dict[str, Any] = {}
        self._names: dict[int, str] = {}
        self._count = 0
        self._done: list[str] = []
        self._open: list[list[str]] = []
        self._depths: list[int] = []

    def name(self, prefix: str) -> str:
        """A name that no other thing has."""
        self._count += 1
        return f"{prefix}{self._count}"

    def constant(self, prefix: str, value: Any) -> str:
        """The name of an object, the same each time; the object is kept."""
        name = self._names.get(id(value))
        if name is None:
            name = self._names[id(value)] = self.name(prefix)
            self.constants[name] = value
        return name

    def line(self, text: str) -> None:
        """One line, as deep as the blocks around it."""
        self._open[-1].append("    " * self._depths[-1] + text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """What is written within is the body of the statement."""
        self.line(head)
        self._depths[-1] += 1
        yield
        self._depths[-1] -= 1

    @contextmanager
    def function(self, head: str) -> Iterator[None]:
        """What is written within is the function's body; its neighbours are left as they are."""
        self._open.append([])
        self._depths.append(1)
        with self.block(f"def {head}:"):
            yield
        self._depths.pop()
        self._done.extend(self._open.pop())

    @property
    def deep(self) -> bool:
        """Whether what comes next had better be a function of its own."""
        return self._depths[-1] > DEEPEST

    def source(self, head: str, first: list[str], last: str) -> str:
        """All functions as the body of one that makes them."""
        inner = [f"    {line}" for line in first]
        return "\n".join([f"def {head}:", *inner, *self._done, f"    {last}", ""])
