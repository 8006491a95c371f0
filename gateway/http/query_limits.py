"""Query limits: how deep and wide a document may be, checked in linear time before validation."""

from collections.abc import Iterator, Mapping
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

Fragments = Mapping[str, FragmentDefinitionNode]

#: Comparing the fragments of a document takes quadratic time.
MAX_FRAGMENTS: Final = 100
#: The introspection query of GraphiQL is 15 deep.
MAX_INTROSPECTION_DEPTH: Final = 20
#: Counts saturate here: a chain of fragments can double them hundreds of times.
_ENOUGH: Final = 1_000_000_000


@dataclass(slots=True)
class QuerySize:
    """The measures of one definition, including the fragments that it spreads.

    `depth` counts nested fields, `introspection` those below `__schema` and `__type`.
    `aliases` counts aliased fields, and fields repeated in one selection. Inline fragments belong
    to the selection around them: a field is repeated if it is asked for twice on the same type.
    """

    depth: int = 0
    introspection: int = 0
    aliases: int = 0

    def include(self, other: "QuerySize", *, above: int, below_introspection: bool) -> None:
        """Add a fragment that is spread at this depth."""
        deepest = above + other.depth
        if below_introspection:
            self.introspection = max(self.introspection, deepest)
        elif other.depth:
            self.depth = max(self.depth, deepest)
        self.introspection = max(self.introspection, other.introspection)
        self.aliases = min(_ENOUGH, self.aliases + other.aliases)


def check_query_limits(document: DocumentNode, *, max_depth: int, max_aliases: int) -> None:
    """Refuse a document whose operations are too deep or too wide.

    Raises:
        CostLimitExceeded: with the value and the limit.
    """
    fragments = {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    _limit("fragments", len(fragments), MAX_FRAGMENTS)
    sizes: dict[str, QuerySize] = {}
    for name in innermost_first(fragments):
        sizes[name] = _measure(fragments[name].selection_set, sizes)
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            size = _measure(node.selection_set, sizes)
            _limit("levels of fields", size.depth, max_depth)
            _limit("levels of introspection", size.introspection, MAX_INTROSPECTION_DEPTH)
            _limit("aliased or repeated fields", size.aliases, max_aliases)


def _limit(what: str, figure: int, limit: int) -> None:
    if figure > limit:
        raise CostLimitExceeded(f"The operation has {figure} {what}; the limit is {limit}")


def _measure(root: SelectionSetNode, fragments: dict[str, QuerySize]) -> QuerySize:
    size = QuerySize()
    # A selection, the type that an inline fragment names, and what was asked for around it.
    stack: list[tuple[SelectionSetNode, str, set[str], int, bool]] = [(root, "", set(), 0, False)]
    while stack:
        selection_set, on, asked, above, introspecting = stack.pop()
        for node in selection_set.selections:
            if isinstance(node, FieldNode):
                name = node.name.value
                place = f"{on}.{name}"
                if node.alias is not None or place in asked:
                    size.aliases += 1
                asked.add(place)
                inside = introspecting or name in {"__schema", "__type"}
                depth = 1 if inside and not introspecting else above + 1
                if inside:
                    size.introspection = max(size.introspection, depth)
                else:
                    size.depth = max(size.depth, depth)
                if node.selection_set:
                    stack.append((node.selection_set, "", set(), depth, inside))
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                named = on if condition is None else condition.name.value
                stack.append((node.selection_set, named, asked, above, introspecting))
            elif isinstance(node, FragmentSpreadNode):
                name = f"...{node.name.value}"
                fragment = fragments.get(node.name.value)
                if fragment is not None and name not in asked:
                    size.include(fragment, above=above, below_introspection=introspecting)
                asked.add(name)
    return size


def innermost_first(fragments: Fragments) -> list[str]:
    """The names of fragments, each after those that it spreads, so that each is measured once.

    A cycle is in some order: validation refuses it. Not recursive: a chain may be as long as
    the document allows.
    """
    ordered: dict[str, None] = {}
    seen: set[str] = set()
    for name in fragments:
        stack = [(name, _spreads(fragments[name].selection_set))] if name not in seen else []
        seen.add(name)
        while stack:
            current, below = stack[-1]
            following = next((n for n in below if n in fragments and n not in seen), None)
            if following is None:
                ordered[current] = None
                stack.pop()
            else:
                seen.add(following)
                stack.append((following, _spreads(fragments[following].selection_set)))
    return list(ordered)


def _spreads(selection_set: SelectionSetNode) -> Iterator[str]:
    stack = [selection_set]
    while stack:
        for node in stack.pop().selections:
            if isinstance(node, FragmentSpreadNode):
                yield node.name.value
            elif isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set:
                stack.append(node.selection_set)
