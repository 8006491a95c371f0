"""The schema beside the last release's: nothing goes without a deprecation and its date."""

import re
from datetime import date
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
)

from resolvers.schema import executable
from tests.house.schema_diff import ACCEPTED, breaking, dangerous, main

#: How a reason ends: until when the field is answered.
UNTIL = re.compile(r" until (\d{4}-\d{2}-\d{2})\.$")


def test_nothing_breaks_clients_of_the_last_release_but_what_is_accepted() -> None:
    accepted = ACCEPTED.read_text(encoding="utf-8").splitlines()

    assert sorted(breaking()) == sorted(line for line in accepted if not line.startswith("#"))


def test_the_differences_are_printed_for_ci(capsys: pytest.CaptureFixture[str]) -> None:
    main()

    printed = capsys.readouterr().out.splitlines()
    assert printed == [
        *(f"breaking: {change}" for change in breaking()),
        *(f"dangerous: {change}" for change in dangerous()),
    ]


def test_a_deprecation_says_until_when() -> None:
    reasons: dict[str, Any] = {}
    for name, kind in executable().type_map.items():
        if name.startswith("__"):
            continue
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            reasons |= {f"{name}.{field}": it for field, it in kind.fields.items()}
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            reasons |= {
                f"{name}.{field}.{argument}": one
                for field, it in kind.fields.items()
                for argument, one in it.args.items()
            }
        if isinstance(kind, GraphQLEnumType):
            reasons |= {f"{name}.{value}": it for value, it in kind.values.items()}

    deprecated = {place: it.deprecation_reason for place, it in reasons.items()}

    for place, reason in deprecated.items():
        if reason is not None:
            found = UNTIL.search(reason)
            assert found, f"{place} is deprecated without a date"
            date.fromisoformat(found[1])
