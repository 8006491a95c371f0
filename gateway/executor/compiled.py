"""Compiled executor: runs compiled queries, and passes the rest to graphql-core."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic, Protocol, TypeVar

from graphql import (
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
)
from graphql.execution.collect_fields import FragmentDetails
from graphql.execution.values import VariableValues

from gateway.concurrency.time_slice import TimeSlice
from gateway.executor.compilability import Bounds, NotCompilable, conditions
from gateway.executor.cooperative import CooperativeExecution, core_execution, details_of
from gateway.executor.field_readers import Hints, no_hints
from gateway.executor.generator import Generator
from gateway.executor.planner import Planner
from gateway.executor.program import CompiledPlan
from gateway.executor.run import Run

#: Key of an operation's plans among the data stored with it.
_KEPT: Final = "gateway.executor"
#: Bytes that a plan and its functions take per character of their source.
_BYTES_PER_CHARACTER: Final = 4


class CompilableOperation(Protocol):
    """One operation of a valid document."""

    @property
    def node(self) -> OperationDefinitionNode:
        """The operation itself."""

    @property
    def fragments(self) -> Mapping[str, FragmentDefinitionNode]:
        """The fragments of its document."""

    @property
    def plans(self) -> dict[str, Any]:
        """Storage of executors for what they derived from it."""

    def grow(self, added: int, /) -> None:
        """Count bytes that are stored in `plans`."""


class CoercedVariables(Protocol):
    """The variables of one request."""

    @property
    def values(self) -> VariableValues:
        """As the operation declares them."""


O_contra = TypeVar("O_contra", bound=CompilableOperation, contravariant=True)
V_contra = TypeVar("V_contra", bound=CoercedVariables, contravariant=True)
O = TypeVar("O", bound=CompilableOperation)  # noqa: E741 - an operation
V = TypeVar("V", bound=CoercedVariables)


class FallbackExecutor(Protocol[O_contra, V_contra]):
    """An executor of operations."""

    async def execute(
        self, operation: O_contra, variables: V_contra, context: Any
    ) -> ExecutionResult:
        """Data and errors."""


@dataclass(slots=True)
class _Kept:
    """What is known of an operation; `names`: variables that decide what is selected."""

    runs: int = 0
    names: tuple[str, ...] | None = None
    hopeless: bool = False
    programs: dict[tuple[Any, ...], CompiledPlan | None] = field(default_factory=dict)
    #: The fragments as graphql-core's execution wants them; it does not change them.
    fragments: dict[str, FragmentDefinitionNode] = field(default_factory=dict)
    details: dict[str, FragmentDetails] = field(default_factory=dict)


class CompiledExecutor(Generic[O, V]):
    """Compiles queries over a Strawberry schema; everything else goes to `core`."""

    def __init__(
        self,
        schema: GraphQLSchema,
        core: FallbackExecutor[O, V],
        hints: Hints = no_hints,
        bounds: Bounds | None = None,
        slices: TimeSlice | None = None,
    ) -> None:
        self._schema = schema
        self._core = core
        self._hints = hints
        self._bounds = bounds or Bounds()
        self._slices = slices or TimeSlice()
        self._known: dict[str, set[type]] = {}

    async def execute(self, operation: O, variables: V, context: Any) -> ExecutionResult:
        """Run the operation; errors of fields are in the result."""
        program = self._program(operation, variables.values)
        if program is None:
            return await self._core.execute(operation, variables, context)
        run = Run(program, self._execution(operation, variables.values, context), self._slices)
        result = run.start()
        return result if isinstance(result, ExecutionResult) else await result

    def compiled(self, operation: O, values: VariableValues) -> CompiledPlan | None:
        """The program for these variables; None: graphql-core runs the operation."""
        kept = _kept(operation)
        if kept.names is None and not kept.hopeless:
            self._examine(operation, kept)
        if kept.hopeless or kept.names is None:
            return None
        variant = tuple(values.coerced.get(name) for name in kept.names)
        if variant not in kept.programs:
            if len(kept.programs) >= self._bounds.variants:
                return None
            program = kept.programs[variant] = self._compile(operation, values)
            if program is not None:
                operation.grow(_BYTES_PER_CHARACTER * len(program.source))
        return kept.programs[variant]

    def _program(self, operation: O, values: VariableValues) -> CompiledPlan | None:
        kept = _kept(operation)
        if kept.runs < self._bounds.runs_before:
            kept.runs += 1
            return None
        return self.compiled(operation, values)

    @staticmethod
    def _examine(operation: O, kept: _Kept) -> None:
        try:
            kept.names = conditions(operation.node, operation.fragments)
        except NotCompilable:
            kept.hopeless = True

    def _compile(self, operation: O, values: VariableValues) -> CompiledPlan | None:
        planner = Planner(
            self._schema,
            self._hints,
            operation.node,
            operation.fragments,
            values,
            self._bounds,
        )
        try:
            return Generator(self._known, self._bounds.batch).program(planner.plan())
        except (NotCompilable, GraphQLError, RecursionError):
            # graphql-core reports the errors.
            return None

    def _execution(
        self, operation: O, values: VariableValues, context: Any
    ) -> CooperativeExecution:
        kept = _kept(operation)
        fragments = (kept.fragments, kept.details)
        return core_execution(
            self._schema, operation.node, fragments, values, context, self._slices
        )


def _kept(operation: CompilableOperation) -> _Kept:
    kept = operation.plans.get(_KEPT)
    if not isinstance(kept, _Kept):
        kept = _Kept(fragments=dict(operation.fragments), details=details_of(operation.fragments))
        operation.plans[_KEPT] = kept
    return kept
