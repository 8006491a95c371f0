"""Enums of the public schema are plain Python enums."""

from enum import Enum

import pytest
from graphql import GraphQLEnumType

from resolvers.schema import executable


def declared() -> list[type[Enum]]:
    """Every enum of the public schema, as our code names it."""
    return [
        kind.extensions["strawberry-definition"].wrapped_cls
        for name, kind in executable().type_map.items()
        if isinstance(kind, GraphQLEnumType) and not name.startswith("__")
    ]


@pytest.mark.parametrize("kind", declared())
def test_a_value_is_its_name_and_finds_its_member(kind: type[Enum]) -> None:
    assert [member.value for member in kind] == [member.name for member in kind]
    assert [kind(member.name) for member in kind] == list(kind)
