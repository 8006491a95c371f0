"""Arguments that are the same each time an operation runs, read when it is compiled."""

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
    NullValueNode,
    StringValueNode,
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


def constant_arguments(definition: GraphQLField, node: FieldNode) -> dict[str, Any] | None:
    """The arguments, if the document has them all and no resolver can change them.

    None as well where they are wrong: the error belongs to each run.
    """
    if not definition.args and not node.arguments:
        return {}
    if not all(isinstance(argument.value, _PLAIN) for argument in node.arguments or ()):
        return None
    try:
        values = get_argument_values(definition, node, VariableValues({}, {}))
    except GraphQLError:
        return None
    return values if all(isinstance(value, UNCHANGEABLE) for value in values.values()) else None
