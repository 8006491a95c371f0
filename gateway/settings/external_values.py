"""Values from outside the configuration file: { env = "NAME" } and { file = "PATH" }."""

import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from gateway.settings.section import Problem

_ENVIRONMENT: Final = "env"
_FILE: Final = "file"
#: Bytes of a file of { file = … }: a key or an address is far shorter.
MOST_BYTES: Final = 65_536


class ExternalText(str):  # noqa: SLOT000 - it has a source to remember
    """A text from outside the file, which remembers its source."""

    #: Such as `the variable NAME`, for messages.
    source: str

    @classmethod
    def read(cls, source: str, text: str) -> "ExternalText":
        """The text of one source."""
        value = cls(text)
        value.source = source
        return value

    def as_toml(self) -> Any:
        """The text read as a TOML value, for a key that wants no string; else the text."""
        try:
            return frozen(tomllib.loads(f"value = {self}")["value"])
        except tomllib.TOMLDecodeError:
            return self


def frozen(value: Any) -> Any:
    """The same value with its lists as tuples: nothing of the configuration changes later."""
    if isinstance(value, list):
        return tuple(frozen(item) for item in value)
    return value


@dataclass
class Expansion:
    """A document on its way to one without { env = … } and { file = … }.

    Paths of files are relative to `base`, the folder of the configuration file.
    """

    environ: Mapping[str, str]
    base: Path
    #: The keys whose value came from the environment or from a file.
    keys: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    #: What is worth a warning, though the value could be read.
    warnings: list[Problem] = field(default_factory=list)

    def expand(self, value: Any, key: str = "") -> Any:
        """The value with every reference in it replaced, lists as tuples."""
        if isinstance(value, Mapping):
            if _ENVIRONMENT in value:
                return self._variable(value, key)
            if _FILE in value:
                return self._file(value, key)
            return {
                name: self.expand(item, f"{key}.{name}" if key else name)
                for name, item in value.items()
            }
        if isinstance(value, list | tuple):
            return tuple(self.expand(item, f"{key}[{at}]") for at, item in enumerate(value))
        return value

    def _variable(self, table: Mapping[str, Any], key: str) -> Any:
        name = table[_ENVIRONMENT]
        if len(table) > 1 or not isinstance(name, str) or not name:
            self.problems.append(Problem(key, 'expected { env = "NAME" } and nothing beside it'))
        elif name not in self.environ:
            self.problems.append(Problem(key, f"the environment variable {name} is not set"))
        else:
            self.keys.add(key)
            return ExternalText.read(f"the variable {name}", self.environ[name])
        return None

    def _file(self, table: Mapping[str, Any], key: str) -> Any:
        name = table[_FILE]
        if len(table) > 1 or not isinstance(name, str) or not name:
            self.problems.append(Problem(key, 'expected { file = "PATH" } and nothing beside it'))
            return None
        path = self.base / name
        try:
            text, mode = _read(path)
        except (OSError, ValueError) as failure:
            reason = failure.strerror if isinstance(failure, OSError) else str(failure)
            self.problems.append(Problem(key, f"the file {path} cannot be read: {reason}"))
            return None
        if mode & (stat.S_IWGRP | stat.S_IWOTH):
            self.warnings.append(
                Problem(key, f"the file {path} can be changed by other users; chmod 600 {path}")
            )
        self.keys.add(key)
        return ExternalText.read(f"the file {path}", text)


def _read(path: Path) -> tuple[str, int]:
    """The text of a file without its last line ending, and the file's mode.

    Raises:
        OSError: it cannot be read.
        ValueError: it does not hold such a value; the message repeats nothing of it.
    """
    mode = path.stat().st_mode
    # A named pipe would block the start until something is written to it.
    if not stat.S_ISREG(mode):
        raise ValueError("expected a regular file")
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError(f"it is larger than {MOST_BYTES} bytes")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise ValueError("expected UTF-8 text") from None
    return text.removesuffix("\n").removesuffix("\r"), mode
