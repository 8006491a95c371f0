"""Compiles what an operation costs, in points, into a function of its variables."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from graphql import (
    BooleanValueNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_composite_type,
    is_list_type,
    is_non_null_type,
)
from graphql.utilities import value_from_ast_untyped

from gateway.errors import InputTooLarge
from gateway.http.cost_expression import Known, Moving, Term, Values, product, recall, total, where
from gateway.http.field_prices import FieldPrices
from gateway.http.input_size import POINT, InputSize, InputSizes, Uses, check_values, shown
from gateway.http.query_limits import Fragments, innermost_first

#: Points, from the variables.
Points = Callable[[Values], int]


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of an operation, from its variables as they were sent.

    `inputs` are the measures of each variable at the places where it is used, `defaults` the values
    of variables that are omitted.
    """

    points: Points
    inputs: Mapping[str, Sequence[InputSize]]
    defaults: Values

    def of(self, sent: Values) -> int:
        """Points of the operation with these variables, before they are coerced.

        Raises:
            InputTooLarge: a string or a list in them is larger than its bound.
        """
        if not self.inputs and not self.defaults:
            return self.points(sent)
        values = {**self.defaults, **sent} if self.defaults else sent
        size = check_values(self.inputs, values)
        return self.points(values) + size // POINT


@dataclass(frozen=True, slots=True)
class _Part:
    """Cost of a selection: once, and for each element of the page that it is in."""

    once: Term = 0
    each: Term = 0


class CostCompiler:
    """Computes the costs of the operations of one validated document.

    A selection that occurs twice counts twice, fragments included; a fragment is computed once,
    however often it is spread. The literals of the document are checked and counted here, its
    variables by the `Cost`.

    Raises:
        InputTooLarge: from all methods: a string or a list in the document is over its bound.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        prices: FieldPrices,
        fragments: Fragments,
        sizes: InputSizes | None = None,
    ) -> None:
        self._schema = schema
        self._prices = prices
        self._sizes = sizes or InputSizes(schema)
        self._parts: dict[str, _Part] = {}
        #: The variables that each fragment uses, and those of the definition being read.
        self._uses_of: dict[str, Uses] = {}
        self._uses: Uses = {}
        #: Those that depend on variables, innermost first.
        self._steps: list[tuple[str, Moving]] = []
        for name in innermost_first(fragments):
            self._parts[name] = self._fragment(name, fragments[name])

    def operation(self, node: OperationDefinitionNode) -> Cost:
        """The cost of one operation, as a function of its variables."""
        root = self._schema.get_root_type(node.operation)
        self._uses = {}
        points = total([1, self._selection(root, node.selection_set).once])
        declared = {one.variable.name.value: one for one in node.variable_definitions or ()}
        inputs = {name: tuple(uses) for name, uses in self._uses.items() if name in declared}
        defaults = {
            name: value_from_ast_untyped(one.default_value)
            for name, one in declared.items()
            if one.default_value is not None
        }
        if isinstance(points, int):
            return Cost(partial(_constant, points), inputs, defaults)
        return Cost(partial(_evaluate, tuple(self._steps), points), inputs, defaults)

    def _fragment(self, name: str, node: FragmentDefinitionNode) -> _Part:
        on = self._schema.get_type(node.type_condition.name.value)
        self._uses = self._uses_of[name] = {}
        part = self._selection(on, node.selection_set)
        return _Part(self._step(name, part.once), self._step(f"{name}[]", part.each))

    def _step(self, name: str, amount: Term) -> Term:
        if isinstance(amount, int):
            return amount
        self._steps.append((name, amount))
        return recall(name)

    def _selection(self, on: GraphQLNamedType | None, selection_set: SelectionSetNode) -> _Part:
        parts: list[_Part] = []
        spread: set[str] = set()
        for node in selection_set.selections:
            if isinstance(node, FragmentSpreadNode):
                if node.name.value in spread and not node.directives:
                    continue
                spread.add(node.name.value)
            parts.append(self._node(on, node))
        return _Part(total(part.once for part in parts), total(part.each for part in parts))

    def _node(self, on: GraphQLNamedType | None, node: SelectionNode) -> _Part:
        if isinstance(node, FieldNode):
            part = self._field(on, node)
        elif isinstance(node, InlineFragmentNode):
            condition = node.type_condition
            inside = self._schema.get_type(condition.name.value) if condition else on
            part = self._selection(inside, node.selection_set)
        elif isinstance(node, FragmentSpreadNode):
            part = self._parts.get(node.name.value, _Part())
            for variable, uses in self._uses_of.get(node.name.value, {}).items():
                self._uses.setdefault(variable, set()).update(uses)
        else:
            part = _Part()
        return _where_included(node, part)

    def _field(self, on: GraphQLNamedType | None, node: FieldNode) -> _Part:
        name = node.name.value
        place = f"{on.name}.{name}" if on else name
        definition: GraphQLField | None = getattr(on, "fields", {}).get(name)
        if definition is None:
            return _Part(once=self._prices.extra.get(place, 0))
        extra, given = self._extra(on, place), self._arguments(definition, node)
        inner_type = get_named_type(definition.type)
        if not is_composite_type(inner_type) or node.selection_set is None:
            return _Part(once=extra + given)
        inner = self._selection(inner_type, node.selection_set)
        page = self._page(node) if "first" in definition.args else self._prices.page
        one = total([1, inner.once, product(page, inner.each)])
        if place in self._prices.counted_by:
            count = self._count(place, node)
            return _Part(once=total([given, product(count, total([extra, one]))]))
        if not _holds_list(definition):
            return _Part(once=total([extra, given, one]))
        if name in {"edges", "nodes"} and "pageInfo" in getattr(on, "fields", {}):
            return _Part(once=extra + given, each=one)
        size = self._prices.sizes.get(place, self._prices.size)
        return _Part(once=total([extra, given, product(size, one)]))

    def _extra(self, on: GraphQLNamedType | None, place: str) -> int:
        default = self._prices.mutation if on is self._schema.mutation_type else 0
        return self._prices.extra.get(place, default)

    def _arguments(self, definition: GraphQLField, node: FieldNode) -> int:
        """Points of the literals in a field's arguments."""
        size = 0
        for argument in node.arguments or ():
            name = argument.name.value
            given = definition.args.get(name)
            measure = self._sizes.of(given) if given is not None else None
            if measure is None:
                continue
            try:
                size += measure.of_literal(argument.value, self._uses)
            except InputTooLarge as refused:
                raise refused.inside(name).at(
                    f"`{shown(refused.path)}` of `{node.name.value}`"
                ) from None
        return size // POINT

    def _count(self, place: str, node: FieldNode) -> Term:
        """How many elements the argument has that a field is counted by."""
        name, *inner = self._prices.counted_by[place].split(".")
        value = _argument(node, name)
        while inner and isinstance(value, ObjectValueNode):
            following = inner.pop(0)
            value = next((f.value for f in value.fields if f.name.value == following), None)
        if isinstance(value, VariableNode):
            return partial(_variable_length, value.name.value, tuple(inner))
        return len(value.values) if isinstance(value, ListValueNode) else 1

    def _page(self, node: FieldNode) -> Term:
        value = _argument(node, "first")
        if isinstance(value, IntValueNode):
            return self._clamped(int(value.value))
        if isinstance(value, VariableNode):
            return partial(_variable_page, value.name.value, self._prices.page, self._clamped)
        return self._prices.page

    def _clamped(self, first: int) -> int:
        # A page size out of range is refused by its resolver, with a better message.
        return max(0, min(first, self._prices.max_page))


def _constant(points: int, _values: Values) -> int:
    return points


def _evaluate(steps: Sequence[tuple[str, Moving]], points: Moving, values: Values) -> int:
    known: Known = {}
    for name, step in steps:
        known[name] = step(values, known)
    return points(values, known)


def _holds_list(definition: GraphQLField) -> bool:
    outer = definition.type
    return is_list_type(outer.of_type if is_non_null_type(outer) else outer)


def _argument(node: FieldNode, name: str) -> ValueNode | None:
    return next((a.value for a in node.arguments or () if a.name.value == name), None)


def _variable_page(
    name: str, page: int, clamped: Callable[[int], int], values: Values, _known: Known
) -> int:
    first = values.get(name)
    # What is no integer is refused when it is coerced.
    return clamped(int(first)) if isinstance(first, int | float) else page


def _variable_length(name: str, inner: Sequence[str], values: Values, _known: Known) -> int:
    value = values.get(name)
    for key in inner:
        value = value.get(key) if isinstance(value, dict) else None
    return len(value) if isinstance(value, list) else 1


def _where_included(node: SelectionNode, part: _Part) -> _Part:
    for directive in node.directives or ():
        wanted = {"include": True, "skip": False}.get(directive.name.value)
        if wanted is None:
            continue
        condition = directive.arguments[0].value if directive.arguments else None
        if isinstance(condition, BooleanValueNode) and condition.value is not wanted:
            return _Part()
        if isinstance(condition, VariableNode):
            name = condition.name.value
            part = _Part(
                where(name, part.once, wanted=wanted), where(name, part.each, wanted=wanted)
            )
    return part
