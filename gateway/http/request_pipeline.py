"""From the parameters of a request to an operation that may be run."""

from collections.abc import Awaitable, Callable, Hashable, Mapping
from typing import Any, Final, Protocol

import msgspec
from graphql import GraphQLSchema
from graphql.execution.values import VariableValues, get_variable_values

from gateway.errors import CostLimitExceeded
from gateway.http.documents import Documents, Operation
from gateway.http.executor import Variables
from gateway.http.parameters import Parameters
from gateway.http.persisted import PersistedDocuments
from gateway.http.rate_limiter import RateLimiter
from gateway.http.refusal import OperationRefused
from gateway.http.request import RequestInfo

_MAX_VARIABLE_ERRORS: Final = 20
_NO_VARIABLES: Final = Variables({}, VariableValues({}, {}))


class CallerContext(Protocol):
    """What the edge wants of the context that the resolvers get."""

    @property
    def caller(self) -> str:
        """Who spends the points: the key's name, or the client's address in open mode."""

    @property
    def caller_id(self) -> str:
        """Whose idempotency keys these are: tells one key from another, also of the same name."""

    @property
    def asker(self) -> Hashable | None:
        """The same for requests that may be given the same answer; None: this one wants its own."""


class Prepared(msgspec.Struct, frozen=True):
    """An operation with its variables, paid for."""

    operation: Operation
    variables: Variables
    context: CallerContext


class RequestPipeline:
    """Finds, checks and charges operations.

    `contexts` makes the context of a request, and raises `Unauthenticated` where nobody it
    knows asks. `most` is how many points one operation may cost.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        documents: Documents,
        contexts: Callable[[RequestInfo], Awaitable[CallerContext]],
        most: int,
        *,
        points: RateLimiter | None = None,
        persisted: PersistedDocuments | None = None,
    ) -> None:
        self._schema = schema
        self._documents = documents
        self._contexts = contexts
        self._most = most
        self._points = points
        self._persisted = persisted or PersistedDocuments()

    async def context(self, request: RequestInfo) -> CallerContext:
        """Who asks; raises Unauthenticated."""
        return await self._contexts(request)

    def operation(self, asked: Parameters) -> Operation:
        """What is asked.

        Raises:
            OperationRefused: no such document or operation, or not a valid one.
            PersistedQueryNotFound: its hash alone came, and is not known.
        """
        text = self._persisted.text_of(asked.query, asked.extensions)
        return self._documents.get(text).operation(asked.operation_name)

    def prepared(
        self, operation: Operation, sent: Mapping[str, Any], context: CallerContext
    ) -> Prepared:
        """The operation with its variables, once it is paid for.

        Raises:
            OperationRefused: the variables are wrong.
            CostLimitExceeded | RateLimited: it costs too much at all, or for now.
        """
        variables = self._variables(operation, sent)
        self._charge(operation, variables, context)
        return Prepared(operation, variables, context)

    def _variables(self, operation: Operation, sent: Mapping[str, Any]) -> Variables:
        if not operation.node.variable_definitions:
            return _NO_VARIABLES
        values = get_variable_values(
            self._schema,
            operation.node.variable_definitions,
            dict(sent),
            max_errors=_MAX_VARIABLE_ERRORS,
            hide_suggestions=True,
        )
        if isinstance(values, list):
            raise OperationRefused("BAD_USER_INPUT", values)
        return Variables(sent, values)

    def _charge(self, operation: Operation, variables: Variables, context: CallerContext) -> None:
        cost = operation.cost(variables.values.coerced)
        if cost > self._most:
            raise CostLimitExceeded(
                f"The operation costs {cost} points; {self._most} are allowed: "
                "ask for fewer things at once"
            )
        if self._points is not None:
            self._points.spend(context.caller, cost)
