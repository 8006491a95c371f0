"""Builds the values of input objects by plans made once, instead of by reflection each time."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING
from typing import Any, Final, NamedTuple, TypeVar

from strawberry.schema.config import StrawberryConfig
from strawberry.types.arguments import InputContext
from strawberry.types.base import (
    StrawberryList,
    StrawberryObjectDefinition,
    StrawberryOptional,
    has_object_definition,
)
from strawberry.types.lazy_type import LazyType
from strawberry.types.unset import UNSET

T = TypeVar("T")

#: Makes a coerced value, never null, the Python value of one type.
Convert = Callable[[Any], Any]


class _Field(NamedTuple):
    """`convert` is None where the value stays as it is."""

    public_name: str
    python_name: str
    convert: Convert | None


class InputPlan:
    """The `from_input` of one input type, whose coerced values are mappings by public name.

    Its fields are looked up when the first value is built: their types may refer to later ones.
    """

    __slots__ = ("_cls", "_definition", "_fields", "_missing")

    def __init__(self, cls: type[Any], definition: StrawberryObjectDefinition) -> None:
        self._cls: Final = cls
        self._definition: Final = definition
        self._fields: tuple[_Field, ...] | None = None
        #: The values of nullable fields that have no default of their own.
        self._missing: Mapping[str, None] = {}

    def __call__(self, _cls: type[Any], value: Mapping[str, Any], context: InputContext) -> Any:
        """An input object from its coerced value."""
        return self.build(value, context.config)

    def build(self, value: Mapping[str, Any], config: StrawberryConfig) -> Any:
        """An input object from its coerced value."""
        fields = self._fields
        if fields is None:
            fields = self._fields = self._planned(config)
        given: dict[str, Any] = dict(self._missing)
        for public_name, python_name, convert in fields:
            found = value.get(public_name, UNSET)
            if found is UNSET:
                continue
            given[python_name] = found if convert is None or found is None else convert(found)
        return self._cls(**given)

    def _planned(self, config: StrawberryConfig) -> tuple[_Field, ...]:
        definition = self._definition
        self._missing = {
            field.python_name: None for field in definition.fields if not _has_default(field)
        }
        return tuple(
            _Field(
                config.name_converter.from_field(field),
                field.python_name,
                _converter(field.resolve_type(type_definition=definition), config),
            )
            for field in definition.fields
        )


def planned_input(cls: type[T]) -> type[T]:
    """The input type, whose values are built by a plan."""
    definition: StrawberryObjectDefinition = cls.__strawberry_definition__  # type: ignore[attr-defined] # Strawberry's decorator sets it
    definition.from_input = InputPlan(cls, definition)
    return cls


def _converter(kind: object, config: StrawberryConfig) -> Convert | None:
    while isinstance(kind, StrawberryOptional | LazyType):
        kind = kind.of_type if isinstance(kind, StrawberryOptional) else kind.resolve_type()
    if isinstance(kind, StrawberryList):
        return _list_converter(_converter(kind.of_type, config))
    if not has_object_definition(kind):
        return None
    plan = kind.__strawberry_definition__.from_input
    if not isinstance(plan, InputPlan):
        raise TypeError(f"{kind.__name__} is not declared by public_input or public_choice")
    return lambda value: plan.build(value, config)


def _list_converter(convert: Convert | None) -> Convert:
    if convert is None:
        # A copy: graphql-core gives the same default to every request.
        return list
    return lambda values: [None if one is None else convert(one) for one in values]


def _has_default(field: Any) -> bool:
    return field.default_value is not MISSING or field.default_factory is not MISSING
