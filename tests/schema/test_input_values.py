"""Input objects are built by plans exactly as Strawberry builds them by reflection."""

from dataclasses import replace
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
)
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.types.scalar import DEFAULT_SCALAR_REGISTRY
from strawberry.types.arguments import convert_argument

from resolvers.schema import executable
from schema.scalars import SCALARS

INPUTS = sorted(
    kind.name for kind in executable().type_map.values() if isinstance(kind, GraphQLInputObjectType)
)


def sample(kind: GraphQLInputType, *, whole: bool, depth: int = 0) -> Any:
    """Answer a coerced value; `whole`: with its optional fields, the odd ones null."""
    if isinstance(kind, GraphQLNonNull):
        return sample(kind.of_type, whole=whole, depth=depth)
    if isinstance(kind, GraphQLList):
        return [sample(kind.of_type, whole=whole, depth=depth)] * 2 if depth < 4 else []
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values.values())).value
    if not isinstance(kind, GraphQLInputObjectType):
        return f"a {kind}"
    given = {
        name: sample(field.type, whole=whole, depth=depth + 1)
        for name, field in kind.fields.items()
        if isinstance(field.type, GraphQLNonNull) or (whole and depth < 4)
    }
    odd = (name for place, name in enumerate(given) if place % 3 == 2)
    return given | {
        name: None for name in odd if not isinstance(kind.fields[name].type, GraphQLNonNull)
    }


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "required"])
@pytest.mark.parametrize("name", INPUTS)
def test_values_are_strawberrys(name: str, *, whole: bool) -> None:
    kind = executable().type_map[name]
    assert isinstance(kind, GraphQLInputObjectType)
    definition = kind.extensions["strawberry-definition"]
    value = sample(kind, whole=whole)
    scalars = {**DEFAULT_SCALAR_REGISTRY, **SCALARS}
    by_plan: Any = convert_argument(value, definition.origin, scalars, StrawberryConfig())
    plain = {"__strawberry_definition__": replace(definition, from_input=None)}
    by_reflection: Any = convert_argument(
        value, type(name, (definition.origin,), plain), scalars, StrawberryConfig()
    )
    assert type(by_plan) is definition.origin
    assert vars(by_plan) == vars(by_reflection)
