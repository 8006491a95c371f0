"""Plan of an operation: a tree with one node per place of the document."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Optional
from weakref import ReferenceType, ref

from graphql import FieldNode, GraphQLField, GraphQLObjectType, GraphQLOutputType
from graphql.execution.collect_fields import FieldDetails
from graphql.pyutils import Path

from gateway.executor.direct_calls import Direct
from gateway.executor.field_readers import Reading

#: The indexes of the lists on the way to a value: (indexes of the lists around it, index).
Indexes = tuple[Any, int] | None


@dataclass(slots=True, eq=False)
class SelectedType:
    """The place of a value in the response, without the indexes of lists.

    `key` is None for an item of a list; then `parent` is the list. `typename` is the type of the
    object that the key is in. `type` is the value's type, including non-null.
    """

    parent: Optional["SelectedType"]
    key: str | None
    typename: str | None
    type: GraphQLOutputType
    nullable: bool
    #: The field of the key; weak, so that a plan that is dropped has no reference cycle.
    field: Optional["ReferenceType[FieldPlan]"] = None

    def path(self, indexes: Indexes) -> Path:
        """The path of the value with these indexes of lists."""
        if self.key is None:
            outer, index = indexes or (None, 0)
            return Path(self.parent.path(outer) if self.parent else None, index, None)
        above = None if self.parent is None else self.parent.path(indexes)
        return Path(above, self.key, self.typename)

    def of_field(self, indexes: Indexes = None) -> "tuple[FieldPlan, Indexes]":
        """The field whose value this is or is in, and the indexes around that."""
        position = self
        while position.key is None and position.parent is not None:
            position = position.parent
            indexes = indexes[0] if indexes is not None else None
        field = position.field() if position.field is not None else None
        if field is None:
            raise LookupError("A position without a field")
        return field, indexes


@dataclass(slots=True, eq=False)
class Leaf:
    """A scalar or an enum."""

    position: SelectedType


@dataclass(slots=True, eq=False)
class Many:
    """A list."""

    position: SelectedType
    item: "Value"


@dataclass(slots=True, eq=False)
class Record:
    """An object; `python_class` None: objects of the type are not known by their class."""

    position: SelectedType
    python_class: type | None
    fields: list["FieldPlan"]


@dataclass(slots=True, eq=False)
class Choice:
    """An interface or a union whose objects are known by their classes."""

    position: SelectedType
    records: list[Record]


@dataclass(slots=True, eq=False)
class Opaque:
    """A value that only graphql-core can complete."""

    position: SelectedType


Value = Leaf | Many | Record | Choice | Opaque


@dataclass(slots=True, eq=False, weakref_slot=True)
class FieldPlan:
    """A selected field: its nodes in the document, how it is read, and its value.

    `arguments` are its arguments if they are constant, else None. `direct` calls its resolver with
    them, if Strawberry adds nothing to it.
    """

    position: SelectedType
    parent_type: GraphQLObjectType
    definition: GraphQLField
    details: list[FieldDetails]
    nodes: list[FieldNode]
    reading: Reading
    value: Value
    arguments: dict[str, Any] | None = None
    direct: Direct | None = None

    def __post_init__(self) -> None:
        self.position.field = ref(self)

    @property
    def key(self) -> str:
        """The key in the response."""
        return self.position.key or ""


def records(value: Value) -> list[Record]:
    """The objects that a value may be or contain, without those below their fields."""
    if isinstance(value, Many):
        return records(value.item)
    if isinstance(value, Choice):
        return value.records
    return [value] if isinstance(value, Record) else []


def fields(value: Value) -> Iterator[FieldPlan]:
    """All fields below a value."""
    for record in records(value):
        for each in record.fields:
            yield each
            yield from fields(each.value)
