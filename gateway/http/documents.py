"""Parses, checks and validates each document once, and caches the result."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from sys import getsizeof
from typing import Any, Final

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
)

from gateway.concurrency.lru_cache import LruCache
from gateway.errors import CostLimitExceeded, InputTooLarge
from gateway.http.cost import Cost, CostCompiler
from gateway.http.field_prices import FieldPrices
from gateway.http.input_size import InputSizes
from gateway.http.parsing import CHARACTERS_PER_TOKEN, count_tokens, parse_document, token_price
from gateway.http.query_limits import check_query_limits
from gateway.http.refusal import OperationRefused, without_nodes
from gateway.http.usage import ListSizes, UsageMeter
from gateway.http.validation import Validator
from gateway.tracing import traced

#: Bytes that a parsed document takes per token, with what its cost is computed from.
_BYTES_PER_TOKEN: Final = 450
#: Bytes that any entry takes, and each error of a refusal.
_BYTES_PER_ENTRY: Final = 1_000

#: Takes the points for parsing and validating a document; raises RateLimited.
Pay = Callable[[int], None]


@dataclass(slots=True, eq=False)
class Operation:
    """One operation of a valid document.

    `fragments` are those of its document. `cost` computes points from variables,
    `usage` from a result. `plans`
    is where an executor keeps what it compiled from the operation, as long as the document is
    cached; it reports their size by `grow`.
    """

    document: DocumentNode
    fragments: Mapping[str, FragmentDefinitionNode]
    node: OperationDefinitionNode
    cost: Cost
    usage: UsageMeter
    #: Counts bytes that are kept with the operation.
    grow: Callable[[int], None]
    plans: dict[str, Any] = field(default_factory=dict)
    #: Query, mutation or subscription; also as a word.
    kind: OperationType = field(init=False)
    kind_name: str = field(init=False)

    def __post_init__(self) -> None:
        self.kind = self.node.operation
        self.kind_name = self.kind.value

    @property
    def name(self) -> str | None:
        """The name that the document gives it."""
        return self.node.name.value if self.node.name else None


@dataclass(frozen=True, slots=True)
class Document:
    """A valid document; its operations by name, None for the one that has none."""

    operations: Mapping[str | None, Operation]

    def operation(self, name: str | None) -> Operation:
        """The operation of that name, or the only one.

        Raises:
            OperationRefused: it is unknown, or several could be meant.
        """
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        operation = self.operations.get(name)
        if operation is not None:
            return operation
        message = (
            "The document has several operations: name one in `operationName`"
            if name is None
            else "The document has no operation of the name in `operationName`"
        )
        raise OperationRefused("GRAPHQL_VALIDATION_FAILED", [GraphQLError(message)], status=400)


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why a document is refused, each time it is sent; holds no part of the document."""

    code: str
    errors: Sequence[GraphQLError]

    @property
    def bytes(self) -> int:
        """About the memory that it takes."""
        return sum(_BYTES_PER_ENTRY + getsizeof(error.message) for error in self.errors)


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """How large a document may be."""

    tokens: int
    depth: int
    aliases: int

    @property
    def characters(self) -> int:
        """Of its text, with comments and white space."""
        return self.tokens * CHARACTERS_PER_TOKEN


class Documents:
    """LRU cache of documents by their text, refused ones included.

    Bounded by the bytes of the texts, the parsed documents, the refusals, and what executors
    compile from them.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        limits: DocumentLimits,
        prices: FieldPrices,
        *,
        introspection: bool = True,
        max_bytes: int = 64_000_000,
    ) -> None:
        self._schema = schema
        self._limits = limits
        self._prices = prices
        self._inputs = InputSizes(schema)
        self._lists = ListSizes(prices.size)
        #: Whether clients may see the schema.
        self.introspection = introspection
        self._validator = Validator(schema, introspection=introspection)
        self._known: LruCache[str, Document | _Refusal] = LruCache(max_weight=max_bytes)

    @property
    def bytes(self) -> int:
        """About the memory that the cache takes."""
        return self._known.weight

    def get(self, text: str, pay: Pay) -> Document:
        """The document of this text.

        `pay` is called for a text that is not cached, before it is parsed: also if it is refused.

        Raises:
            OperationRefused: it is not GraphQL, too large, or invalid for the schema.
        """
        found = self._known.get(text)
        if found is None:
            found = self._paid(text, pay)
        if isinstance(found, _Refusal):
            raise OperationRefused(found.code, found.errors)
        return found

    def _paid(self, text: str, pay: Pay) -> Document | _Refusal:
        limits = self._limits
        if len(text) > limits.characters:
            raise OperationRefused(
                CostLimitExceeded.code,
                [
                    GraphQLError(
                        f"The document has {len(text)} characters; the limit is {limits.characters}"
                    )
                ],
            )
        # The parser takes as many comments as tokens.
        tokens = count_tokens(text, 2 * limits.tokens)
        pay(token_price(tokens))
        found = self._read(text)
        size = _BYTES_PER_ENTRY + getsizeof(text)
        size += found.bytes if isinstance(found, _Refusal) else tokens * _BYTES_PER_TOKEN
        self._known.put(text, found, weight=size)
        return found

    def _read(self, text: str) -> Document | _Refusal:
        try:
            with traced("GraphQL parse"):
                document = self._parsed(text)
            check_query_limits(
                document, max_depth=self._limits.depth, max_aliases=self._limits.aliases
            )
            with traced("GraphQL validate"):
                errors = self._validator.errors(document)
        except GraphQLSyntaxError as error:
            return _Refusal("GRAPHQL_PARSE_FAILED", [without_nodes(error)])
        except CostLimitExceeded as error:
            return _Refusal(error.code, [GraphQLError(error.message)])
        if errors:
            return _Refusal("GRAPHQL_VALIDATION_FAILED", errors)
        try:
            return self._compiled(text, document)
        except InputTooLarge as error:
            return _Refusal(error.code, [GraphQLError(error.message, extensions=error.details)])

    def _parsed(self, text: str) -> DocumentNode:
        tokens = self._limits.tokens
        try:
            return parse_document(text, max_tokens=tokens)
        except GraphQLSyntaxError as error:
            # The parser has no error of its own for this.
            if f"more than {tokens} " in error.message:
                raise CostLimitExceeded(
                    f"The document has more than {tokens} tokens, which is the limit"
                ) from None
            raise

    def _compiled(self, text: str, document: DocumentNode) -> Document:
        fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        compiler = CostCompiler(self._schema, self._prices, fragments, self._inputs, self._lists)
        grow = partial(self._known.grow, text)
        operations = {}
        for node in document.definitions:
            if isinstance(node, OperationDefinitionNode):
                usage = UsageMeter(self._schema, self._prices, self._lists, node, fragments, grow)
                cost = compiler.operation(node)
                operation = Operation(document, fragments, node, cost, usage, grow)
                operations[operation.name] = operation
        return Document(operations)
