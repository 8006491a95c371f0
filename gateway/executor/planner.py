"""Planner: builds the plan of an operation, for given variables in @skip and @include."""

from collections.abc import Mapping
from typing import Any, Final

from graphql import (
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLUnionType,
    OperationDefinitionNode,
)
from graphql.execution.collect_fields import (
    FieldDetails,
    FragmentDetails,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues

from gateway.executor.compilability import Bounds, NotCompilable
from gateway.executor.direct_calls import Direct, constant_arguments, direct_call
from gateway.executor.field_readers import Guard, Hints, Reading, Relation, Resolver, Typename
from gateway.executor.plan import (
    Choice,
    FieldPlan,
    Leaf,
    Many,
    Opaque,
    Record,
    SelectedType,
    Value,
)
from gateway.executor.strawberry_types import python_class, reading_of, told_by_class

_TYPENAME: Final = "__typename"


class Planner:
    """Plans one operation.

    `bounds.fields` bounds the plan: an interface in an interface has each field once for each pair
    of types.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        hints: Hints,
        operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: VariableValues,
        bounds: Bounds,
    ) -> None:
        self._schema = schema
        self._hints = hints
        self._operation = operation
        self._fragments = {name: FragmentDetails(node) for name, node in fragments.items()}
        self._variables = variables
        self._left = bounds.fields
        self._lasting = bounds.lasting_inputs

    def plan(self) -> Record:
        """The root object.

        Raises:
            NotCompilable: the plan would be too large.
        """
        root = self._schema.query_type
        if root is None:
            raise NotCompilable
        collected = collect_fields(
            self._schema, self._fragments, self._variables, root, self._operation
        )
        # The root has no place of its own in a path: its fields' positions have no parent.
        position = SelectedType(None, "", None, root, nullable=True)
        return Record(position, None, self._fields(root, None, collected.grouped_field_set))

    def _fields(
        self,
        parent_type: GraphQLObjectType,
        parent: SelectedType | None,
        grouped: Mapping[str, list[FieldDetails]],
    ) -> list[FieldPlan]:
        plans = []
        for key, details in grouped.items():
            definition = self._schema.get_field(parent_type, details[0].node.name.value)
            # graphql-core leaves out what the type does not have.
            if definition is None:
                continue
            self._left -= 1
            if self._left < 0:
                raise NotCompilable
            position = _position(parent, key, parent_type.name, definition.type)
            reading = self._reading(parent_type, details[0].node.name.value, position)
            arguments = constant_arguments(definition, details[0].node, lasting=self._lasting)
            plans.append(
                FieldPlan(
                    position,
                    parent_type,
                    definition,
                    details,
                    [each.node for each in details],
                    reading,
                    self._value(position, details),
                    arguments,
                    self._direct(definition, arguments) if isinstance(reading, Resolver) else None,
                )
            )
        return plans

    def _direct(
        self, definition: GraphQLField, arguments: Mapping[str, Any] | None
    ) -> Direct | None:
        return direct_call(self._schema, definition, arguments, lasting=self._lasting)

    def _reading(self, parent: GraphQLObjectType, name: str, position: SelectedType) -> Reading:
        if name == _TYPENAME:
            return Typename()
        reading = reading_of(parent.fields[name], self._hints)
        guarded = isinstance(reading, Guard) or (isinstance(reading, Relation) and reading.needs)
        # A refusal that may not be null goes further up than the field.
        return Resolver() if guarded and not position.nullable else reading

    def _value(self, position: SelectedType, details: list[FieldDetails]) -> Value:
        kind = position.type.of_type if isinstance(position.type, GraphQLNonNull) else position.type
        if isinstance(kind, GraphQLList):
            item = _position(position, None, None, kind.of_type)
            return Many(position, self._value(item, details))
        if isinstance(kind, GraphQLObjectType):
            return self._object(position, kind, details)
        if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
            types = told_by_class(self._schema, kind)
            if types is None:
                return Opaque(position)
            return Choice(
                position, [self._record(position, each, details) for each in types.values()]
            )
        return Leaf(position)

    def _object(
        self, position: SelectedType, kind: GraphQLObjectType, details: list[FieldDetails]
    ) -> Value:
        if kind.is_type_of is not None and python_class(kind) is None:
            return Opaque(position)
        return self._record(position, kind, details)

    def _record(
        self, position: SelectedType, kind: GraphQLObjectType, details: list[FieldDetails]
    ) -> Record:
        collected = collect_subfields(
            self._schema, self._fragments, self._variables, self._operation, kind, details
        )
        return Record(
            position,
            python_class(kind),
            self._fields(kind, position, collected.grouped_field_set),
        )


def _position(
    parent: SelectedType | None, key: str | None, typename: str | None, kind: GraphQLOutputType
) -> SelectedType:
    return SelectedType(parent, key, typename, kind, nullable=not isinstance(kind, GraphQLNonNull))
