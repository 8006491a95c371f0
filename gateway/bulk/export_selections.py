"""Selections of exports: checked like documents, then made operations on many objects."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final, NamedTuple

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    NameNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_leaf_type,
)

from gateway.http.documents import DocumentLimits, Documents, Operation
from gateway.http.field_prices import FieldPrices
from gateway.http.refusal import OperationRefused
from gateway.ports.writing.problems import Problems
from gateway.services.export_sources import ExportedShop
from gateway.services.exports import TYPES
from gateway.services.viewer import Viewer
from resolvers.ledger_fields import answered_by
from schema.declare import GUARD, RELATION, scopes_of_field
from schema.errors import ErrorCode
from schema.scope import Scope

#: The argument of `bulkExport` that all problems are of.
_ARGUMENT: Final = "selection"
#: The root field of the operations, which gives the objects of a slice.
ROWS: Final = "rows"
#: Shops that a message names.
_MOST_SHOPS: Final = 10


class _Selected(NamedTuple):
    """A selected field: its path of names, its type's name, and its definition."""

    path: tuple[str, ...]
    parent: str
    #: None: a field of introspection, which the selection's type has as the root of a query.
    definition: GraphQLField | None

    @property
    def coordinate(self) -> str:
        return f"{self.parent}.{self.path[-1]}"


@dataclass(frozen=True, slots=True)
class _Kind:
    """The documents on one type: a selection, and operations on a list of its objects."""

    documents: Documents
    schema: GraphQLSchema
    rows: GraphQLSchema


class ExportSelections:
    """Checks the selections of exports, and makes operations of them.

    A selection is the text of a GraphQL selection set on the type of the export's objects. It has
    the limits of a document; `cost` is the most points that one object may cost.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        limits: DocumentLimits,
        prices: FieldPrices,
        *,
        cost: int,
        introspection: bool = True,
    ) -> None:
        self._schema = schema
        self._limits = limits
        self._prices = prices
        self._cost = cost
        self._introspection = introspection
        # Few processes export, and fewer all kinds: a schema takes milliseconds.
        self._kind = lru_cache(maxsize=None)(self._made_kind)

    def check(
        self, kind: str, selection: str, viewer: Viewer, shops: Sequence[ExportedShop]
    ) -> frozenset[Scope]:
        """The scopes that the selected fields need besides those of the objects themselves.

        Args:
            kind: the name of a BulkKind that exports.
            selection: the text.
            viewer: who asks.
            shops: those whose objects are exported.

        Raises:
            InputRefused: INVALID, it is no selection set, too large, or selects what only a
                platform answers; FORBIDDEN, a field needs a scope that the viewer does not have.
        """
        problems = Problems().below(_ARGUMENT)
        documents, schema = self._kind(kind).documents, self._kind(kind).schema
        try:
            operation = documents.get(selection, _free).operation(None)
        except OperationRefused as refused:
            for error in refused.errors:
                problems.add(_located(error))
            problems.stop()
            raise
        if not _is_one_selection(operation):
            problems.add("Expected one selection set and no more, such as { id status }.")
            problems.stop()
        points = operation.cost.of({}).points
        if points > self._cost:
            problems.add(f"One object costs {points} points; the limit is {self._cost}.")
        scopes: set[Scope] = set()
        root = schema.query_type
        for field in _fields(schema, root, operation.node.selection_set, ()):
            if field.definition is None:
                problems.add(f"{field.coordinate} is not a field of an object.", *field.path)
                continue
            needed = scopes_of_field(field.definition)
            scopes.update(needed)
            answers = answered_by(field.coordinate, field.definition)
            others = [one.adapter.shop.key_name for one in shops if not answers(one)]
            _check_field(
                field, [scope for scope in needed if scope not in viewer.scopes], others, problems
            )
        problems.stop()
        return frozenset(scopes)

    def whole(self, kind: str, shops: Sequence[ExportedShop]) -> str:
        """The selection of all that the store has of the objects of these shops.

        Of their shop it is the key. Relations to other objects are not in it, nor is what belongs
        to platforms alone.
        """
        return whole_selection(self._schema, kind, shops)

    def operation(self, kind: str, selection: str) -> Operation:
        """The query of many objects that `check` has found valid; its root field is `ROWS`."""
        known = self._kind(kind)
        one = known.documents.get(selection, _free).operation(None)
        field = FieldNode(name=NameNode(value=ROWS), selection_set=one.node.selection_set)
        node = OperationDefinitionNode(
            operation=one.kind, selection_set=SelectionSetNode(selections=(field,))
        )
        return replace(one, node=node, plans={}, grow=_uncounted)

    def schema(self, kind: str) -> GraphQLSchema:
        """The schema of the operations of a kind."""
        return self._kind(kind).rows

    def _made_kind(self, kind: str) -> _Kind:
        named = self._schema.type_map[TYPES[kind]]
        assert isinstance(named, GraphQLObjectType)  # noqa: S101 - ours are
        rows = GraphQLObjectType("Export", {ROWS: GraphQLField(GraphQLList(named), resolve=_rows)})
        extensions = self._schema.extensions
        schema = GraphQLSchema(query=named, extensions=extensions, assume_valid=True)
        return _Kind(
            Documents(schema, self._limits, self._prices, introspection=self._introspection),
            schema,
            GraphQLSchema(query=rows, extensions=extensions, assume_valid=True),
        )


def _rows(_: object, info: Any) -> Sequence[Any]:
    """The objects of the slice; the context of the execution holds them."""
    rows: Sequence[Any] = info.context.rows
    return rows


def _free(_points: int) -> None:
    """A selection is paid as an input of the mutation."""


def _uncounted(_added: int) -> None:
    """What is compiled lives as long as the export's operation."""


def _located(error: GraphQLError) -> str:
    """The message, with its place in the selection."""
    if not error.locations:
        return error.message
    place = error.locations[0]
    return f"{error.message} (line {place.line}, column {place.column})"


def _is_one_selection(operation: Operation) -> bool:
    """Whether the text is a selection set with something in it, and names no operation."""
    node = operation.node
    places = node.loc, node.selection_set.loc
    shorthand = all(places) and places[0].start == places[1].start  # type: ignore[union-attr] # checked
    alone = len(operation.document.definitions) == 1
    return shorthand and alone and bool(node.selection_set.selections)


def _fields(
    schema: GraphQLSchema,
    on: GraphQLNamedType | None,
    selections: SelectionSetNode,
    path: tuple[str, ...],
) -> Iterator[_Selected]:
    """All fields that a selection without fragments of its own selects."""
    for node in selections.selections:
        if isinstance(node, InlineFragmentNode):
            condition = node.type_condition
            inside = schema.get_type(condition.name.value) if condition else on
            yield from _fields(schema, inside, node.selection_set, path)
        elif isinstance(node, FieldNode) and node.name.value != "__typename":
            here = (*path, node.name.value)
            fields = on.fields if isinstance(on, GraphQLObjectType | GraphQLInterfaceType) else {}
            definition = fields.get(node.name.value)
            yield _Selected(here, on.name if on else "", definition)
            if node.selection_set is not None and definition is not None:
                inside = get_named_type(definition.type)
                yield from _fields(schema, inside, node.selection_set, here)


def _check_field(
    field: _Selected, missing: Sequence[Scope], others: Sequence[str], problems: Problems
) -> None:
    """Adds problems of scopes that are missing, and of shops whose platform alone has the field."""
    if missing:
        problems.add(
            f"{field.path[-1]} needs the scope {' and '.join(missing)}, which this API key does"
            " not have.",
            *field.path,
            code=ErrorCode.FORBIDDEN,
        )
    if others:
        shown = ", ".join(others[:_MOST_SHOPS]) + ", …" * (len(others) > _MOST_SHOPS)
        problems.add(
            f"Only the platform has {field.coordinate} of {shown}, and an export never calls a"
            " platform: leave the field or the shop out.",
            *field.path,
        )


def whole_selection(schema: GraphQLSchema, kind: str, shops: Sequence[ExportedShop]) -> str:
    """As `ExportSelections.whole`."""
    root = schema.type_map[TYPES[kind]]
    assert isinstance(root, GraphQLObjectType)  # noqa: S101 - ours are
    return _whole(root, shops)


def _whole(on: GraphQLObjectType, shops: Sequence[ExportedShop]) -> str:
    if on.name == "Shop":
        return "{ key }"
    fields = []
    for name, field in on.fields.items():
        kind = get_named_type(field.type)
        answers = answered_by(f"{on.name}.{name}", field)
        if not _is_held(field) or not all(answers(shop) for shop in shops):
            continue
        if isinstance(kind, GraphQLObjectType):
            fields.append(f"{name} {_whole(kind, shops)}")
        elif isinstance(kind, GraphQLUnionType):
            members = " ".join(f"... on {one.name} {_whole(one, shops)}" for one in kind.types)
            fields.append(f"{name} {{ __typename {members} }}")
        else:
            fields.append(name)
    return f"{{ {' '.join(fields)} }}"


def _is_held(field: GraphQLField) -> bool:
    """Whether an object of the ledger has the field's value, or a loader has a name for it."""
    declared: Any = field.extensions["strawberry-definition"]
    if GUARD in declared.metadata:
        return True
    if RELATION in declared.metadata:
        return (
            is_leaf_type(get_named_type(field.type)) and declared.metadata[RELATION][2] is not None
        )
    resolver = declared.base_resolver
    return resolver is None or (resolver.info_parameter is None and not resolver.arguments)
