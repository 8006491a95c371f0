"""Runs an operation by graphql-core and by the compiled executor, and compares the answers."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import (
    DocumentNode,
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLSchema,
    OperationDefinitionNode,
    get_operation_ast,
)
from graphql.execution.values import VariableValues, get_variable_values

from gateway.executor import Bounds, CompiledExecutor, Hints
from gateway.executor.readings import no_hints
from gateway.http.executor import CoreExecutor

EAGER = Bounds(runs_before=0)


@dataclass
class Asked:
    """An operation as the executors want it."""

    node: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    plans: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Given:
    """The variables of a request."""

    values: VariableValues


def asked(document: DocumentNode) -> Asked:
    """The only operation of a document."""
    node = get_operation_ast(document)
    assert node is not None
    fragments = {
        each.name.value: each
        for each in document.definitions
        if isinstance(each, FragmentDefinitionNode)
    }
    return Asked(node, fragments)


def given(schema: GraphQLSchema, operation: Asked, variables: Mapping[str, Any]) -> Given:
    """The variables as the operation declares them."""
    values = get_variable_values(schema, operation.node.variable_definitions or (), dict(variables))
    assert isinstance(values, VariableValues), values
    return Given(values)


def executors(
    schema: GraphQLSchema, hints: Hints = no_hints, bounds: Bounds = EAGER
) -> tuple[Any, CompiledExecutor[Asked, Given]]:
    """graphql-core's, and ours, which never falls back unseen: `plan_of` tells."""
    core: Any = CoreExecutor(schema)
    return core, CompiledExecutor(schema, core, hints, bounds)


def shown(result: ExecutionResult) -> tuple[bytes, dict[str, list[Any]]]:
    """The answer to compare: data with the order of its keys, errors by the null they led to."""
    errors: dict[str, list[Any]] = {}
    for error in result.errors or ():
        nulled = _nulled(result.data, error.path or [])
        errors.setdefault(repr(nulled), []).append(
            (error.message, repr(error.path), repr(error.locations))
        )
    return orjson.dumps(result.data, default=repr), {k: sorted(v) for k, v in errors.items()}


async def settled() -> None:
    """Wait for what graphql-core left running behind a null."""
    while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.gather(*tasks, return_exceptions=True)


def _nulled(data: Any, path: list[str | int]) -> list[str | int]:
    """As far along the path as there is data."""
    for depth, key in enumerate(path):
        if data is None:
            return path[:depth]
        data = data[key]
    return path


def assert_same(ours: ExecutionResult, core: ExecutionResult) -> bool:
    """Assert that the answers are the same; answers whether they are to the letter.

    Where several errors lead to one null above them, which of them are told depends on which
    came first, as graphql-core's own answer does; one at least is told.
    """
    (our_data, our_errors), (core_data, core_errors) = shown(ours), shown(core)
    assert our_data == core_data
    assert our_errors.keys() == core_errors.keys()
    exact = True
    for place, expected in core_errors.items():
        if our_errors[place] != expected:
            exact = False
            assert any(path != place for _, path, _ in expected), (our_errors[place], expected)
            assert any(path != place for _, path, _ in our_errors[place])
    return exact
