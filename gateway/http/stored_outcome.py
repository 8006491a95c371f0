"""Stored outcome of a mutation: what of it is personal, and what its key may still see."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
)

from gateway.errors import Forbidden
from gateway.http.documents import Operation
from gateway.http.errors import FormattedError, format_message
from gateway.mutation_progress import FieldAccess
from schema.declare import scopes_of_field
from schema.scope import Scope

#: Response names and places in lists, from the top of `data`.
Path: TypeAlias = tuple[str | int, ...]

#: Fields in which a platform's words may name a person.
_WORDS: Final = frozenset({("UserError", "message"), ("PlatformError", "message")})


@dataclass(slots=True)
class SelectedFields:
    """The fields of one response name: the scopes that they need, and the fields below them.

    Where several types can be at one place, the scopes are those of all their fields.
    """

    scopes: set[Scope] = field(default_factory=set)
    #: Whether it is a platform's words.
    words: bool = False
    below: dict[str, "SelectedFields"] = field(default_factory=dict)


def selected_fields(schema: GraphQLSchema, operation: Operation) -> SelectedFields:
    """What an operation selects, as one tree of response names."""
    root, top = schema.get_root_type(operation.kind), SelectedFields()
    if root is not None:
        _collect(schema, operation, operation.node.selection_set, root, top)
    return top


def _collect(
    schema: GraphQLSchema,
    operation: Operation,
    selections: SelectionSetNode,
    parent: GraphQLNamedType,
    into: SelectedFields,
) -> None:
    for node in selections.selections:
        if isinstance(node, FieldNode):
            _collect_field(schema, operation, node, parent, into)
            continue
        assert isinstance(node, FragmentSpreadNode | InlineFragmentNode)  # noqa: S101 - no others
        fragment = (
            operation.fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
        )
        condition = fragment.type_condition
        inner = schema.type_map[condition.name.value] if condition is not None else parent
        _collect(schema, operation, fragment.selection_set, inner, into)


def _collect_field(
    schema: GraphQLSchema,
    operation: Operation,
    node: FieldNode,
    parent: GraphQLNamedType,
    into: SelectedFields,
) -> None:
    definition: GraphQLField | None = None
    if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
        definition = parent.fields.get(node.name.value)
    if definition is None:
        # __typename.
        return
    name = node.alias.value if node.alias else node.name.value
    place = into.below.setdefault(name, SelectedFields())
    place.scopes.update(scopes_of_field(definition))
    place.words = place.words or (parent.name, node.name.value) in _WORDS
    if node.selection_set is not None:
        inner = get_named_type(definition.type)
        _collect(schema, operation, node.selection_set, inner, place)


def _walk(value: Any, fields: SelectedFields, path: Path) -> Iterator[tuple[Any, Any, Path]]:
    """Each value with its container and path, parents first; what the caller nulls ends there."""
    if isinstance(value, list):
        for place, one in enumerate(value):
            yield from _walk(one, fields, (*path, place))
    elif isinstance(value, dict):
        for name, below in fields.below.items():
            if value.get(name) is None:
                continue
            yield below, value, (*path, name)
            yield from _walk(value[name], below, (*path, name))


def take_personal(
    data: Any, fields: SelectedFields, redact: Callable[[str], str]
) -> list[tuple[Path, Any]]:
    """Takes out of `data` all that only pii:read shows; returns it, with its paths.

    What is taken out is null then; of a platform's words the redacted form stays.
    """
    taken: list[tuple[Path, Any]] = []
    for below, container, path in _walk(data, fields, ()):
        name = path[-1]
        value = container[name]
        if Scope.PII_READ in below.scopes:
            taken.append((path, value))
            container[name] = None
        elif below.words and isinstance(value, str) and (safe := redact(value)) != value:
            taken.append((path, value))
            container[name] = safe
    return taken


def personal_records(data: Any, fields: SelectedFields) -> int:
    """How many objects of `data` show something that needs pii:read."""
    walk = _walk(data, fields, ())
    return len({path[:-1] for below, _, path in walk if Scope.PII_READ in below.scopes})


def put_back(data: Any, taken: Iterable[tuple[Iterable[str | int], Any]]) -> None:
    """Undoes `take_personal`."""
    for path, value in taken:
        *steps, last = path
        container = data
        for step in steps:
            container = container[step]
        container[last] = value


def hide_roots(
    data: dict[str, Any],
    access: Mapping[str, FieldAccess],
    lost: Collection[str],
    sees: Callable[[str], bool],
) -> list[str]:
    """Nulls the root fields that the key could not read now; returns their response names."""
    hidden = [
        place
        for place, first in access.items()
        if place in data and (first.scopes & set(lost) or not all(map(sees, first.shops)))
    ]
    for place in hidden:
        data[place] = None
    return hidden


def hide_fields(data: Any, fields: SelectedFields, lost: Collection[str]) -> list[Path]:
    """Nulls what needs one of the scopes; returns its paths, without places in lists."""
    hidden: dict[Path, None] = {}
    for below, container, path in _walk(data, fields, ()):
        if not below.scopes.isdisjoint(lost):
            container[path[-1]] = None
            hidden[tuple(step for step in path if isinstance(step, str))] = None
    return list(hidden)


def refused_again(paths: Iterable[Path], request_id: str) -> list[FormattedError]:
    """One FORBIDDEN for each field that was shown the first time, and is not again."""
    message = "{} is not given again: this API key may no longer see it."
    return [
        format_message(Forbidden.code, message.format(path[-1]), request_id) | {"path": list(path)}
        for path in paths
    ]
