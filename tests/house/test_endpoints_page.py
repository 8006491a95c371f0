"""Each call of the WeChat Store's manual has a field, a test, and its line in the documents."""

import ast

from graphql import GraphQLInterfaceType, GraphQLObjectType

from gateway.platforms.wechat_store.endpoints import ENDPOINTS
from resolvers.schema import executable
from tests.house.endpoints_page import REACHED, page
from tests.house.tree import ROOT

#: Manual V1.17, its payment event left out.
CALLS = 32


def test_no_call_of_the_manual_is_missing() -> None:
    assert len(ENDPOINTS) == CALLS
    assert set(REACHED) == {row.name for row in ENDPOINTS}


def test_every_field_exists() -> None:
    types = executable().type_map

    for reached in REACHED.values():
        kind, _, field = reached.field.partition(".")
        found = types[kind]
        assert isinstance(found, GraphQLObjectType | GraphQLInterfaceType)
        assert field in found.fields, reached.field


def test_every_test_exists() -> None:
    for reached in REACHED.values():
        path, _, name = reached.test.partition("::")
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        defined = {node.name for node in tree.body if isinstance(node, ast.AsyncFunctionDef)}
        assert name in defined, reached.test


def test_the_page_is_what_the_code_says() -> None:
    written = (ROOT / "docs" / "endpoints.md").read_text(encoding="utf-8")

    assert page() == written, "write it anew: make docs"
