"""Arguments that are the same each time an operation runs, read when it is compiled."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from graphql import (
    BooleanValueNode,
    EnumValueNode,
    FieldNode,
    FloatValueNode,
    GraphQLError,
    GraphQLField,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    StringValueNode,
    ValueNode,
)
from graphql.execution.values import VariableValues, get_argument_values

_PLAIN = (
    BooleanValueNode
    | EnumValueNode
    | FloatValueNode
    | IntValueNode
    | NullValueNode
    | StringValueNode
)

#: Values of which no resolver can make others.
UNCHANGEABLE = str | int | float | bool | Enum | None


def constant_arguments(
    definition: GraphQLField, node: FieldNode, *, lasting: bool
) -> dict[str, Any] | None:
    """The arguments, if the document has them all and no resolver changes them.

    `lasting`: lists and objects may be given to resolvers time after time. None as well where the
    arguments are wrong: the error belongs to each run.
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
