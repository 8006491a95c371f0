"""Compiles what an operation may cost into a function of its variables."""

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
    is_object_type,
    is_union_type,
)
from graphql.utilities import value_from_ast_untyped

from gateway.errors import InputTooLarge
from gateway.http.charge import Price
from gateway.http.cost_expression import (
    Known,
    Moving,
    Term,
    Values,
    largest,
    product,
    recall,
    total,
    where,
)
from gateway.http.field_prices import FieldPrices
from gateway.http.input_size import POINT, InputSize, InputSizes, Uses, check_values, shown
from gateway.http.query_limits import Fragments, innermost_first
from gateway.http.usage import ListSizes, holds_list, is_page_list

#: Thousandths of a point, from the variables.
Amount = Callable[[Values], int]


@dataclass(slots=True, eq=False)
class Cost:
    """The cost of an operation, from its variables as they were sent.

    `amount` is what the result may cost; `given` is what is used in any case, besides `inputs`: the
    operation, the literals of its document, and each entry that its mutations write. `inputs` are
    the measures of each variable at the places where it is used, `defaults` the values of variables
    that are omitted. `sizes` are those of lists, by which it was computed.
    """

    amount: Amount
    given: Amount
    inputs: Mapping[str, Sequence[InputSize]]
    defaults: Values
    sizes: ListSizes
    #: Whether the price depends on the sizes of lists alone; then the last one is kept.
    fixed: bool
    _last: Price | None = None
    _version: int = -1

    def of(self, sent: Values) -> Price:
        """The price of the operation with these variables, before they are coerced.

        Raises:
            InputTooLarge: a string or a list in them is larger than its bound.
        """
        if self._last is not None and self._version == self.sizes.version:
            return self._last
        values = {**self.defaults, **sent} if self.defaults else sent
        given = self.given(values)
        if self.inputs:
            given += check_values(self.inputs, values)
        price = Price((self.amount(values) + given) // POINT, given)
        if self.fixed:
            self._last, self._version = price, self.sizes.version
        return price


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
        known: ListSizes | None = None,
    ) -> None:
        self._schema = schema
        self._prices = prices
        self._sizes = sizes or InputSizes(schema)
        self._mutation = f"{schema.mutation_type}."
        self._known = known or ListSizes(prices.size)
        self._parts: dict[str, _Part] = {}
        #: The variables that each fragment uses, and those of the definition being read.
        self._uses_of: dict[str, Uses] = {}
        self._uses: Uses = {}
        #: What the literals of the document cost, and the entries that its mutations write.
        self._given: list[Term] = []
        #: Those that depend on variables, innermost first.
        self._steps: list[tuple[str, Moving]] = []
        self._member_of = {
            name: condition
            for name, node in fragments.items()
            if is_object_type(schema.get_type(condition := node.type_condition.name.value))
        }
        for name in innermost_first(fragments):
            self._parts[name] = self._fragment(name, fragments[name])

    def operation(self, node: OperationDefinitionNode) -> Cost:
        """The cost of one operation, as a function of its variables."""
        root = self._schema.get_root_type(node.operation)
        self._uses = {}
        of_fragments = len(self._given)
        result = self._selection(root, node.selection_set).once
        given = total([POINT, *self._given])
        del self._given[of_fragments:]
        declared = {one.variable.name.value: one for one in node.variable_definitions or ()}
        inputs = {name: tuple(uses) for name, uses in self._uses.items() if name in declared}
        defaults = {
            name: value_from_ast_untyped(one.default_value)
            for name, one in declared.items()
            if one.default_value is not None
        }
        return Cost(
            self._amount(result),
            self._amount(given),
            inputs,
            defaults,
            self._known,
            fixed=not declared,
        )

    def _amount(self, term: Term) -> Amount:
        if isinstance(term, int):
            return partial(_constant, term)
        return partial(_evaluate, tuple(self._steps), term)

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
        #: Of a union, what each member has beside what all have, which is under "".
        parts: dict[str, list[_Part]] = {"": []}
        spread: set[str] = set()
        for node in selection_set.selections:
            if isinstance(node, FragmentSpreadNode):
                if node.name.value in spread and not node.directives:
                    continue
                spread.add(node.name.value)
            member = self._member(on, node)
            parts.setdefault(member, []).append(self._node(on, node))
        alike = parts.pop("")
        return _Part(
            total([*(part.once for part in alike), largest(_once(own) for own in parts.values())]),
            total(part.each for part in alike),
        )

    def _member(self, on: GraphQLNamedType | None, node: SelectionNode) -> str:
        """The member of a union that a selection is of; "": of any, or there is no union."""
        if not is_union_type(on) or isinstance(node, FieldNode):
            return ""
        if isinstance(node, FragmentSpreadNode):
            return self._member_of.get(node.name.value, "")
        condition = node.type_condition if isinstance(node, InlineFragmentNode) else None
        named = condition.name.value if condition else ""
        return named if is_object_type(self._schema.get_type(named)) else ""

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
        extra = self._prices.extra_of(place, mutates=place.startswith(self._mutation))
        if definition is None:
            return _Part(once=extra)
        self._given.append(self._arguments(definition, node))
        inner_type = get_named_type(definition.type)
        if not is_composite_type(inner_type) or node.selection_set is None:
            return _Part(once=extra)
        inner = self._selection(inner_type, node.selection_set)
        page = self._page(node) if "first" in definition.args else self._prices.page
        own = self._prices.of_object(inner_type)
        one = total([own, inner.once, product(page, inner.each)])
        if is_page_list(on, name):
            return _Part(once=extra, each=one)
        return _Part(once=self._objects(place, definition, node, one))

    def _objects(self, place: str, definition: GraphQLField, node: FieldNode, one: Term) -> Term:
        """A field with its objects, each of which costs `one`."""
        extra = self._prices.extra_of(place, mutates=place.startswith(self._mutation))
        many = holds_list(definition)
        if place not in self._prices.counted_by:
            return total([extra, product(self._size(place), one) if many else one])
        count = self._count(place, node)
        if many:
            return product(count, total([extra, one]))
        self._given.append(product(count, extra))
        return product(count, one)

    def _size(self, place: str) -> Term:
        assumed = self._prices.sizes.get(place)
        return partial(_known_size, self._known, place) if assumed is None else assumed

    def _arguments(self, definition: GraphQLField, node: FieldNode) -> int:
        """Thousandths of a point of the literals in a field's arguments."""
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
        return size

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
        # A resolver refuses both.
        value = _argument(node, "first") or _argument(node, "last")
        if isinstance(value, IntValueNode):
            return self._clamped(int(value.value))
        if isinstance(value, VariableNode):
            return partial(_variable_page, value.name.value, self._prices.page, self._clamped)
        return self._prices.page

    def _clamped(self, first: int) -> int:
        # A page size out of range is refused by its resolver, with a better message.
        return max(0, min(first, self._prices.max_page))


def _once(parts: Sequence[_Part]) -> Term:
    return total(part.once for part in parts)


def _constant(amount: int, _values: Values) -> int:
    return amount


def _evaluate(steps: Sequence[tuple[str, Moving]], amount: Moving, values: Values) -> int:
    known: Known = {}
    for name, step in steps:
        known[name] = step(values, known)
    return amount(values, known)


def _known_size(sizes: ListSizes, place: str, _values: Values, _known: Known) -> int:
    return sizes.of(place)


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
