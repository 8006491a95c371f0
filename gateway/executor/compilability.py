"""What can be compiled: the limits of compiling, and what an operation must not contain."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    VariableNode,
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What compiling may take, and what it may rely on.

    Args:
        runs_before: so many times graphql-core runs an operation before it is compiled: what is
            asked once is not worth it.
        fields: of one plan, or it is left to graphql-core.
        variants: of one operation by its conditions, or the others are left to graphql-core.
        lasting_inputs: whether no resolver changes an input that it is given, so that lists and
            objects which stand in the document are made once.
    """

    runs_before: int = 1
    fields: int = 1_000
    variants: int = 8
    lasting_inputs: bool = False


_CONDITIONS: Final = frozenset({"skip", "include"})
_UNKNOWN_DIRECTIVES: Final = frozenset({"defer", "stream"})
_INTROSPECTION: Final = frozenset({"__schema", "__type"})


class NotCompilable(Exception):
    """The operation holds what only graphql-core can run."""


def conditions(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> tuple[str, ...]:
    """Names of the variables that decide which fields are asked.

    Raises:
        NotCompilable: it is no query, or has directives or fields beyond the compiler.
    """
    if operation.operation is not OperationType.QUERY or operation.directives:
        raise NotCompilable
    if any(fragment.variable_definitions for fragment in fragments.values()):
        raise NotCompilable
    names: dict[str, None] = {}
    open_selections = list(operation.selection_set.selections)
    for fragment in fragments.values():
        open_selections.extend(fragment.selection_set.selections)
    while open_selections:
        selection = open_selections.pop()
        _look(selection, names)
        if isinstance(selection, FieldNode | InlineFragmentNode) and selection.selection_set:
            open_selections.extend(selection.selection_set.selections)
    return tuple(names)


def _look(selection: SelectionNode, names: dict[str, None]) -> None:
    if isinstance(selection, FieldNode) and selection.name.value in _INTROSPECTION:
        raise NotCompilable
    if isinstance(selection, FragmentSpreadNode) and selection.arguments:
        raise NotCompilable
    for directive in selection.directives or ():
        if directive.name.value in _UNKNOWN_DIRECTIVES:
            raise NotCompilable
        if directive.name.value in _CONDITIONS:
            for argument in directive.arguments or ():
                if isinstance(argument.value, VariableNode):
                    names[argument.value.name.value] = None
