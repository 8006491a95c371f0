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

from gateway.concurrency.time_slice import TimeSlice
from gateway.errors import Forbidden
from gateway.executor import Bounds, CompiledExecutor, Hints
from gateway.executor.field_readers import no_hints
from gateway.http.executor import CoreExecutor

EAGER = Bounds(runs_before=0, lasting_inputs=True)


@dataclass
class Asked:
    """An operation as the executors want it."""

    node: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    plans: dict[str, Any] = field(default_factory=dict)
    #: Bytes that the executor says it keeps.
    kept: int = 0

    def grow(self, added: int) -> None:
        self.kept += added


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
    schema: GraphQLSchema,
    hints: Hints = no_hints,
    bounds: Bounds = EAGER,
    slices: TimeSlice | None = None,
) -> tuple[Any, CompiledExecutor[Asked, Given]]:
    """graphql-core's, and ours, which never falls back unseen: `plan_of` tells."""
    core: Any = CoreExecutor(schema, slices)
    return core, CompiledExecutor(schema, core, hints, bounds, slices)


_REFUSED = "refused"
_Errors = dict[str, list[tuple[str, str, str]]]


def shown(result: ExecutionResult) -> tuple[bytes, _Errors]:
    """The answer to compare: data with the order of its keys, errors by the null they led to."""
    errors: _Errors = {}
    for error in result.errors or ():
        nulled = repr(_nulled(result.data, error.path or []))
        path = repr(error.path)
        if isinstance(error.original_error, Forbidden):
            # One for each selected field, at whichever place was resolved first.
            nulled = path = _REFUSED
        errors.setdefault(nulled, []).append((error.message, path, repr(error.locations)))
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
    came first, as graphql-core's own answer does; one at least is told. Nor does it depend on
    anything else which refusals are told that happened below such a null.
    """
    (our_data, our_errors), (core_data, core_errors) = shown(ours), shown(core)
    assert our_data == core_data
    our_refusals, refusals = our_errors.pop(_REFUSED, []), core_errors.pop(_REFUSED, [])
    assert our_errors.keys() == core_errors.keys()
    bubbled = {
        place
        for place, told in [*our_errors.items(), *core_errors.items()]
        if any(path != place for _, path, _ in told)
    }
    assert our_refusals == refusals or bubbled
    different = {place for place, told in core_errors.items() if our_errors[place] != told}
    assert different <= bubbled
    return not different and our_refusals == refusals
