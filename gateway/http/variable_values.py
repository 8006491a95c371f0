"""Coerces the variables of operations, as graphql-core does, by plans of the input types.

graphql-core asks at each value anew what its type is, and looks at all of a value twice. A plan is
made of a type once. It knows right values only: all others are left to graphql-core, which tells
what is wrong with them.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, NamedTuple

from graphql import (
    GraphQLError,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    Undefined,
    VariableDefinitionNode,
    is_required_input_field,
)
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, get_variable_values
from graphql.utilities.coerce_input_value import coerce_default_value

#: Gives the coerced value of one type.
_Coerce = Callable[[Any], Any]
#: What JSON has that is no list: it stands for a list of one.
_SINGLE: Final = (str, int, float, dict)


class _NotPlanned(Exception):
    """A value, or a type, that graphql-core has to look at."""


class VariableCoercion:
    """Coerces variables of one schema; values are those of JSON."""

    def __init__(self, schema: GraphQLSchema, *, max_errors: int) -> None:
        """Of wrong values `max_errors` errors are told at the most."""
        self._schema = schema
        self._max_errors = max_errors
        #: By the type as it is written; None: it contains itself, so that values may be of any
        #: depth, which graphql-core bounds.
        self._plans: dict[str, _Coerce | None] = {}

    def values(
        self, definitions: Collection[VariableDefinitionNode], sent: Mapping[str, Any]
    ) -> VariableValues | list[GraphQLError]:
        """The values of an operation's variables, or what is wrong with those that were sent."""
        try:
            return self._planned(definitions, sent)
        except Exception:  # noqa: BLE001 - a scalar refuses a value by any
            return get_variable_values(
                self._schema,
                definitions,
                dict(sent),
                max_errors=self._max_errors,
                hide_suggestions=True,
            )

    def _planned(
        self, definitions: Collection[VariableDefinitionNode], sent: Mapping[str, Any]
    ) -> VariableValues:
        values = VariableValues({}, {})
        for definition in definitions:
            signature = get_variable_signature(self._schema, definition)
            if isinstance(signature, GraphQLError):
                raise _NotPlanned
            value = sent.get(signature.name, Undefined)
            values.sources[signature.name] = VariableValueSource(signature, value)
            if value is not Undefined:
                values.coerced[signature.name] = self._plan(signature.type)(value)
            elif definition.default_value or isinstance(signature.type, GraphQLNonNull):
                raise _NotPlanned
        return values

    def _plan(self, kind: GraphQLInputType) -> _Coerce:
        name = str(kind)
        if name not in self._plans:
            try:
                self._plans[name] = _plan_of(kind, ())
            except _NotPlanned:
                self._plans[name] = None
        plan = self._plans[name]
        if plan is None:
            raise _NotPlanned
        return plan


class _Field(NamedTuple):
    name: str
    out_name: str
    coerce: _Coerce
    #: Undefined: it has none.
    default: Any
    required: bool


def _plan_of(kind: Any, above: tuple[Any, ...]) -> _Coerce:
    """The plan of a type within those `above`; raises _NotPlanned if it is one of them."""
    if isinstance(kind, GraphQLNonNull):
        return _plan_of_value(kind.of_type, above)
    plan = _plan_of_value(kind, above)
    return lambda value: None if value is None else plan(value)


def _plan_of_value(kind: Any, above: tuple[Any, ...]) -> _Coerce:
    """Of a type whose value may not be null."""
    if isinstance(kind, GraphQLList):
        return _plan_of_list(_plan_of(kind.of_type, above))
    if isinstance(kind, GraphQLInputObjectType):
        if kind in above:
            raise _NotPlanned
        return _plan_of_object(kind, (*above, kind))
    coerce_leaf = kind.coerce_input_value

    def coerce(value: Any) -> Any:
        if value is None:
            raise _NotPlanned
        coerced = coerce_leaf(value)
        if coerced is Undefined:
            raise _NotPlanned
        return coerced

    return coerce


def _plan_of_list(coerce_item: _Coerce) -> _Coerce:
    def coerce(value: Any) -> list[Any]:
        if isinstance(value, list):
            return [coerce_item(item) for item in value]
        if isinstance(value, _SINGLE):
            return [coerce_item(value)]
        raise _NotPlanned

    return coerce


def _plan_of_object(kind: GraphQLInputObjectType, above: tuple[Any, ...]) -> _Coerce:
    fields = [_field(name, field, above) for name, field in kind.fields.items()]
    make, one_of = kind.out_type, kind.is_one_of

    def coerce(value: Any) -> Any:
        if not isinstance(value, dict):
            raise _NotPlanned
        coerced: dict[str, Any] = {}
        left = len(value)
        for name, out_name, coerce_field, default, required in fields:
            if name in value:
                left -= 1
                coerced[out_name] = coerce_field(value[name])
            elif default is not Undefined:
                coerced[out_name] = default
            elif required:
                raise _NotPlanned
        if left or (one_of and [one is None for one in coerced.values()] != [False]):
            raise _NotPlanned
        return make(coerced)

    return coerce


def _field(name: str, field: GraphQLInputField, above: tuple[Any, ...]) -> _Field:
    return _Field(
        name,
        field.out_name or name,
        _plan_of(field.type, above),
        coerce_default_value(field),
        is_required_input_field(field),
    )
