"""How deep and how wide a document is, found before it is validated, in linear time."""

from dataclasses import dataclass
from typing import Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from gateway.errors import CostLimitExceeded
from gateway.http.fragments import in_order

#: Comparing the fragments of a document with each other takes the square of their number.
MAX_FRAGMENTS: Final = 100
#: The introspection query of GraphiQL is 15 deep.
MAX_INTROSPECTION_DEPTH: Final = 20
#: Counts stop here: a chain of fragments can double them hundreds of times.
_ENOUGH: Final = 1_000_000_000


@dataclass(slots=True)
class QuerySize:
    """One definition's measures, those of the fragments that it spreads included.

    `depth` counts nested fields, `introspection` those below `__schema` and `__type`.
    `aliases` counts what is asked besides once by its own name: aliased fields, and fields
    repeated in one selection.
    """

    depth: int = 0
    introspection: int = 0
    aliases: int = 0

    def include(self, other: "QuerySize", *, above: int, below_introspection: bool) -> None:
        """Take in a fragment that is spread below so many fields."""
        deepest = above + other.depth
        if below_introspection:
            self.introspection = max(self.introspection, deepest)
        elif other.depth:
            self.depth = max(self.depth, deepest)
        self.introspection = max(self.introspection, other.introspection)
        self.aliases = min(_ENOUGH, self.aliases + other.aliases)


def check_shape(document: DocumentNode, *, max_depth: int, max_aliases: int) -> None:
    """Refuse a document whose operations are too deep or too wide.

    Raises:
        CostLimitExceeded: with the figure and the limit.
    """
    fragments = {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    _limit("fragments", len(fragments), MAX_FRAGMENTS)
    shapes: dict[str, QuerySize] = {}
    for name in in_order(fragments):
        shapes[name] = _measure(fragments[name].selection_set, shapes)
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            shape = _measure(node.selection_set, shapes)
            _limit("levels of fields", shape.depth, max_depth)
            _limit("levels of introspection", shape.introspection, MAX_INTROSPECTION_DEPTH)
            _limit("aliased or repeated fields", shape.aliases, max_aliases)


def _limit(what: str, figure: int, limit: int) -> None:
    if figure > limit:
        raise CostLimitExceeded(f"The operation has {figure} {what}; {limit} are allowed")


def _measure(root: SelectionSetNode, fragments: dict[str, QuerySize]) -> QuerySize:
    shape = QuerySize()
    stack = [(root, 0, False)]
    while stack:
        selection_set, above, introspecting = stack.pop()
        asked: set[str] = set()
        for node in selection_set.selections:
            if isinstance(node, FieldNode):
                name = node.name.value
                if node.alias is not None or name in asked:
                    shape.aliases += 1
                asked.add(name)
                inside = introspecting or name in {"__schema", "__type"}
                depth = 1 if inside and not introspecting else above + 1
                if inside:
                    shape.introspection = max(shape.introspection, depth)
                else:
                    shape.depth = max(shape.depth, depth)
                if node.selection_set:
                    stack.append((node.selection_set, depth, inside))
            elif isinstance(node, InlineFragmentNode):
                stack.append((node.selection_set, above, introspecting))
            elif isinstance(node, FragmentSpreadNode):
                name = f"...{node.name.value}"
                fragment = fragments.get(node.name.value)
                if fragment is not None and name not in asked:
                    shape.include(fragment, above=above, below_introspection=introspecting)
                asked.add(name)
    return shape
