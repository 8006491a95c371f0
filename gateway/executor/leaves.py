"""Writes how scalars and enums become what JSON holds, with the usual case in line."""

from math import inf
from typing import Any

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
from gateway.executor.writer import Writer

#: When the value needs a second look, by what the first one tells of `{v}`.
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

#: Names that the generated lines use of Python.
NAMES: dict[str, Any] = {"inf": inf}


def unusual(position: SelectedType, var: str) -> str | None:
    """The condition on which a value is not at once what JSON holds; None: it never is."""
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
