"""Values of the configuration from environment variables: { env = "NAME" }."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.settings.section import Problem

_MARK: Final = "env"


class FromEnvironment(str):  # noqa: SLOT000 - it has a name to remember
    """The text of a variable, which remembers the variable's name."""

    variable: str

    @classmethod
    def read(cls, variable: str, text: str) -> "FromEnvironment":
        """The text of one variable."""
        value = cls(text)
        value.variable = variable
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
    """A document on its way to one without { env = … }: what it took, and what went wrong."""

    environ: Mapping[str, str]
    #: The keys whose value came from the environment.
    keys: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def expand(self, value: Any, key: str = "") -> Any:
        """The value with every { env = … } in it replaced, lists as tuples."""
        if isinstance(value, Mapping):
            if _MARK in value:
                return self._variable(value, key)
            return {
                name: self.expand(item, f"{key}.{name}" if key else name)
                for name, item in value.items()
            }
        if isinstance(value, list | tuple):
            return tuple(self.expand(item, f"{key}[{at}]") for at, item in enumerate(value))
        return value

    def _variable(self, table: Mapping[str, Any], key: str) -> Any:
        name = table[_MARK]
        if len(table) > 1 or not isinstance(name, str) or not name:
            self.problems.append(Problem(key, 'expected { env = "NAME" } and nothing beside it'))
        elif name not in self.environ:
            self.problems.append(Problem(key, f"the environment variable {name} is not set"))
        else:
            self.keys.add(key)
            return FromEnvironment.read(name, self.environ[name])
        return None
