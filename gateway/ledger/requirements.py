"""Requirements of a platform on a document: violations are collected, then raised at once."""

from dataclasses import dataclass
from typing import TypeVar

from gateway.ports.writing.problems import Path

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Violation:
    """Why a platform cannot take a document; the caller can fix it.

    `path` is that of a field of the inputs, such as ("items", "0", "categoryPath"). `unsupported`:
    the platform does not have the field or value at all.
    """

    path: Path
    message: str
    unsupported: bool = False


class InvalidForPlatform(ValueError):
    """A document that a platform cannot take as it is."""

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        super().__init__("; ".join(f"{'.'.join(one.path)}: {one.message}" for one in violations))
        self.violations = violations


class Requirements:
    """Collects the violations of one document while its wire form is written."""

    def __init__(self, platform: str) -> None:
        """`platform` is its name in messages, such as "The shopping list"."""
        self._platform = platform
        self._violations: list[Violation] = []

    def given(self, value: T | None, *path: str, instead: T) -> T:
        """The value; if it is missing, a violation, and `instead` as a stand-in."""
        if value is None or value in ("", ()):
            self._violations.append(Violation(path, f"{self._platform} needs it"))
            return instead
        return value

    def wrong(self, message: str, *path: str) -> None:
        """Add a violation of a field."""
        self._violations.append(Violation(path, message))

    def unsupported(self, message: str, *path: str) -> None:
        """Add a violation: the platform does not have it."""
        self._violations.append(Violation(path, message, unsupported=True))

    def settle(self, written: T) -> T:
        """The wire form that was written.

        Raises:
            InvalidForPlatform: there are violations.
        """
        if self._violations:
            raise InvalidForPlatform(tuple(self._violations))
        return written
