"""One mistake in a configuration, and how its place is written."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """A key of the file, and what was expected there."""

    key: str
    text: str

    def __str__(self) -> str:
        return f"{self.key}: {self.text}"


def dotted(location: Sequence[str | int]) -> str:
    """A place in the document as one would write it: shops[1].app_id."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
