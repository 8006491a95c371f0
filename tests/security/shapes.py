"""Documents of every shape that has made a GraphQL server slow, for our own schema."""

from collections.abc import Callable
from typing import Final

from graphql import (
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from resolvers.schema import executable

_TYPES: Final = executable().type_map
#: As deep as a document may be.
_DEPTH: Final = 15


def plain(tokens: int) -> str:
    """A document of about that many tokens that repeats nothing and has no arguments."""
    parts, left = [], tokens - 2
    for name, kind in _objects("Query"):
        inner, used = _selection(kind, left - 3, _DEPTH - 1)
        if not inner or left <= 5:
            continue
        parts.append(f"{name} {{ {inner} }}")
        left -= used + 3
    return "{ " + " ".join(parts) + " }"


def _selection(name: str, tokens: int, depth: int) -> tuple[str, int]:
    """A selection of distinct fields, and how many tokens it has."""
    parts = _leaves(name)[: max(0, tokens)]
    used = len(parts)
    for field, kind in _objects(name) if depth > 1 else ():
        if tokens - used <= 3:
            break
        inner, more = _selection(kind, min(tokens - used - 3, 150 * depth), depth - 1)
        if inner:
            parts.append(f"{field} {{ {inner} }}")
            used += more + 3
    return " ".join(parts), used


def _fields(name: str) -> list[tuple[str, GraphQLNamedType]]:
    kind = _TYPES[name]
    if not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        return []
    return [
        (field, get_named_type(definition.type))
        for field, definition in kind.fields.items()
        if not any(is_required_argument(argument) for argument in definition.args.values())
    ]


def _leaves(name: str) -> list[str]:
    return [field for field, kind in _fields(name) if is_leaf_type(kind)]


def _objects(name: str) -> list[tuple[str, str]]:
    return [(field, kind.name) for field, kind in _fields(name) if not is_leaf_type(kind)]


def many(count: int, part: Callable[[int], str]) -> str:
    """So many parts, by their number."""
    return " ".join(part(number) for number in range(count))


def _orders(selection: str, rest: str = "") -> str:
    return f"{{ orders {{ nodes {{ {selection} }} }} }} {rest}"


_LEAVES: Final = _leaves("Order")
_ALL: Final = " ".join(_LEAVES)
_SOME: Final = " ".join(_LEAVES[:8])
_TWO: Final = ("title", "quantity")
_STRINGS: Final = " ".join(f'"{number}"' for number in range(80))
_NAMES: Final = sorted(_TYPES)


def _chain(links: int, spreads: int) -> str:
    below = many(links, lambda n: f"fragment f{n} on Order {{ {f'...f{n + 1} ' * spreads} }}")
    return _orders("...f0", f"{below} fragment f{links} on Order {{ id }}")


def _operations(count: int, variables: str, selection: str) -> str:
    return many(count, lambda n: f"query Q{n}{variables} {{ {selection} }}")


#: Each takes a size, from 1 to 100: of the limits, in per cent.
SHAPES: Final[dict[str, Callable[[int], str]]] = {
    "inline fragments": lambda n: _orders("... on Order { id } " * (8 * n)),
    "inline fragments without a type": lambda n: _orders("... { id status } " * (7 * n)),
    "inline fragments of other types": lambda n: _orders(
        many(5 * n, lambda k: f"... on {_NAMES[k % len(_NAMES)]} {{ {_LEAVES[k % 9]} }}")
    ),
    "inline fragments in each other": lambda n: _orders("... { " * n + "id" + " }" * n),
    "inline fragments with directives": lambda n: _orders(
        many(4 * n, lambda k: f"... @include(if: true) {{ {_LEAVES[k % len(_LEAVES)]} }}")
    ),
    "empty inline fragments": lambda n: _orders(
        "... on Order { ...F } " * (7 * n), "fragment F on Order { id }"
    ),
    "fragments with the same fields": lambda n: _orders(
        many(n, lambda k: f"...F{k}"), many(n, lambda k: f"fragment F{k} on Order {{ {_SOME} }}")
    ),
    "fragments with all fields": lambda n: _orders(
        many(n, lambda k: f"...F{k}"), many(n, lambda k: f"fragment F{k} on Order {{ {_ALL} }}")
    ),
    "fragments that spread all others": lambda n: _orders(
        "...F0",
        many(
            n // 2 + 1,
            lambda k: (
                f"fragment F{k} on Order {{ id {many(n // 2 - k, lambda j: f'...F{k + j + 1}')} }}"
            ),
        ),
    ),
    "fragments in a row": lambda n: _chain(n, 1),
    "fragments doubled": lambda n: _chain(n, 2),
    "fragments many times": lambda n: _chain(9, 2 * n),
    "a fragment spread many times": lambda n: _orders(
        "...F " * (22 * n), "fragment F on Order { id }"
    ),
    "spreads with directives": lambda n: _orders(
        "...F @include(if: true) " * (6 * n), "fragment F on Order { id status }"
    ),
    "fragments within fields": lambda n: _orders(
        many(n, lambda k: f"...F{k}"),
        many(n, lambda k: f"fragment F{k} on Order {{ items {{ product {{ id title }} }} }}"),
    ),
    "aliases": lambda n: _orders(
        many(n // 2, lambda k: f"a{k}: items {{ title product {{ id }} }}")
    ),
    "a field repeated": lambda n: _orders("id " * (n // 2)),
    "an object repeated": lambda n: _orders(
        f"items {{ {' '.join(_leaves('OrderItem'))} }} " * (n // 2)
    ),
    "the root repeated": lambda n: f"{{ {f'orders {{ nodes {{ {_ALL} }} }} ' * (n // 2 + 1)} }}",
    "arguments repeated": lambda n: (
        "{ " + f"nodes(ids: [{_STRINGS}]) {{ id }} " * (n // 2 + 1) + "}"
    ),
    "objects in arguments repeated": lambda n: (
        "{ "
        + "orders(filter: {statuses: [PAID SHIPPED] search: $s}) { nodes { id } } " * (n // 2 + 1)
        + "}"
    ),
    "a conflict": lambda n: _orders(many(n // 2, lambda k: f"a: {_LEAVES[k % len(_LEAVES)]}")),
    "conflicts in each other": lambda n: _orders(
        many(n // 4, lambda k: f"items {{ product {{ a: {['id', 'title'][k % 2]} }} }}")
    ),
    "conflicts between fragments": lambda n: _orders(
        many(n, lambda k: f"...F{k}"),
        many(
            n,
            lambda k: f"fragment F{k} on Order {{ {_SOME} items {{ a: {_TWO[k % 2]} }} }}",
        ),
    ),
    "a directive repeated": lambda n: _orders("id " + "@include(if: true) " * (7 * n)),
    "an unknown directive": lambda n: _orders("id " + "@aa " * (24 * n)),
    "directives on all fields": lambda n: _orders(
        many(min(4 * n, len(_LEAVES)), lambda k: f"{_LEAVES[k]} @skip(if: false)")
    ),
    "unknown fields": lambda n: _orders(many(45 * n, lambda k: f"creatdAt{k}")),
    "unknown fields of objects": lambda n: _orders(many(10 * n, lambda k: f"itms{k} {{ id }}")),
    "unknown arguments": lambda n: (
        f"{{ orders({many(15 * n, lambda k: f'firs{k}: 1')}) {{ nodes {{ id }} }} }}"
    ),
    "unknown types": lambda n: (
        many(n, lambda k: f"fragment F{k} on Ordr{k} {{ id }}") + " { shops { key } }"
    ),
    "unknown fragments": lambda n: _orders(many(20 * n, lambda k: f"...F{k}")),
    "unused fragments": lambda n: (
        "{ shops { key } } " + many(n, lambda k: f"fragment F{k} on Order {{ {_SOME} }}")
    ),
    "unused variables": lambda n: (
        f"query({many(12 * n, lambda k: f'$v{k}: Int')}) {{ shops {{ key }} }}"
    ),
    "unknown variables": lambda n: (
        f"{{ nodes(ids: [{many(20 * n, lambda k: f'$v{k}')}]) {{ id }} }}"
    ),
    "variables": lambda n: (
        f"query({many(7 * n, lambda k: f'$v{k}: ID!')})"
        f" {{ nodes(ids: [{many(7 * n, lambda k: f'$v{k}')}]) {{ id }} }}"
    ),
    "variables of the wrong type": lambda n: (
        f"query({many(7 * n, lambda k: f'$v{k}: Int')})"
        f" {{ nodes(ids: [{many(7 * n, lambda k: f'$v{k}')}]) {{ id }} }}"
    ),
    "variables with defaults": lambda n: (
        f"query({many(4 * n, lambda k: f'$v{k}: [Int!] = [1 2]')}) {{ shops {{ key }} }}"
    ),
    "a variable used often": lambda n: (
        f"query($v: ID!) {{ nodes(ids: [{'$v ' * (23 * n)}]) {{ id }} }}"
    ),
    "a variable of many operations": lambda n: (
        _operations(3 * n, "($v: ID!)", "...F")
        + f" fragment F on Query {{ nodes(ids: [{'$v ' * (8 * n)}]) {{ id }} }}"
    ),
    "variables of many operations": lambda n: (
        _operations(n, f"({many(5, lambda k: f'$v{k}: ID!')})", "...F")
        + f" fragment F on Query {{ nodes(ids: [{many(5 * n, lambda k: f'$v{k % 5}')}]) {{ id }} }}"
    ),
    "operations": lambda n: _operations(8 * n, "", "shops { key }"),
    "operations of one name": lambda n: "query Q { shops { key } } " * (6 * n),
    "operations without a name": lambda n: "{ shops { key } } " * (8 * n),
    "operations and fragments": lambda n: (
        many(
            3 * n,
            lambda k: f"query Q{k} {{ {many(k % 7 + 1, lambda j: f'...F{(k + 13 * j) % n}')} }}",
        )
        + many(n, lambda k: f" fragment F{k} on Query {{ shops {{ key name }} }}")
    ),
    "operations over a chain": lambda n: (
        many(3 * n, lambda k: f"query Q{k} {{ ...F{k % n} }}")
        + many(n - 1, lambda k: f" fragment F{k} on Query {{ ...F{k + 1} }}")
        + f" fragment F{n - 1} on Query {{ shops {{ key }} }}"
    ),
    "subscriptions": lambda n: (
        many(n, lambda k: f"subscription S{k} {{ ...F }}")
        + f" fragment F on Subscription {{ {'orderChanged { order { id } } ' * (n // 4 + 1)} }}"
    ),
    "a list": lambda n: "{ nodes(ids: [" + '"a" ' * (48 * n) + "]) { id } }",
    "lists in each other": lambda n: (
        f"{{ nodes(ids: {'[' * n}{chr(34)}a{chr(34)}{']' * n}) {{ id }} }}"
    ),
    "lists of wrong values": lambda n: (
        f"{{ nodes(ids: [{'{a: [1 2 {b: 1}]} ' * (4 * n)}]) {{ id }} }}"
    ),
    "objects in each other": lambda n: (
        f"{{ orders(filter: {'{search: ' * n}1{'}' * n}) {{ nodes {{ id }} }} }}"
    ),
    "unknown input fields": lambda n: (
        "{ orders(filter: {" + many(12 * n, lambda k: f"statu{k}: PADI") + "}) { nodes { id } } }"
    ),
    "input fields repeated": lambda n: (
        f"{{ orders(filter: {{{'search: 1 ' * (15 * n)}}}) {{ nodes {{ id }} }} }}"
    ),
    "wrong enum values": lambda n: (
        "{ orders(filter: {statuses: ["
        + many(40 * n, lambda k: f"PADI{k}")
        + "]}) { nodes { id } } }"
    ),
    "missing selections": lambda n: "{ " + "orders " * (40 * n) + "}",
    "selections of leaves": lambda n: _orders("id { x } " * (n // 2)),
    "typename": lambda n: _orders("... { __typename } " * (9 * n)),
    "introspection": lambda n: f"{{ __schema {{ types {{ name {'... { name } ' * (8 * n)} }} }} }}",
    "type references": lambda n: (
        f"query({many(3 * n, lambda k: f'$v{k}: [[[Int!]!]!]!')}) {{ shops {{ key }} }}"
    ),
    "long names": lambda n: _orders(many(n // 2, lambda k: "x" * 400 + str(k))),
    "a long string": lambda n: f'{{ nodes(ids: ["{"x" * (900 * n)}"]) {{ id }} }}',
    "escapes": lambda n: f'{{ nodes(ids: ["{chr(92)}u00e9{chr(92) * 2}"]) {{ id }} }}'.replace(
        "u00e9", "u00e9" * (100 * n)
    ),
    "comments": lambda n: "{ shops { key } } " + "#\n" * (45 * n),
    "braces": lambda n: "{" * (45 * n),
    "brackets": lambda n: f"{{ nodes(ids: {'[' * (45 * n)}",
    "definitions of types": lambda n: many(6 * n, lambda k: f"type T{k} {{ a: Int }}"),
    "a plain document": lambda n: plain(40 * n),
}
