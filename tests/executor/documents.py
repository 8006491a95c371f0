"""Random valid documents over a schema, with what hypothesis-graphql leaves out mixed in."""

from collections.abc import Mapping
from random import Random
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Visitor,
    parse,
    visit,
)
from graphql.language import NameNode
from hypothesis import strategies as st
from hypothesis_graphql import nodes, queries

CONDITIONS: Final = ("yes", "no")
#: What the conditions are.
VALUES: Final[Mapping[str, Any]] = {"yes": True, "no": False}


def documents(schema: GraphQLSchema) -> st.SearchStrategy[str]:
    """Texts of valid queries; arguments of our custom scalars included."""
    moments = st.just(nodes.String("2026-01-31T08:00:00+08:00"))
    scalars = {
        "DateTime": moments,
        "Decimal": st.just(nodes.String("12.34")),
        "BigInt": st.integers(-(2**53), 2**53).map(nodes.Int),
        "JSON": st.just(nodes.String("{}")),
    }
    return queries(schema, custom_scalars=scalars, allow_x00=False)


def mixed(text: str, random: Random) -> DocumentNode:
    """The document with conditions, fragments, aliases and merged fields put in at random."""
    document: DocumentNode = visit(parse(text), _Mixer(random))
    return document


class _Mixer(Visitor):
    def __init__(self, random: Random) -> None:
        super().__init__()
        self._random = random

    def leave_selection_set(self, node: SelectionSetNode, *_: Any) -> SelectionSetNode:
        selections = list(node.selections)
        if self._random.random() < 0.3:
            selections.append(FieldNode(name=NameNode(value="__typename"), arguments=()))
        if self._random.random() < 0.2:
            # The same once more: the fields are merged.
            again = self._random.choice(selections)
            selections.append(_fragment([again]) if isinstance(again, FieldNode) else again)
        if self._random.random() < 0.2:
            selections = [_fragment(selections)]
        return SelectionSetNode(selections=tuple(selections))

    def leave_field(self, node: FieldNode, *_: Any) -> FieldNode:
        if self._random.random() < 0.15:
            word = self._random.choice(["skip", "include"])
            value = self._random.choice(["true", "false", "$yes", "$no"])
            extra = parse(f"{{ a @{word}(if: {value}) }}").definitions[0]
            assert isinstance(extra, OperationDefinitionNode)
            changed: FieldNode = _copy(
                node, directives=extra.selection_set.selections[0].directives
            )
            return changed
        return node

    def leave_operation_definition(
        self, node: OperationDefinitionNode, *_: Any
    ) -> OperationDefinitionNode:
        declared = parse("query($yes: Boolean!, $no: Boolean = false) { a }").definitions[0]
        assert isinstance(declared, OperationDefinitionNode)
        changed: OperationDefinitionNode = _copy(
            node, variable_definitions=declared.variable_definitions
        )
        return changed


def _fragment(selections: list[Any]) -> InlineFragmentNode:
    return InlineFragmentNode(selection_set=SelectionSetNode(selections=tuple(selections)))


def _copy(node: Any, **changes: Any) -> Any:
    kept = {key: getattr(node, key) for key in node.keys if key != "loc"}
    return type(node)(**{**kept, **changes})
