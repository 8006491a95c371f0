"""The fragments of a document, each after those that it spreads."""

from collections.abc import Iterator, Mapping

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionSetNode,
)

Fragments = Mapping[str, FragmentDefinitionNode]


def in_order(fragments: Fragments) -> list[str]:
    """The names, innermost first, so that what is measured once need not be measured again.

    A fragment that spreads itself, by whatever way round, stands somewhere: validation refuses
    it. No recursion: a chain may be as long as the document allows.
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
