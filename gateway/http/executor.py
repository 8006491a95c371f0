"""Runs one operation: the seam between the HTTP edge and an executor."""

from collections.abc import Awaitable, Mapping
from typing import Any, Protocol, cast

import msgspec
from graphql import ExecutionResult, GraphQLSchema
from graphql.execution.values import VariableValues

from gateway.concurrency.time_slice import TimeSlice
from gateway.executor import CooperativeExecution, core_execution, details_of
from gateway.http.documents import Operation


class Variables(msgspec.Struct, frozen=True):
    """The variables of a request: as they were sent, and as the operation declares them."""

    sent: Mapping[str, Any]
    values: VariableValues


class Executed(msgspec.Struct, frozen=True):
    """The result of an execution; `body` is the encoded answer, None if fields failed."""

    result: ExecutionResult
    body: bytes | None


class Executor(Protocol):
    """Executes operations."""

    async def execute(
        self, operation: Operation, variables: Variables, context: Any
    ) -> ExecutionResult:
        """Data and errors; data is anything that orjson writes, `orjson.Fragment` included."""


class CoreExecutor:
    """graphql-core's own executor, for a checked document and checked variables."""

    def __init__(self, schema: GraphQLSchema, slices: TimeSlice | None = None) -> None:
        self._schema = schema
        self._slices = slices or TimeSlice()

    async def execute(
        self, operation: Operation, variables: Variables, context: Any
    ) -> ExecutionResult:
        """Run the resolvers; their errors are in the result."""
        execution = execution_of(self._schema, operation, variables, context, self._slices)
        result = execution.execute_operation()
        if isinstance(result, ExecutionResult):
            return result
        # Without @defer and @stream in the schema there is one result, not a series.
        return await cast("Awaitable[ExecutionResult]", result)


def execution_of(
    schema: GraphQLSchema,
    operation: Operation,
    variables: Variables,
    context: Any,
    slices: TimeSlice,
) -> CooperativeExecution:
    """graphql-core's execution of a checked operation."""
    fragments = (dict(operation.fragments), details_of(operation.fragments))
    return core_execution(schema, operation.node, fragments, variables.values, context, slices)
