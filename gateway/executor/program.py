"""A compiled plan: the functions that the generator wrote, and what they are bound to."""

from dataclasses import dataclass, field
from types import CodeType
from typing import Any, Final

from graphql import Undefined

from gateway.executor.code_writer import NAMES
from gateway.executor.plan import FieldPlan, SelectedType


class Bubble(Exception):
    """A null where none may be, on its way up to where one may; `error` says what happened."""

    def __init__(self, error: Any) -> None:
        super().__init__()
        self.error = error


class Pending:
    """Stands for a value that is awaited."""


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
    """A relation: where its keys are queued, and which loader answers them."""

    field: FieldPlan
    loader: str


@dataclass(slots=True)
class Program:
    """A compiled plan.

    `bind(run)` answers the function of the root object, those that complete what `awaited`
    positions get later, and those that fill `slots` with what their loaders answer.
    """

    source: str
    constants: dict[str, Any]
    awaited: list[SelectedType] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    guards: int = 0
    bind: Any = None


def bind(code: CodeType, constants: dict[str, Any]) -> Any:
    """The binding function of a plan's code, with all that its names stand for."""
    names = {**_PYTHON, **constants}
    exec(code, names)  # noqa: S102 - what the generator wrote; a document gives it names alone
    return names["bind"]
