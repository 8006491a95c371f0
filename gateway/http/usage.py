"""Usage: what the result of an operation really took, and how long its lists were."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from math import ceil
from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_composite_type,
    is_list_type,
    is_non_null_type,
)

from gateway.http.field_prices import FieldPrices

#: Places of a response that are told apart; an operation with more uses all that it reserved.
_MAX_PLACES: Final = 5_000
_BYTES_PER_PLACE: Final = 400


class ListSizes:
    """How long lists without `first` last were, by `Type.field`; `otherwise` where unknown."""

    def __init__(self, otherwise: int) -> None:
        self._otherwise = otherwise
        self._known: dict[str, int] = {}
        #: Grows with each change, so that a price can be kept until the next one.
        self.version = 0

    def of(self, place: str) -> int:
        """The last known size of a list: the mean of all in one response, rounded up."""
        return self._known.get(place, self._otherwise)

    def learn(self, place: str, size: int) -> None:
        """Keep the size for the next operation; fields of the schema bound how many there are."""
        if self._known.get(place) != size:
            self._known[place] = size
            self.version += 1


def holds_list(definition: GraphQLField) -> bool:
    """Whether the field's value is a list."""
    outer = definition.type
    return is_list_type(outer.of_type if is_non_null_type(outer) else outer)


def is_page_list(on: GraphQLNamedType | None, name: str) -> bool:
    """Whether the field has the entries of a connection's page."""
    return name in {"edges", "nodes"} and "pageInfo" in getattr(on, "fields", {})


@dataclass(slots=True, eq=False)
class _Place:
    """A place of objects in a response; `each` is in thousandths of a point for every object.

    `inner` are the places below that cannot be priced without looking at the response.
    """

    each: int
    inner: list["_Inner"] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class _Inner:
    """A field of such objects; `learnt`: the coordinate of a list whose size is to be kept."""

    key: str
    extra: int
    place: _Place
    many: bool
    each_entry: bool
    learnt: str | None


@dataclass(slots=True, eq=False)
class _Selected:
    """All that a response key stands for in one selection."""

    on: GraphQLNamedType
    definition: GraphQLField | None
    nodes: list[FieldNode]
    #: Whether some of the objects may lack it.
    conditional: bool


class _TooManyPlacesError(Exception):
    """The response has more places than are told apart."""


class UsageMeter:
    """Measures results of one operation, by the price list that its cost was reserved by.

    What is nullable and has no list below it counts as present. The places are found when the first
    result is measured.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        prices: FieldPrices,
        sizes: ListSizes,
        node: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        grow: Callable[[int], None],
    ) -> None:
        """`grow` is told how many bytes the places take that are kept."""
        self._schema = schema
        self._prices = prices
        self._sizes = sizes
        self._node = node
        self._fragments = fragments
        self._grow = grow
        self._root: _Place | None = None
        self._left = _MAX_PLACES

    def used(self, data: Mapping[str, Any] | None) -> int | None:
        """Thousandths of a point that the result took; None: it cannot be measured."""
        if self._left < 0:
            return None
        root = self._root
        if root is None:
            try:
                root = self._root = self._places()
            except _TooManyPlacesError:
                return None
        return 0 if data is None else self._measure(root, [data])

    def _measure(self, place: _Place, objects: Sequence[Mapping[str, Any]]) -> int:
        amount = place.each * len(objects)
        for inner in place.inner:
            key, below = inner.key, inner.place
            found = [value for one in objects if (value := one.get(key)) is not None]
            if not inner.many:
                amount += inner.extra * len(found) + self._measure(below, found)
                continue
            lists = len(found)
            if below.inner:
                found = list(chain.from_iterable(found))
                if None in found:
                    found = [entry for entry in found if entry is not None]
                entries, taken = len(found), self._measure(below, found)
            else:
                entries = sum(map(len, found))
                taken = below.each * entries
            amount += taken + inner.extra * (entries if inner.each_entry else lists)
            if lists and inner.learnt is not None:
                self._sizes.learn(inner.learnt, ceil(entries / lists))
        return amount

    def _places(self) -> _Place:
        root = self._schema.get_root_type(self._node.operation)
        assert root is not None  # noqa: S101 - the document is valid
        place = self._place(root, [self._node.selection_set])
        place.each -= self._prices.of_object(root)
        self._grow((_MAX_PLACES - self._left) * _BYTES_PER_PLACE)
        return place

    def _place(self, on: GraphQLNamedType, sets: Sequence[SelectionSetNode]) -> _Place:
        self._left -= 1
        if self._left < 0:
            raise _TooManyPlacesError
        selected: dict[str, _Selected] = {}
        for one in sets:
            self._collect(on, one, selected, set(), conditional=False)
        place = _Place(self._prices.of_object(on))
        for key, what in selected.items():
            self._add(place, key, what)
        return place

    def _add(self, place: _Place, key: str, what: _Selected) -> None:
        name = what.nodes[0].name.value
        coordinate = f"{what.on.name}.{name}"
        definition, prices = what.definition, self._prices
        extra = prices.extra_of(coordinate, mutates=what.on is self._schema.mutation_type)
        counted = coordinate in prices.counted_by
        sets = [node.selection_set for node in what.nodes if node.selection_set is not None]
        if definition is None or not sets:
            place.each += extra
            return
        kind, many = get_named_type(definition.type), holds_list(definition)
        if not is_composite_type(kind):
            place.each += extra
            return
        below = self._place(kind, sets)
        if counted and not many:
            # Paid for by the input.
            extra = 0
        if not many and not what.conditional and not below.inner:
            place.each += extra + below.each
            return
        fixed = counted or is_page_list(what.on, name) or coordinate in prices.sizes
        learnt = coordinate if many and not fixed else None
        place.inner.append(_Inner(key, extra, below, many, counted, learnt))

    def _collect(
        self,
        on: GraphQLNamedType,
        selection_set: SelectionSetNode,
        selected: dict[str, _Selected],
        spread: set[str],
        *,
        conditional: bool,
    ) -> None:
        for node in selection_set.selections:
            maybe = conditional or bool(node.directives)
            if isinstance(node, FieldNode):
                key = node.alias.value if node.alias else node.name.value
                known = selected.get(key)
                if known is None:
                    definition = getattr(on, "fields", {}).get(node.name.value)
                    selected[key] = _Selected(on, definition, [node], maybe)
                else:
                    known.nodes.append(node)
                    known.conditional = known.conditional and maybe
                continue
            if isinstance(node, FragmentSpreadNode):
                name = node.name.value
                if name in spread:
                    continue
                spread.add(name)
                inner: FragmentDefinitionNode | InlineFragmentNode = self._fragments[name]
            elif isinstance(node, InlineFragmentNode):
                inner = node
            else:
                continue
            condition = inner.type_condition
            named = self._schema.get_type(condition.name.value) if condition else None
            inside = named or on
            self._collect(
                inside,
                inner.selection_set,
                selected,
                spread,
                conditional=maybe or inside is not on,
            )
