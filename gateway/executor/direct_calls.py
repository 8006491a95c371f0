"""Direct calls of resolvers, with arguments that are converted when an operation is compiled."""

from collections.abc import Callable, Mapping
from enum import Enum
from inspect import Parameter, isfunction
from typing import Any, cast

from graphql import (
    BooleanValueNode,
    EnumValueNode,
    FieldNode,
    FloatValueNode,
    GraphQLError,
    GraphQLField,
    GraphQLResolveInfo,
    GraphQLSchema,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    StringValueNode,
    ValueNode,
)
from graphql.execution.values import VariableValues, get_argument_values
from strawberry import Schema
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from gateway.executor.strawberry_types import DEFINITION, plainly_resolved

_PLAIN = (
    BooleanValueNode
    | EnumValueNode
    | FloatValueNode
    | IntValueNode
    | NullValueNode
    | StringValueNode
)

#: Immutable values.
UNCHANGEABLE = str | int | float | bool | Enum | None


def constant_arguments(
    definition: GraphQLField, node: FieldNode, *, lasting: bool
) -> dict[str, Any] | None:
    """The arguments, if they are constants of the document and no resolver changes them.

    `lasting`: lists and objects may be passed to resolvers repeatedly. None also if the arguments
    are invalid: each run reports the error.
    """
    if not definition.args and not node.arguments:
        return {}
    if not all(_is_constant(argument.value, lasting=lasting) for argument in node.arguments or ()):
        return None
    try:
        values = get_argument_values(definition, node, VariableValues({}, {}))
    except GraphQLError:
        return None
    return values if lasting or are_unchangeable(values) else None


def are_unchangeable(values: Mapping[str, Any]) -> bool:
    """Whether no resolver can change any of the values."""
    return all(isinstance(value, UNCHANGEABLE) for value in values.values())


def _is_constant(node: ValueNode, *, lasting: bool) -> bool:
    if isinstance(node, ListValueNode):
        return lasting and all(_is_constant(each, lasting=lasting) for each in node.values)
    if isinstance(node, ObjectValueNode):
        return lasting and all(_is_constant(each.value, lasting=lasting) for each in node.fields)
    return isinstance(node, _PLAIN)


#: The source and graphql-core's info in, what the resolver answers out.
Direct = Callable[[Any, GraphQLResolveInfo[Any]], Any]


def direct_call(
    schema: GraphQLSchema,
    field: GraphQLField,
    arguments: Mapping[str, Any] | None,
    *,
    lasting: bool,
) -> Direct | None:
    """The field's resolver with these arguments; None: Strawberry has to call it.

    `lasting`: lists and objects may be passed to the resolver repeatedly.
    """
    declared, owner = field.extensions.get(DEFINITION), schema.extensions.get(DEFINITION)
    if not isinstance(declared, StrawberryField) or not isinstance(owner, Schema):
        return None
    if arguments is None or not _is_plain(field, declared):
        return None
    try:
        values = convert_arguments(
            dict(arguments),
            declared.arguments,
            scalar_registry=owner.schema_converter.scalar_registry,
            config=owner.config,
        )
    except Exception:  # noqa: BLE001 - it is the same each time, and an error of each call
        return None
    if not lasting and not are_unchangeable(values):
        return None
    return _Call(declared, values, owner.config.info_class)


def _is_plain(field: GraphQLField, declared: StrawberryField) -> bool:
    """Whether the field is nothing but the resolver's function."""
    return (
        type(declared).get_result is StrawberryField.get_result
        and not declared.extensions
        and plainly_resolved(field)
        and type(declared.base_resolver) is StrawberryResolver
        and isfunction(declared.base_resolver.wrapped_func)
    )


class _Call:
    """A resolver's function with everything that is the same in each call."""

    __slots__ = (
        "_field",
        "_function",
        "_info_class",
        "_info_name",
        "_source_names",
        "_takes_self",
        "_values",
    )

    def __init__(self, field: StrawberryField, values: dict[str, Any], info_class: Any) -> None:
        resolver = cast("StrawberryResolver[Any]", field.base_resolver)
        self._field = field
        self._function = cast("Callable[..., Any]", resolver.wrapped_func)
        self._values = values
        self._info_class = info_class
        self._takes_self = resolver.self_parameter is not None
        self._info_name = _name(resolver.info_parameter)
        sources = (_name(resolver.root_parameter), _name(resolver.parent_parameter))
        self._source_names = [name for name in sources if name is not None]

    def __call__(self, source: Any, info: GraphQLResolveInfo[Any]) -> Any:
        values = self._values.copy()
        for name in self._source_names:
            values[name] = source
        if self._info_name is not None:
            values[self._info_name] = self._info_class(_raw_info=info, _field=self._field)
        return self._function(source, **values) if self._takes_self else self._function(**values)


def _name(parameter: Parameter | None) -> str | None:
    return None if parameter is None else parameter.name
