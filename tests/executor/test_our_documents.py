"""Every query of our tests and of the GraphiQL page is answered as graphql-core answers it."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    DocumentNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSyntaxError,
    OperationType,
    get_operation_ast,
    parse,
    type_from_ast,
    validate,
)

from resolvers.schema import hints
from tests.executor.both import asked, assert_same, executors, given, settled
from tests.executor.invented import InventedContext, Inventor, invented_schema

ROOT = Path(__file__).parents[2]
SCHEMA = invented_schema()
CORE, OURS = executors(SCHEMA, hints)
LEAVES: dict[str, Any] = {
    "Boolean": True,
    "Int": 1,
    "Float": 1.5,
    "BigInt": 1,
    "Decimal": "1.00",
    "DateTime": "2026-01-31T08:00:00Z",
}


def _texts() -> Iterator[str]:
    for path in sorted(ROOT.glob("assets/src/examples/*.graphql")):
        yield path.read_text()
    for path in sorted(ROOT.glob("tests/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "{" in node.value:
                yield node.value


def _documents() -> list[DocumentNode]:
    """The valid queries over our schema among the texts, each once."""
    found = {}
    for text in _texts():
        try:
            document = parse(text, max_tokens=5_000)
        except GraphQLSyntaxError:
            continue
        operation = get_operation_ast(document)
        query = operation is not None and operation.operation is OperationType.QUERY
        if query and not validate(SCHEMA, document):
            found[text] = document
    return list(found.values())


def _value(kind: GraphQLInputType) -> Any:
    """A value that a variable of the type may have; of an object, what it must have."""
    if isinstance(kind, GraphQLNonNull):
        return _value(kind.of_type)
    if isinstance(kind, GraphQLList):
        return [_value(kind.of_type)]
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        needed = {n: f.type for n, f in kind.fields.items() if isinstance(f.type, GraphQLNonNull)}
        return {name: _value(each) for name, each in needed.items()}
    return LEAVES.get(kind.name, "text")


# graphql-core leaves coroutines behind that it cancelled before they began.
@pytest.mark.filterwarnings("ignore:coroutine:RuntimeWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_the_answers_are_graphql_cores() -> None:
    documents = _documents()
    compiled = 0
    for document in documents:
        operation = asked(document)
        variables = {
            each.variable.name.value: _value(type_from_ast(SCHEMA, each.type))  # type: ignore[arg-type]
            for each in operation.node.variable_definitions or ()
        }
        values = given(SCHEMA, operation, variables)
        compiled += OURS.compiled(operation, values.values) is not None
        for seed in range(2):
            inventor = Inventor(SCHEMA, seed, seed / 10)
            ours = await OURS.execute(operation, values, InventedContext(inventor))
            core = await CORE.execute(operation, values, InventedContext(inventor))
            assert_same(ours, core)
        await settled()

    # What is left are introspections.
    assert len(documents) >= 50
    assert compiled >= len(documents) - 8
