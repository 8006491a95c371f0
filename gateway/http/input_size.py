"""Input size: checks the bounds of strings and lists, and prices them, before coercion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from graphql import (
    GraphQLArgument,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    GraphQLSchema,
    ListValueNode,
    ObjectValueNode,
    StringValueNode,
    ValueNode,
    VariableNode,
)

from gateway.errors import InputTooLarge
from schema.bounds import BOUND, SCALAR_BOUNDS, Bound

#: What inputs cost, in thousandths of a point.
POINT: Final = 1_000
_OBJECT_ENTRY: Final = 500
_OTHER_ENTRY: Final = 100
#: Scalars that are no strings.
_SIZELESS: Final = frozenset({"Boolean", "Float", "Int", "Upload"})

#: Variables of an operation, with the places where they are used.
Uses = dict[str, set["InputSize"]]


class InputSize(Protocol):
    """Measures the inputs of one place of the schema.

    Both methods return thousandths of a point, and raise InputTooLarge with a path from that
    place. Values of the wrong type count nothing: coercion refuses them.
    """

    def of_value(self, value: Any) -> int:
        """The size of a value as JSON has it."""

    def of_literal(self, node: ValueNode, uses: Uses) -> int:
        """The size of a value in a document; adds the variables in it to `uses`."""


class InputSizes:
    """The measures of a schema's inputs, each made when it is first used.

    The place of a string or a list that has no bound is not limited; it counts all the same.
    """

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._objects: dict[str, _Object] = {}
        self._places: dict[int, InputSize | None] = {}

    def of(self, place: GraphQLArgument | GraphQLInputField) -> InputSize | None:
        """The measure of an argument or an input field; None: it has neither strings nor lists."""
        known = self._places.get(id(place), self)
        if isinstance(known, InputSizes):
            # The schema keeps the place, so that no other gets its id.
            known = self._places[id(place)] = self.of_type(
                place.type, place.extensions.get(BOUND, _UNBOUNDED)
            )
        return known

    def of_type(self, kind: GraphQLInputType, bound: Bound) -> InputSize | None:
        """The measure of a type within a bound."""
        if isinstance(kind, GraphQLNonNull):
            return self.of_type(kind.of_type, bound)
        if isinstance(kind, GraphQLList):
            of_objects = isinstance(_named(kind), GraphQLInputObjectType)
            price = _OBJECT_ENTRY if of_objects else _OTHER_ENTRY
            return _List(bound.entries, price, self.of_type(kind.of_type, bound))
        if isinstance(kind, GraphQLInputObjectType):
            return self._object(kind)
        if not isinstance(kind, GraphQLScalarType) or kind.name in _SIZELESS:
            return None
        return _Text(bound if bound.characters is not None else SCALAR_BOUNDS.get(kind.name, bound))

    def _object(self, kind: GraphQLInputObjectType) -> "_Object":
        known = self._objects.get(kind.name)
        if known is None:
            # Before its fields are measured: one of them may have the same type.
            known = self._objects[kind.name] = _Object({})
            for name, member in kind.fields.items():
                size = self.of(member)
                if size is not None:
                    known.members[name] = size
        return known


def check_values(sizes: Mapping[str, Sequence[InputSize]], values: Mapping[str, Any]) -> int:
    """The size of an operation's variables, in thousandths of a point.

    Raises:
        InputTooLarge: with the path, which begins with the variable's name.
    """
    total = 0
    for name, places in sizes.items():
        value = values.get(name)
        if value is None:
            continue
        try:
            # Used at several places, it is within the bounds of each, and is read once.
            total += max(size.of_value(value) for size in places)
        except InputTooLarge as refused:
            raise refused.inside(name).at(f"`${shown(refused.path)}`") from None
    return total


def shown(path: Sequence[str | int]) -> str:
    """A path as messages write it: `input[3].items`."""
    keys = (f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return "".join(keys).removeprefix(".")


_UNBOUNDED: Final = Bound()


@dataclass(frozen=True, slots=True, eq=False)
class _Text:
    bound: Bound

    def of_value(self, value: Any) -> int:
        if not isinstance(value, str):
            return 0
        size, bound = len(value), self.bound
        if bound.characters is not None and size > bound.characters:
            raise InputTooLarge("characters", size, bound.characters)
        if bound.words is not None and (words := len(value.split())) > bound.words:
            raise InputTooLarge("words", words, bound.words)
        return size

    def of_literal(self, node: ValueNode, uses: Uses) -> int:
        if isinstance(node, VariableNode):
            uses.setdefault(node.name.value, set()).add(self)
        return self.of_value(node.value) if isinstance(node, StringValueNode) else 0


@dataclass(frozen=True, slots=True, eq=False)
class _List:
    entries: int | None
    price: int
    entry: InputSize | None

    def of_value(self, value: Any) -> int:
        if not isinstance(value, list):
            # A single value is a list of one.
            return self.price + (self.entry.of_value(value) if self.entry is not None else 0)
        total = self._counted(value)
        if self.entry is None:
            return total
        for place, one in enumerate(value):
            try:
                total += self.entry.of_value(one)
            except InputTooLarge as refused:
                raise refused.inside(place) from None
        return total

    def of_literal(self, node: ValueNode, uses: Uses) -> int:
        if isinstance(node, VariableNode):
            uses.setdefault(node.name.value, set()).add(self)
            return 0
        nodes = node.values if isinstance(node, ListValueNode) else (node,)
        total = self._counted(nodes)
        if self.entry is None:
            return total
        for place, one in enumerate(nodes):
            try:
                total += self.entry.of_literal(one, uses)
            except InputTooLarge as refused:
                raise refused.inside(place) from None
        return total

    def _counted(self, given: Sequence[object]) -> int:
        if self.entries is not None and len(given) > self.entries:
            raise InputTooLarge("entries", len(given), self.entries)
        return self.price * len(given)


@dataclass(frozen=True, slots=True, eq=False)
class _Object:
    members: dict[str, InputSize] = field(repr=False)

    def of_value(self, value: Any) -> int:
        if not isinstance(value, dict):
            return 0
        total = 0
        for name, given in value.items():
            member = self.members.get(name)
            if member is None or given is None:
                continue
            try:
                total += member.of_value(given)
            except InputTooLarge as refused:
                raise refused.inside(name) from None
        return total

    def of_literal(self, node: ValueNode, uses: Uses) -> int:
        if isinstance(node, VariableNode):
            uses.setdefault(node.name.value, set()).add(self)
        if not isinstance(node, ObjectValueNode):
            return 0
        total = 0
        for each in node.fields:
            member = self.members.get(each.name.value)
            if member is None:
                continue
            try:
                total += member.of_literal(each.value, uses)
            except InputTooLarge as refused:
                raise refused.inside(each.name.value) from None
        return total


def _named(kind: GraphQLInputType) -> GraphQLInputType:
    while isinstance(kind, GraphQLList | GraphQLNonNull):
        kind = kind.of_type
    return kind
