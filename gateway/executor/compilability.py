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
    """Limits of compiling, and what it may assume.

    Args:
        runs_before: runs by graphql-core before an operation is compiled: one that runs once is
            not worth compiling.
        fields: most fields of a plan; graphql-core runs larger ones.
        variants: most variants of an operation by its conditions; graphql-core runs the others.
        lasting_inputs: no resolver changes its arguments, so that lists and objects in the document
            are converted once.
        batch: items of a list that are completed before the time is looked at.
    """

    runs_before: int = 1
    fields: int = 500
    variants: int = 8
    lasting_inputs: bool = False
    batch: int = 16


_CONDITIONS: Final = frozenset({"skip", "include"})
_UNKNOWN_DIRECTIVES: Final = frozenset({"defer", "stream"})
_INTROSPECTION: Final = frozenset({"__schema", "__type"})


class NotCompilable(Exception):
    """Only graphql-core can run the operation."""


def conditions(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> tuple[str, ...]:
    """Names of the variables that decide which fields are selected.

    Raises:
        NotCompilable: it is not a query, or has directives or fields that cannot be compiled.
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
