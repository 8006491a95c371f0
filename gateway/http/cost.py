"""Compiles what an operation costs, in points, into a function of its variables."""

from collections.abc import Callable, Sequence
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

from gateway.http.cost_expression import Known, Moving, Term, Values, product, recall, total, where
from gateway.http.field_prices import FieldPrices
from gateway.http.query_limits import Fragments, innermost_first

#: Points, from the coerced variables.
Cost = Callable[[Values], int]


@dataclass(frozen=True, slots=True)
class _Part:
    """Cost of a selection: once, and for each element of the page that it is in."""

    once: Term = 0
    each: Term = 0


class CostCompiler:
    """Computes the costs of the operations of one validated document.

    A selection that occurs twice counts twice, fragments included; a fragment is computed once,
    however often it is spread.
    """

    def __init__(self, schema: GraphQLSchema, prices: FieldPrices, fragments: Fragments) -> None:
        self._schema = schema
        self._prices = prices
        self._parts: dict[str, _Part] = {}
        #: Those that depend on variables, innermost first.
        self._steps: list[tuple[str, Moving]] = []
        for name in innermost_first(fragments):
            self._parts[name] = self._fragment(name, fragments[name])

    def operation(self, node: OperationDefinitionNode) -> Cost:
        """The cost of one operation, as a function of its coerced variables."""
        root = self._schema.get_root_type(node.operation)
        points = total([1, self._selection(root, node.selection_set).once])
        if isinstance(points, int):
            return partial(_constant, points)
        return partial(_evaluate, tuple(self._steps), points)

    def _fragment(self, name: str, node: FragmentDefinitionNode) -> _Part:
        on = self._schema.get_type(node.type_condition.name.value)
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
        else:
            part = _Part()
        return _where_included(node, part)

    def _field(self, on: GraphQLNamedType | None, node: FieldNode) -> _Part:
        name = node.name.value
        place = f"{on.name}.{name}" if on else name
        extra = self._prices.extra.get(place, 0)
        definition: GraphQLField | None = getattr(on, "fields", {}).get(name)
        if definition is None:
            return _Part(once=extra)
        inner_type = get_named_type(definition.type)
        if not is_composite_type(inner_type) or node.selection_set is None:
            return _Part(once=extra)
        inner = self._selection(inner_type, node.selection_set)
        page = self._page(node) if "first" in definition.args else self._prices.page
        one = total([1, inner.once, product(page, inner.each)])
        if not _holds_list(definition):
            return _Part(once=total([extra, one]))
        if name in {"edges", "nodes"} and "pageInfo" in getattr(on, "fields", {}):
            return _Part(once=extra, each=one)
        if place in self._prices.counted_by:
            count = _length(_argument(node, self._prices.counted_by[place]))
            return _Part(once=product(count, total([extra, one])))
        size = self._prices.sizes.get(place, self._prices.size)
        return _Part(once=total([extra, product(size, one)]))

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
    return page if first is None else clamped(first)


def _length(value: ValueNode | None) -> Term:
    if isinstance(value, ListValueNode):
        return len(value.values)
    if isinstance(value, VariableNode):
        return partial(_variable_length, value.name.value)
    return 1


def _variable_length(name: str, values: Values, _known: Known) -> int:
    value = values.get(name)
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
