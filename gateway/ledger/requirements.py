"""What a platform wants of a document and does not find: gathered, then told all at once."""

from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

#: The path of a field in the contract's inputs, such as ("items", "0", "categoryPath").
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Violation:
    """Why a platform cannot take a document; the caller can mend it.

    `unsupported` says that the platform has no place for what was given, rather than that
    something is missing or wrong.
    """

    path: Path
    message: str
    unsupported: bool = False


class InvalidForPlatform(ValueError):
    """A document that a platform cannot take as it is."""

    def __init__(self, flaws: tuple[Violation, ...]) -> None:
        super().__init__("; ".join(f"{'.'.join(flaw.path)}: {flaw.message}" for flaw in flaws))
        self.flaws = flaws


class Requirements:
    """Gathers the flaws of one document while its wire form is written."""

    def __init__(self, platform: str) -> None:
        """`platform` is what messages call it: "The shopping list"."""
        self._platform = platform
        self._flaws: list[Violation] = []

    def given(self, value: T | None, *path: str, instead: T) -> T:
        """The value; where there is none, a flaw, and `instead` for the time being."""
        if value is None or value in ("", ()):
            self._flaws.append(Violation(path, f"{self._platform} needs it"))
            return instead
        return value

    def wrong(self, message: str, *path: str) -> None:
        """Note what is wrong with a field."""
        self._flaws.append(Violation(path, message))

    def unsupported(self, message: str, *path: str) -> None:
        """Note what the platform has no place for."""
        self._flaws.append(Violation(path, message, unsupported=True))

    def settle(self, written: T) -> T:
        """What was written.

        Raises:
            InvalidForPlatform: flaws were noted.
        """
        if self._flaws:
            raise InvalidForPlatform(tuple(self._flaws))
        return written
