"""Parses, checks and validates each document once, and caches the result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
    validate,
)

from gateway.concurrency.lru_cache import LruCache
from gateway.errors import CostLimitExceeded, InputTooLarge
from gateway.http.cost import Cost, CostCompiler
from gateway.http.field_prices import FieldPrices
from gateway.http.input_size import InputSizes
from gateway.http.query_limits import check_query_limits
from gateway.http.refusal import OperationRefused

#: Errors reported for one document; more would only make the response long.
_MAX_ERRORS: Final = 20
#: About ten characters per token of the largest document; comments and strings take more.
_CHARACTERS_PER_TOKEN: Final = 20


@dataclass(slots=True, eq=False)
class Operation:
    """One operation of a valid document.

    `fragments` are those of its document. `cost` computes points from variables. `plans`
    is where an executor keeps what it compiled from the operation, as long as the document is
    cached.
    """

    document: DocumentNode
    fragments: Mapping[str, FragmentDefinitionNode]
    node: OperationDefinitionNode
    cost: Cost
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
    """Why a document is refused, each time it is sent."""

    code: str
    errors: Sequence[GraphQLError]


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """How large a document may be."""

    tokens: int
    depth: int
    aliases: int

    @property
    def characters(self) -> int:
        """Of its text, with comments and white space."""
        return self.tokens * _CHARACTERS_PER_TOKEN


class Documents:
    """LRU cache of documents by their text, refused ones included.

    Bounded by `remembered` documents, and by the characters of their text: a parsed document
    takes about fifty bytes per character.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        limits: DocumentLimits,
        prices: FieldPrices,
        *,
        introspection: bool = True,
        remembered: int = 1_000,
        remembered_characters: int = 1_000_000,
    ) -> None:
        self._schema = schema
        self._limits = limits
        self._prices = prices
        self._sizes = InputSizes(schema)
        self._introspection = introspection
        self._rules = list(specified_rules)
        if not introspection:
            self._rules.append(NoSchemaIntrospectionCustomRule)
        self._known: LruCache[str, Document | _Refusal] = LruCache(
            max_entries=remembered, max_weight=remembered_characters
        )

    def get(self, text: str) -> Document:
        """The document of this text.

        Raises:
            OperationRefused: it is not GraphQL, too large, or invalid for the schema.
        """
        found = self._known.get(text)
        if found is None:
            found = self._read(text)
            if len(text) <= self._limits.characters:
                self._known.put(text, found, weight=len(text))
        if isinstance(found, _Refusal):
            raise OperationRefused(found.code, found.errors)
        return found

    def _read(self, text: str) -> Document | _Refusal:
        try:
            document = self._parsed(text)
            check_query_limits(
                document, max_depth=self._limits.depth, max_aliases=self._limits.aliases
            )
        except GraphQLSyntaxError as error:
            return _Refusal("GRAPHQL_PARSE_FAILED", [error])
        except CostLimitExceeded as error:
            return _Refusal(error.code, [GraphQLError(error.message)])
        errors = validate(
            self._schema,
            document,
            self._rules,
            max_errors=_MAX_ERRORS,
            hide_suggestions=not self._introspection,
        )
        if errors:
            return _Refusal("GRAPHQL_VALIDATION_FAILED", errors)
        try:
            return self._compiled(document)
        except InputTooLarge as error:
            return _Refusal(error.code, [GraphQLError(error.message, extensions=error.details)])

    def _parsed(self, text: str) -> DocumentNode:
        tokens, characters = self._limits.tokens, self._limits.characters
        if len(text) > characters:
            raise CostLimitExceeded(
                f"The document has {len(text)} characters; the limit is {characters}"
            )
        try:
            return parse(text, max_lexical_tokens=tokens, max_comments=tokens)
        except GraphQLSyntaxError as error:
            # The parser has no error of its own for this.
            if f"more than {tokens} " in error.message:
                raise CostLimitExceeded(
                    f"The document has more than {tokens} tokens, which is the limit"
                ) from None
            raise

    def _compiled(self, document: DocumentNode) -> Document:
        fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        compiler = CostCompiler(self._schema, self._prices, fragments, self._sizes)
        operations = {}
        for node in document.definitions:
            if isinstance(node, OperationDefinitionNode):
                operation = Operation(document, fragments, node, compiler.operation(node))
                operations[operation.name] = operation
        return Document(operations)
