"""Writes the lines of generated functions, those that read scalars and enums among them."""

from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from typing import Any, Final

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLNamedType,
    GraphQLScalarType,
    GraphQLString,
    get_named_type,
)

from gateway.executor.plan import SelectedType
from gateway.executor.strawberry_types import enum_class

#: Deeper code becomes a separate function: Python allows 20 nested blocks.
DEEPEST: Final = 16


class Writer:
    """Writes several nested functions; lines go to the innermost.

    Text of a document is only written through `repr`; objects are named by numbers.
    """

    def __init__(self) -> None:
        self.constants: dict[str, Any] = {}
        self._names: dict[int, str] = {}
        self._count = 0
        self._done: list[str] = []
        self._open: list[list[str]] = []
        self._depths: list[int] = []

    def name(self, prefix: str) -> str:
        """A unique name."""
        self._count += 1
        return f"{prefix}{self._count}"

    def constant(self, prefix: str, value: Any) -> str:
        """The name of an object, always the same; the object is stored."""
        name = self._names.get(id(value))
        if name is None:
            name = self._names[id(value)] = self.name(prefix)
            self.constants[name] = value
        return name

    def line(self, text: str) -> None:
        """Write one line, indented by the blocks around it."""
        self._open[-1].append("    " * self._depths[-1] + text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Lines written in the context are the body of the statement."""
        self.line(head)
        self._depths[-1] += 1
        yield
        self._depths[-1] -= 1

    @contextmanager
    def function(self, head: str) -> Iterator[None]:
        """Lines written in the context are the body of a separate function."""
        self._open.append([])
        self._depths.append(1)
        with self.block(f"def {head}:"):
            yield
        self._depths.pop()
        self._done.extend(self._open.pop())

    @property
    def deep(self) -> bool:
        """Whether the nesting requires a separate function."""
        return self._depths[-1] > DEEPEST

    def source(self, head: str, first: list[str], last: str) -> str:
        """The source: all functions within one that creates them."""
        inner = [f"    {line}" for line in first]
        return "\n".join([f"def {head}:", *inner, *self._done, f"    {last}", ""])


#: Condition under which a value needs a closer check, in terms of `{v}`.
_UNUSUAL: dict[str, str] = {
    GraphQLString.name: "{v}.__class__ is not str",
    GraphQLID.name: "{v}.__class__ is not str",
    GraphQLInt.name: "({v}.__class__ is not int or not -2147483648 <= {v} <= 2147483647)",
    GraphQLFloat.name: "({v}.__class__ is not float or not -inf < {v} < inf)",
    GraphQLBoolean.name: "{v} is not True and {v} is not False",
}
_BUILT_IN = {
    GraphQLString.name: GraphQLString,
    GraphQLID.name: GraphQLID,
    GraphQLInt.name: GraphQLInt,
    GraphQLFloat.name: GraphQLFloat,
    GraphQLBoolean.name: GraphQLBoolean,
}

#: Python names that the generated code uses.
NAMES: dict[str, Any] = {"inf": inf}


def unusual(position: SelectedType, var: str) -> str | None:
    """Condition under which a value cannot be written to JSON as it is; None: never as it is."""
    kind = get_named_type(position.type)
    if _BUILT_IN.get(kind.name) is not kind:
        return None
    condition = _UNUSUAL[kind.name].format(v=var)
    return f"{condition} and {var} is not None" if position.nullable else condition


def write_leaf(
    writer: Writer, position: SelectedType, var: str, indexes: str, known: dict[str, set[type]]
) -> None:
    """Replace the value in the variable.

    `known` has for each custom scalar the classes that are neither exceptions nor awaitable.
    """
    kind = get_named_type(position.type)
    place = writer.constant("P", position)
    careful = f"{var} = slow({place}, {var}, {indexes})"
    condition = unusual(position, var)
    if condition is not None:
        with writer.block(f"if {condition}:"):
            writer.line(careful)
        return
    if isinstance(kind, GraphQLScalarType):
        _write_scalar(writer, kind, position, (var, indexes), known)
        return
    cls = enum_class(kind) if isinstance(kind, GraphQLEnumType) else None
    if cls is None:
        _write_careful(writer, position, var, careful)
        return
    with writer.block(f"if {var}.__class__ is {writer.constant('E', cls)}:"):
        writer.line(f"{var} = {var}._name_")
    with writer.block(f"elif {var} is not None:" if position.nullable else "else:"):
        writer.line(careful)


def _write_careful(writer: Writer, position: SelectedType, var: str, careful: str) -> None:
    if not position.nullable:
        writer.line(careful)
        return
    with writer.block(f"if {var} is not None:"):
        writer.line(careful)


def _write_scalar(
    writer: Writer,
    kind: GraphQLNamedType,
    position: SelectedType,
    value: tuple[str, str],
    known: dict[str, set[type]],
) -> None:
    var, indexes = value
    place = writer.constant("P", position)
    classes = writer.constant("K", known.setdefault(kind.name, set()))
    write = writer.constant("S", kind.coerce_output_value)  # type: ignore[attr-defined] # a scalar
    raw = writer.name("w")
    with writer.block(f"if {var}.__class__ in {classes}:"):
        writer.line(f"{raw} = {var}")
        with writer.block("try:"):
            writer.line(f"{var} = {write}({var})")
        with writer.block("except Exception:"):
            writer.line(f"{var} = None")
        with writer.block(f"if {var} is None or {var} is Undefined:"):
            writer.line(f"{var} = slow({place}, {raw}, {indexes})")
    with writer.block(f"elif {var} is not None:" if position.nullable else "else:"):
        writer.line(f"{var} = learn({classes}, {place}, {var}, {indexes})")
