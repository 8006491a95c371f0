"""Strawberry's definitions of fields, objects and enums, which save resolver calls."""

from collections.abc import Mapping
from enum import Enum
from inspect import isfunction
from keyword import iskeyword
from typing import Any, Final

from graphql import (
    GraphQLAbstractType,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
)
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE as CAST
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.field import StrawberryField

from gateway.executor.field_readers import (
    Attribute,
    Guard,
    Hints,
    Method,
    Reading,
    Relation,
    Resolver,
)

__all__ = [
    "CAST",
    "DEFINITION",
    "enum_class",
    "plainly_resolved",
    "python_class",
    "reading_of",
    "told_by_class",
]

#: Key of Strawberry's definition in the extensions of graphql-core's types and fields.
DEFINITION: Final = "strawberry-definition"


def reading_of(field: GraphQLField, hints: Hints) -> Reading:
    """How the field is read; `Resolver` wherever that is not certain."""
    declared = field.extensions.get(DEFINITION)
    if not isinstance(declared, StrawberryField) or declared.is_subscription:
        return Resolver()
    hint = hints(declared)
    if hint is not None:
        return hint if _readable(hint) else Resolver()
    if field.args or declared.extensions or declared.is_async or not plainly_resolved(field):
        return Resolver()
    if declared.base_resolver is None:
        name = declared.python_name
        read = declared.default_resolver is getattr and _is_name(name)
        return Attribute(name) if read else Resolver()
    return _method(declared)


def _readable(hint: Relation | Guard) -> bool:
    if isinstance(hint, Guard):
        return _is_name(hint.attribute)
    return _is_name(hint.key) and (hint.unless is None or _is_name(hint.unless))


def _is_name(text: str) -> bool:
    return text.isidentifier() and not iskeyword(text)


def plainly_resolved(field: GraphQLField) -> bool:
    """Whether Strawberry's wrapper only calls the resolver: it may turn exceptions into types."""
    resolve = field.resolve
    code = getattr(resolve, "__code__", None)
    if code is None or not getattr(resolve, "__module__", "").startswith("strawberry.schema"):
        return False
    if code.co_name == "_get_basic_result":
        return True
    free = dict(zip(code.co_freevars, getattr(resolve, "__closure__", None) or (), strict=True))
    handlers = free.get("field_exception_handlers")
    return handlers is not None and handlers.cell_contents == ()


def _method(declared: StrawberryField) -> Reading:
    resolver = declared.base_resolver
    if resolver is None or resolver.arguments or resolver.self_parameter is None:
        return Resolver()
    if resolver.info_parameter or resolver.root_parameter or resolver.parent_parameter:
        return Resolver()
    function = resolver.wrapped_func
    return Method(function) if isfunction(function) else Resolver()


def python_class(kind: GraphQLObjectType) -> type | None:
    """The class of the type's objects; None if the type decides by itself."""
    definition = _object(kind)
    if definition is None or definition.is_type_of is not None or definition.concrete_of:
        return None
    return definition.origin


def _object(kind: GraphQLNamedType) -> StrawberryObjectDefinition | None:
    definition = kind.extensions.get(DEFINITION)
    return definition if isinstance(definition, StrawberryObjectDefinition) else None


def told_by_class(
    schema: GraphQLSchema, kind: GraphQLAbstractType
) -> Mapping[type, GraphQLObjectType] | None:
    """The types of an interface or union by the classes of their objects, if these decide."""
    if isinstance(kind, GraphQLInterfaceType):
        definition = _object(kind)
        if definition is None or definition.resolve_type is not None:
            return None
    elif DEFINITION not in kind.extensions:
        return None
    types: dict[type, GraphQLObjectType] = {}
    for possible in schema.get_possible_types(kind):
        cls = python_class(possible)
        # Strawberry takes the first type that an object is an instance of.
        if cls is None or any(issubclass(cls, c) or issubclass(c, cls) for c in types):
            return None
        types[cls] = possible
    return types


def enum_class(kind: GraphQLEnumType) -> type[Any] | None:
    """The Python enum, if its members have the same names in the schema."""
    definition = kind.extensions.get(DEFINITION)
    if not isinstance(definition, StrawberryEnumDefinition):
        return None
    members: list[Enum] = list(definition.wrapped_cls)
    named = all(kind.coerce_output_value(member) == member.name for member in members)
    return definition.wrapped_cls if named else None
