"""The stages of a GraphQL request, in order: authenticate, read, find the document, prepare.

The result of `prepare` is run by `execution`, then encoded and sent by `response`. Every
transport uses the same stages: HTTP (`graphql`), event streams (`event_stream`), WebSockets
(`web_socket`).
"""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from sys import getsizeof
from typing import Any, Final, Protocol

import msgspec
from graphql import FieldNode, GraphQLSchema, OperationType
from graphql.execution.values import VariableValues
from starlette.types import Receive

from gateway.audit import Origin
from gateway.concurrency.lru_cache import LruCache
from gateway.errors import RateLimited
from gateway.http.charge import Charge, Price
from gateway.http.concealed_schema import conceal_value_error
from gateway.http.documents import Documents, Operation
from gateway.http.executor import Variables
from gateway.http.multipart import FormStream, from_form, is_multipart
from gateway.http.parameters import Parameters, from_body, from_query_string
from gateway.http.persisted import PersistedDocuments
from gateway.http.rate_limiter import RateLimiter
from gateway.http.refusal import OperationRefused
from gateway.http.request import RequestInfo, read_body
from gateway.http.variable_errors import with_json_values
from gateway.http.variable_values import VariableCoercion
from schema.scalars import BulkUpload

_MAX_VARIABLE_ERRORS: Final = 20
#: The mutation whose file goes to the store while it arrives.
BULK_IMPORT: Final = "bulkImport"
_NO_VARIABLES: Final = Variables({}, VariableValues({}, {}))
#: Bytes of cached bodies and what was read from them.
_BODIES_BYTES: Final = 4_000_000
#: Bytes that any of them takes.
_BODY_BYTES: Final = 500


class CallerContext(Protocol):
    """What the edge needs from the context of the resolvers."""

    @property
    def caller(self) -> str:
        """Whose rate limit this is: the key's name, or the client's address in open mode."""

    @property
    def caller_id(self) -> str:
        """The owner of idempotency keys: unique per API key, unlike its name."""

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes that the caller holds."""

    def sees(self, shop: str) -> bool:
        """Whether the caller sees this shop."""

    @property
    def asker(self) -> Hashable | None:
        """Equal for requests that may share an answer; None: this one needs its own."""

    @property
    def visibility(self) -> Hashable:
        """Equal for callers who see the same: with the same scopes, bound to the same shops."""

    @property
    def origin(self) -> Origin:
        """Who asks, for the audit log."""

    @property
    def revealed(self) -> Sequence[Any]:
        """The records whose personal data was shown so far."""

    @property
    def stale_reads(self) -> Sequence[Mapping[str, Any]]:
        """The parts of the answer made from stale copies, for `extensions.stale`."""


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """How much one request may ask for, and how many are served at a time."""

    body_bytes: int
    #: Points of one operation.
    cost: int
    #: From the request's first byte to its result.
    seconds: float
    in_flight: int = 512
    #: Of the one file of a multipart request.
    upload_bytes: int = 5_000_000
    #: Of the file of a bulk import.
    bulk_bytes: int = 2_000_000_000


class Requested(msgspec.Struct, frozen=True):
    """What a request asks for: an operation, and its variables as they were sent."""

    operation: Operation
    variables: Mapping[str, Any]
    #: A file that has not been read yet, and where it comes from.
    upload: tuple[BulkUpload, FormStream] | None = None


class Prepared(msgspec.Struct, frozen=True):
    """An operation with checked variables and its caller; its cost is reserved."""

    operation: Operation
    variables: Variables
    context: CallerContext
    charge: Charge


class RequestPipeline:
    """The stages up to the execution, each a method on the result of the previous one.

    Args:
        contexts: creates the context of a request; raises Unauthenticated for an unknown caller.
        rate_limiter: without it no caller is limited.
        persisted: without it only documents that clients register are known by hash.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        documents: Documents,
        contexts: Callable[[RequestInfo], Awaitable[CallerContext]],
        limits: RequestLimits,
        *,
        rate_limiter: RateLimiter | None = None,
        persisted: PersistedDocuments | None = None,
    ) -> None:
        self.schema = schema
        self._variables = VariableCoercion(schema, max_errors=_MAX_VARIABLE_ERRORS)
        self.limits = limits
        self._documents = documents
        self._contexts = contexts
        self._rate_limiter = rate_limiter
        self._persisted = persisted or PersistedDocuments()
        #: The document and the operation's name in bodies without variables.
        self._bodies: LruCache[bytes, tuple[str, str | None]] = LruCache(max_weight=_BODIES_BYTES)

    async def authenticate(self, request: RequestInfo) -> CallerContext:
        """The caller of a request; raises Unauthenticated."""
        return await self._contexts(request)

    async def read(
        self,
        request: RequestInfo,
        query_string: bytes,
        receive: Receive,
        context: CallerContext,
        *,
        bulk: bool = False,
    ) -> Requested:
        """What an HTTP request asks for, from its query string, its JSON or its form.

        With `bulk` the file of a bulk import is left to be read.

        Raises:
            HttpRefusal: it is too large, or malformed.
            OperationRefused | PersistedQueryNotFound | RateLimited: as `find` says.
            ClientGone: the client disconnected.
        """
        if request.method != "POST":
            return self.find(from_query_string(query_string), context)
        limits, content_type = self.limits, request.headers.get("content-type", "")
        if is_multipart(content_type):
            if bulk:
                return await self._find_by_form(FormStream(receive, request), context)
            body = await read_body(receive, request, limits.body_bytes + limits.upload_bytes)
            return self.find(from_form(body, content_type, limits.upload_bytes), context)
        return self._find_by_body(await read_body(receive, request, limits.body_bytes), context)

    async def _find_by_form(self, form: FormStream, context: CallerContext) -> Requested:
        limits = self.limits
        asked = await form.fields(limits.body_bytes + limits.upload_bytes)
        if asked is not None:
            requested = self.find(asked, context)
            if _is_bulk_import(requested.operation):
                upload = form.put(asked.variables)
                return Requested(requested.operation, asked.variables, (upload, form))
        return self.find(await form.whole(limits.body_bytes, limits.upload_bytes), context)

    def find(self, parameters: Parameters, context: CallerContext) -> Requested:
        """The operation that the parameters of a request name.

        The caller pays for parsing and validating a document that is not cached.

        Raises:
            OperationRefused: no such document or operation, or not a valid one.
            PersistedQueryNotFound: only its hash was sent, and it is unknown.
            RateLimited: the caller has too few points for a document of that length.
        """
        text = self._persisted.text_of(parameters.query, parameters.extensions)
        operation = self._operation(text, parameters.operation_name, context)
        return Requested(operation, parameters.variables)

    def prepare(self, requested: Requested, context: CallerContext) -> Prepared:
        """The operation with its variables checked, and its cost reserved.

        Raises:
            InputTooLarge: a string or a list in the variables is larger than its bound.
            OperationRefused: the variables are wrong.
            CostLimitExceeded | RateLimited: it costs too much in general, or for now.
        """
        operation = requested.operation
        # Before the variables are coerced, which is work too.
        price = operation.cost.of(requested.variables)
        charge = Charge(self._rate_limiter, context.caller, price, self.limits.cost)
        charge.reserve()
        try:
            variables = self._coerced(operation, requested.variables)
        except OperationRefused as refused:
            charge.refuse(refused)
            raise
        return Prepared(operation, variables, context, charge)

    def _find_by_body(self, body: bytes, context: CallerContext) -> Requested:
        """What a JSON body asks for; front ends send the same body over and over."""
        known = self._bodies.get(body)
        if known is not None:
            return Requested(self._operation(*known, context), {})
        parameters = from_body(body)
        requested = self.find(parameters, context)
        query = parameters.query
        if query is not None and not parameters.variables and not parameters.extensions:
            self._bodies.put(
                body,
                (query, parameters.operation_name),
                weight=_BODY_BYTES + len(body) + getsizeof(query),
            )
        return requested

    def _operation(self, text: str, name: str | None, context: CallerContext) -> Operation:
        def pay(points: int) -> None:
            if self._rate_limiter is None:
                return
            try:
                self._rate_limiter.spend(context.caller, points)
            except RateLimited as refused:
                price = Price(points, given=0)
                limit = self.limits.cost
                refused.cost = Charge(self._rate_limiter, context.caller, price, limit).report()
                raise

        return self._documents.get(text, pay).operation(name)

    def _coerced(self, operation: Operation, sent: Mapping[str, Any]) -> Variables:
        if not operation.node.variable_definitions:
            return _NO_VARIABLES
        values = self._variables.values(operation.node.variable_definitions, sent)
        if isinstance(values, list):
            errors = with_json_values(values, sent)
            if not self._documents.introspection:
                errors = [conceal_value_error(error) for error in errors]
            raise OperationRefused("BAD_USER_INPUT", errors)
        return Variables(sent, values)


def _is_bulk_import(operation: Operation) -> bool:
    """Whether it is a mutation of this one field."""
    selections = operation.node.selection_set.selections
    return (
        operation.kind is OperationType.MUTATION
        and [one.name.value for one in selections if isinstance(one, FieldNode)] == [BULK_IMPORT]
        and len(selections) == 1
    )
