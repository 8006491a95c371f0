"""Program: a compiled plan, with the generated functions and their constants."""

from dataclasses import dataclass, field
from types import CodeType
from typing import Any, Final

from graphql import Undefined

from gateway.executor.code_writer import NAMES
from gateway.executor.plan import FieldPlan, Record, SelectedType


class Bubble(Exception):
    """A null propagating up to a nullable place; `error` is its cause."""

    def __init__(self, error: Any) -> None:
        super().__init__()
        self.error = error


class Pending:
    """Placeholder of a value that is awaited."""


PENDING: Final = Pending()

_PYTHON: Final[dict[str, Any]] = {
    "Bubble": Bubble,
    "Exception": Exception,
    "PENDING": PENDING,
    "Undefined": Undefined,
    "callable": callable,
    "float": float,
    "hasattr": hasattr,
    "id": id,
    "int": int,
    "len": len,
    "list": list,
    "str": str,
    "zip": zip,
    **NAMES,
}


@dataclass(frozen=True, slots=True, eq=False)
class Slot:
    """A relation: its queue of keys, and their loader."""

    field: FieldPlan
    loader: str


@dataclass(slots=True)
class CompiledPlan:
    """A compiled plan; `root` is its tree.

    `bind(run)` returns the function of the root object, those that complete the values of `awaited`
    positions, and those that fill `slots` with the results of their loaders.
    """

    root: Record
    source: str
    constants: dict[str, Any]
    awaited: list[SelectedType] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    guards: int = 0
    #: Whether one of the guards is counted.
    counts: bool = False
    bind: Any = None


def bind(code: CodeType, constants: dict[str, Any]) -> Any:
    """The binding function of a plan's code, with the values of its names."""
    names = {**_PYTHON, **constants}
    exec(code, names)  # noqa: S102 - what the generator wrote; a document gives it names alone
    # Left there, it would be a reference cycle with its own globals.
    return names.pop("bind")
