"""Validates documents in time that is linear in their tokens."""

from collections.abc import Iterable
from typing import Final

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    ValidationContext,
    specified_rules,
    visit,
)
from graphql.language import ParallelVisitor, Visitor
from graphql.validation import ASTValidationRule, OverlappingFieldsCanBeMergedRule
from graphql.validation.validate import (
    FragmentNestingVisitor,
    ValidationAbortedError,
    query_document_keys_to_validate,
)
from graphql.validation.validation_context import VariableUsage, VariableUsageVisitor

from gateway.errors import CostLimitExceeded
from gateway.http.concealed_schema import conceal_document_error
from gateway.http.refusal import without_nodes

_Definition = OperationDefinitionNode | FragmentDefinitionNode

#: Errors reported for one document; more would only make the response long.
_MAX_ERRORS: Final = 20
#: Errors with suggestions: finding one compares a name with all names of a type.
_MAX_SUGGESTIONS: Final = 5
#: Comparisons of fields that have the same name, in units of graphql-core's rule: for any
#: document, and for each token.
_COMPARISONS: Final = 3_000
_COMPARISONS_PER_TOKEN: Final = 25
#: Fragment spreads and usages of variables that are followed for each operation.
_SPREADS: Final = 1_000
_SPREADS_PER_TOKEN: Final = 6
#: A message may repeat a value of the document: characters of all messages together.
_MESSAGES: Final = 10_000


class Validator:
    """Validates documents for one schema.

    Args:
        introspection: without it a document must not introspect, and errors name nothing of the
            schema that the document does not name.
    """

    def __init__(self, schema: GraphQLSchema, *, introspection: bool = True) -> None:
        self._schema = schema
        self._introspection = introspection
        self._rules: list[type[ASTValidationRule]] = [
            _OverlappingFields if rule is OverlappingFieldsCanBeMergedRule else rule
            for rule in specified_rules
        ]
        if not introspection:
            self._rules.append(NoSchemaIntrospectionCustomRule)

    def errors(self, document: DocumentNode) -> list[GraphQLError]:
        """Why the document is invalid; empty if it is valid. They hold no part of the document.

        Raises:
            CostLimitExceeded: its fields and fragments overlap too often to be compared.
        """
        context = _Context(self._schema, document, suggestions=self._introspection)
        visitors: list[Visitor] = [rule(context) for rule in self._rules]
        fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        if fragments:
            visitors.insert(0, FragmentNestingVisitor(fragments))
        visitors.append(ParallelVisitor(visitors.copy()))
        visitors.append(TypeInfoVisitor(context.type_info, visitors[-1]))
        try:
            visit(document, visitors[-1], query_document_keys_to_validate)
        except _TooManyErrors:
            context.found.append(GraphQLError("Too many errors: validation was stopped"))
        except RecursionError:
            context.found.append(GraphQLError("The fragments are nested too deeply"))
        except ValidationAbortedError:
            raise CostLimitExceeded(
                "The fields of the document overlap too often: ask for each once"
            ) from None
        finally:
            errors = context.release(visitors)
        return errors


class _TooManyErrors(Exception):
    """Validation stops here."""


class _Context(ValidationContext):
    """The state of one validation: the errors found, and what work is left."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, *, suggestions: bool) -> None:
        self.found: list[GraphQLError] = []
        self.type_info = TypeInfo(schema)
        super().__init__(schema, document, self.type_info, self._found, not suggestions)
        self._remaining_fragment_work = _SPREADS + _SPREADS_PER_TOKEN * (document.token_count or 0)
        self._characters = _MESSAGES
        self._usages: dict[int, list[VariableUsage]] = {}
        self._spreads: dict[int, list[FragmentSpreadNode]] = {}

    @property
    def hide_suggestions(self) -> bool:
        """Whether the next error is to suggest names."""
        return self._hide_suggestions or len(self.found) >= _MAX_SUGGESTIONS

    def get_variable_usages(self, node: _Definition) -> list[VariableUsage]:
        """The variables in an operation or a fragment, without the fragments that it spreads."""
        # graphql-core's cache hashes the whole definition at each look-up.
        usages = self._usages.get(id(node))
        if usages is None:
            fragment = node if isinstance(node, FragmentDefinitionNode) else None
            visitor = VariableUsageVisitor(self.type_info, fragment)
            typed = TypeInfoVisitor(self.type_info, visitor)
            visit(node, typed)
            _release(visitor, typed)
            usages = self._usages[id(node)] = visitor.usages
        return usages

    def get_fragment_spreads(self, node: SelectionSetNode) -> list[FragmentSpreadNode]:
        """The fragments that a selection spreads, at any depth."""
        spreads = self._spreads.get(id(node))
        if spreads is None:
            spreads = self._spreads[id(node)] = super().get_fragment_spreads(node)
        return spreads

    def release(self, visitors: Iterable[Visitor]) -> list[GraphQLError]:
        """The errors; break the reference cycles, which would keep the document in memory."""
        _release(*visitors)
        self.on_error = _ignore  # type: ignore[assignment,method-assign] # as its constructor does
        errors = [without_nodes(error) for error in self.found]
        if self._hide_suggestions:
            errors = [conceal_document_error(error) for error in errors]
        self.found.clear()
        return errors

    def _found(self, error: GraphQLError) -> None:
        if len(self.found) >= _MAX_ERRORS or self._characters < 0:
            raise _TooManyErrors
        self._characters -= len(error.message)
        self.found.append(error)


class _OverlappingFields(OverlappingFieldsCanBeMergedRule):
    """The rule that compares fields of the same name, with a bound by the document's tokens."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self.rule_context.remaining_complexity_budget = _COMPARISONS + _COMPARISONS_PER_TOKEN * (
            context.document.token_count or 0
        )


def _ignore(_error: GraphQLError) -> None:
    """Report nothing: the validation has ended."""


def _release(*visitors: Visitor) -> None:
    """Each visitor keeps its own methods."""
    for visitor in visitors:
        visitor.enter_leave_map.clear()
