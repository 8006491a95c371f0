"""Each call of each platform's manual has a field, a test, and its line in the documents."""

import ast

from graphql import GraphQLInterfaceType, GraphQLObjectType

from gateway.cli.commands import command_line
from resolvers.schema import executable
from tests.house.endpoints_page import REACHED, Reached, page, tables
from tests.house.tree import ROOT

#: The calls of each manual: of V1.17 its payment event is left out.
CALLS = {"weixin_store": 50, "wechat_store": 32, "mini_program": 16, "baidu": 7}


def test_no_call_of_a_manual_is_missing() -> None:
    assert {platform: len(rows) for platform, rows in tables().items()} == CALLS
    for platform, rows in tables().items():
        assert set(REACHED[platform]) == {row.name for row in rows}


def _all() -> list[Reached]:
    return [reached for calls in REACHED.values() for reached in calls.values()]


def test_every_field_exists() -> None:
    types = executable().type_map
    commands = {f"gateway {name}" for name in command_line().commands}

    for reached in _all():
        if reached.field in commands:
            continue
        kind, _, field = reached.field.partition(".")
        found = types[kind]
        assert isinstance(found, GraphQLObjectType | GraphQLInterfaceType)
        assert field in found.fields, reached.field


def test_every_test_exists() -> None:
    for reached in _all():
        path, _, name = reached.test.partition("::")
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        defined = {
            node.name
            for node in tree.body
            if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef)
        }
        assert name in defined, reached.test


def test_the_page_is_what_the_code_says() -> None:
    written = (ROOT / "docs" / "endpoints.md").read_text(encoding="utf-8")

    assert page() == written, "write it anew: make docs"
