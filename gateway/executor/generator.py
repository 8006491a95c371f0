"""Generates Python functions from a plan, one for everything that can be read at once."""

from typing import Any, Final

from gateway.executor.code_writer import Writer, unusual, write_leaf
from gateway.executor.field_readers import Attribute, Guard, Method, Relation, Resolver, Typename
from gateway.executor.plan import (
    Choice,
    FieldPlan,
    Leaf,
    Many,
    Opaque,
    Record,
    SelectedType,
    Value,
    fields,
)
from gateway.executor.program import CompiledPlan, Slot, bind
from gateway.executor.strawberry_types import CAST

#: Attributes of a run that the functions use as local names.
_RUN: Final = (
    "absorb",
    "admit",
    "ask",
    "bubble",
    "call",
    "defer",
    "granted",
    "is_late",
    "learn",
    "marks",
    "read",
    "reveal",
    "slow",
)


class Generator:
    """Writes one plan; `known` is shared by all plans of a schema.

    `batch` items of a list are completed before the time is looked at.
    """

    def __init__(self, known: dict[str, set[type]], batch: int) -> None:
        self._batch = batch
        self._writer = Writer()
        self._known = known
        self._awaited: list[tuple[SelectedType, str]] = []
        self._slots: list[Slot] = []
        self._fills: list[str] = []
        self._guards = 0
        self._counts = False
        #: Whether the code being written builds an object that several places share.
        self._counting = False
        #: Whether the code being written is part of a list that is completed in time slices.
        self._sliced = False

    def program(self, root: Record) -> CompiledPlan:
        """The functions of the plan, compiled."""
        writer = self._writer
        with writer.function("root(v, p)"):
            self._body(root, "v", "p")
            writer.line("return v")
        first = [f"{name} = run.{name}" for name in _RUN]
        first += [f"q{i} = run.queues[{i}].append" for i in range(len(self._slots))]
        awaited = "".join(f"{name}, " for _, name in self._awaited)
        fills = "".join(f"{name}, " for name in self._fills)
        source = writer.source("bind(run)", first, f"return root, ({awaited}), ({fills})")
        program = CompiledPlan(
            root,
            source,
            writer.constants,
            [position for position, _ in self._awaited],
            self._slots,
            self._guards,
            self._counts,
        )
        program.bind = bind(compile(source, "<plan>", "exec"), writer.constants)
        return program

    # Values: each replaces the variable's value by that of the response.

    def _value(self, value: Value, var: str, indexes: str) -> None:
        if isinstance(value, Leaf):
            write_leaf(self._writer, value.position, var, indexes, self._known)
        elif isinstance(value, Opaque):
            self._careful(value.position, var, indexes)
        elif self._writer.deep:
            self._writer.line(f"{var} = {self._function(value)}({var}, {indexes})")
        else:
            self._absorbing(value, var, indexes)

    def _function(self, value: Value) -> str:
        name = self._writer.name("f")
        with self._writer.function(f"{name}(v, p)"):
            self._value(value, "v", "p")
            self._writer.line("return v")
        return name

    def _absorbing(self, value: Many | Record | Choice, var: str, indexes: str) -> None:
        """Absorbs a null from below if the value is nullable."""
        writer = self._writer
        if not value.position.nullable:
            self._composite(value, var, indexes)
            return
        with writer.block("try:"):
            self._composite(value, var, indexes)
        with writer.block("except Bubble as b:"):
            place = writer.constant("P", value.position)
            writer.line(f"{var} = absorb({place}, b, {indexes})")

    def _composite(self, value: Many | Record | Choice, var: str, indexes: str) -> None:
        if isinstance(value, Many):
            self._many(value, var, indexes)
        elif isinstance(value, Choice):
            self._choice(value, var, indexes)
        else:
            with self._writer.block(f"if {self._is_of(value, var)}:"):
                self._body(value, var, indexes)
            self._otherwise(value.position, var, indexes)

    def _is_of(self, record: Record, var: str) -> str:
        if record.python_class is None:
            return f"admit({var})"
        return f"{var}.__class__ is {self._writer.constant('C', record.python_class)}"

    def _otherwise(self, position: SelectedType, var: str, indexes: str) -> None:
        with self._writer.block(f"elif {var} is not None:" if position.nullable else "else:"):
            self._careful(position, var, indexes)

    def _careful(self, position: SelectedType, var: str, indexes: str) -> None:
        place = self._writer.constant("P", position)
        self._writer.line(f"{var} = slow({place}, {var}, {indexes})")

    def _choice(self, value: Choice, var: str, indexes: str) -> None:
        writer = self._writer
        cls = writer.name("c")
        writer.line(f"{cls} = None if hasattr({var}, {CAST!r}) else {var}.__class__")
        word = "if"
        for record in value.records:
            with writer.block(f"{word} {cls} is {writer.constant('C', record.python_class)}:"):
                self._body(record, var, indexes)
            word = "elif"
        if word == "if":
            self._careful(value.position, var, indexes)
        else:
            self._otherwise(value.position, var, indexes)

    def _many(self, value: Many, var: str, indexes: str) -> None:
        writer = self._writer
        with writer.block(f"if {var}.__class__ is list:"):
            if isinstance(value.item, Leaf) and unusual(value.item.position, "x"):
                self._leaves(value, var, indexes)
            else:
                self._items(value, var, indexes)
        self._otherwise(value.position, var, indexes)

    def _leaves(self, value: Many, var: str, indexes: str) -> None:
        """A list that is used as it is, unless one of its values is unusual."""
        writer, item = self._writer, self._writer.name("x")
        with writer.block(f"for {item} in {var}:"):  # noqa: SIM117 - one block in another
            with writer.block(f"if {unusual(value.item.position, item)}:"):
                self._careful(value.position, var, indexes)
                writer.line("break")
        with writer.block("else:"):
            writer.line(f"{var} = {var}[:]")

    def _items(self, value: Many, var: str, indexes: str) -> None:
        writer = self._writer
        out = writer.name("l")
        writer.line(f"{out} = []")
        if self._sliced:
            item = writer.name("x")
            with writer.block(f"for {item} in {var}:"):
                self._item(value, item, out, indexes)
        else:
            step = self._step(value)
            with writer.block(f"if {step}({var}, {out}, {indexes}):"):
                place = writer.constant("P", value.position)
                writer.line(f"defer({step}, ({var}, {out}), {place}, {indexes})")
        writer.line(f"{var} = {out}")

    def _step(self, value: Many) -> str:
        """A function that completes the next items, and answers whether any are left."""
        writer = self._writer
        name = writer.name("s")
        self._sliced = True
        with writer.function(f"{name}(v, l, p)"), writer.block("while True:"):
            with writer.block(f"for x in v[len(l) : len(l) + {self._batch}]:"):
                self._item(value, "x", "l", "p")
            writer.line("if len(l) >= len(v): return False")
            writer.line("if is_late(): return True")
        self._sliced = False
        return name

    def _item(self, value: Many, item: str, out: str, indexes: str) -> None:
        writer = self._writer
        within = f"({indexes}, len({out}))"
        if any(not isinstance(f.reading, Attribute | Method) for f in fields(value.item)):
            place = writer.name("p")
            writer.line(f"{place} = {within}")
            within = place
        self._value(value.item, item, within)
        writer.line(f"{out}.append({item})")

    # Objects: the values of their fields, and their dict.

    def _body(self, record: Record, var: str, indexes: str) -> None:
        writer = self._writer
        attributes = [f for f in record.fields if isinstance(f.reading, Attribute)]
        names = {id(f): writer.name("v") for f in record.fields}
        self._attributes(attributes, names, var)
        queued = [
            line
            for f in record.fields
            if (line := self._field(f, names[id(f)], var, indexes)) is not None
        ]
        self._count(record, names, var)
        shown = ", ".join(f"{f.key!r}: {_shown(f, names[id(f)])}" for f in record.fields)
        writer.line(f"{var} = {{{shown}}}")
        for key, slot in queued:
            with writer.block(f"if {key} is not None:"):
                writer.line(f"q{slot}(({key}, {var}, {indexes}))")
                if self._counting:
                    writer.line("marks[0] += 1")

    def _count(self, record: Record, names: dict[int, str], var: str) -> None:
        """Adds the object to those that were revealed, unless its counted fields are null."""
        counted = [
            f"{names[id(f)]} is not None"
            for f in record.fields
            if isinstance(f.reading, Guard) and f.reading.counted
        ]
        if counted:
            self._counts = True
            with self._writer.block(f"if {' or '.join(counted)}:"):
                self._writer.line(f"reveal({var})")

    def _attributes(self, plans: list[FieldPlan], names: dict[int, str], var: str) -> None:
        if not plans:
            return
        writer = self._writer
        reads = [(names[id(f)], f.reading.name) for f in plans if isinstance(f.reading, Attribute)]
        with writer.block("try:"):
            for name, attribute in reads:
                writer.line(f"{name} = {var}.{attribute}")
        with writer.block("except Exception:"):
            targets = "".join(f"{name}, " for name, _ in reads)
            wanted = tuple(attribute for _, attribute in reads)
            writer.line(f"{targets}= read({var}, {wanted!r})")

    def _field(self, plan: FieldPlan, name: str, var: str, indexes: str) -> tuple[str, int] | None:
        """One field's value; for a relation, the variable of its key and its slot."""
        reading = plan.reading
        if isinstance(reading, Relation):
            return self._relation(plan, reading, (name, var, indexes))
        if isinstance(reading, Resolver):
            self._resolver(plan, name, var, indexes)
        elif isinstance(reading, Guard):
            self._guard(plan, reading, (name, var, indexes))
        elif not isinstance(reading, Typename):
            if isinstance(reading, Method):
                function = self._writer.constant("M", reading.function)
                self._tried(name, [f"{name} = {function}({var})"])
            self._value(plan.value, name, indexes)
        return None

    def _tried(self, name: str, lines: list[str]) -> None:
        """An exception becomes the value, which the check of its class detects."""
        writer = self._writer
        with writer.block("try:"):
            for line in lines:
                writer.line(line)
        with writer.block("except Exception as e:"):
            writer.line(f"{name} = e")

    def _resolver(self, plan: FieldPlan, name: str, var: str, indexes: str) -> None:
        writer = self._writer
        # Its value may be awaited, and then is completed apart from the list around it.
        self._sliced, outer = False, self._sliced
        function = self._function(plan.value)
        self._sliced = outer
        self._awaited.append((plan.position, function))
        writer.line(f"{name} = call({writer.constant('F', plan)}, {var}, {indexes})")
        line = f"{name} = None if {name} is PENDING else {function}({name}, {indexes})"
        writer.line(line)

    def _guard(self, plan: FieldPlan, reading: Guard, at: tuple[str, str, str]) -> None:
        name, var, indexes = at
        writer = self._writer
        writer.line(f"{name} = None")
        with writer.block(f"if {self._permitted(plan, reading.scopes, indexes)}:"):
            self._tried(
                name,
                [
                    f"{name} = {var}.{reading.attribute}",
                    f"if callable({name}): {name} = {name}()",
                ],
            )
            self._value(plan.value, name, indexes)

    def _permitted(self, plan: FieldPlan, scopes: tuple[Any, ...], indexes: str) -> str:
        number = self._guards
        self._guards += 1
        needed = self._writer.constant("N", scopes)
        asked = f"ask({number}, {self._writer.constant('F', plan)}, {needed}, {indexes})"
        return f"granted[{number}] or {asked}"

    def _relation(
        self, plan: FieldPlan, reading: Relation, at: tuple[str, str, str]
    ) -> tuple[str, int]:
        name, _, indexes = at
        writer = self._writer
        key = writer.name("k")
        slot = self._slot(plan, reading)
        writer.line(f"{name} = {key} = None")
        if reading.needs:
            with writer.block(f"if {self._permitted(plan, reading.needs, indexes)}:"):
                self._related(plan, reading, at, key)
        else:
            self._related(plan, reading, at, key)
        return key, slot

    def _related(
        self, plan: FieldPlan, reading: Relation, at: tuple[str, str, str], key: str
    ) -> None:
        name, var, indexes = at
        writer = self._writer
        read_key = f"{key} = {var}.{reading.key}"
        if reading.unless is None:
            self._tried(name, [read_key])
        else:
            self._tried(
                name, [f"{name} = {var}.{reading.unless}", f"if {name} is None: {read_key}"]
            )
        with writer.block(f"if {name} is not None:"):
            if reading.unless is None:
                self._careful(plan.position, name, indexes)
            else:
                self._value(plan.value, name, indexes)
        if not plan.position.nullable:
            with writer.block(f"elif {key} is None:"):
                self._careful(plan.position, name, indexes)

    # Results of loaders.

    def _slot(self, plan: FieldPlan, reading: Relation) -> int:
        number = len(self._slots)
        self._slots.append(Slot(plan, reading.loader))
        name = self._writer.name("fill")
        self._fills.append(name)
        outer = self._counting, self._sliced
        self._counting = self._sliced = False
        with self._writer.function(f"{name}(entries, values)"):
            self._fill(plan)
        self._counting, self._sliced = outer
        return number

    def _fill(self, plan: FieldPlan) -> None:
        writer = self._writer
        below = list(fields(plan.value))
        shared = bool(below) and not any(isinstance(f.reading, Resolver) for f in below)
        writer.line("memo = {}")
        with writer.block("for (k, d, p), v in zip(entries, values):"):
            if plan.position.nullable:
                self._filled(plan, shared=shared)
                return
            with writer.block("try:"):
                self._filled(plan, shared=shared)
            with writer.block("except Bubble as b:"):
                writer.line(f"bubble({writer.constant('P', plan.position)}, p, b)")

    def _filled(self, plan: FieldPlan, *, shared: bool) -> None:
        """An object in several places is built once, if nothing in it is pending."""
        writer = self._writer
        if not shared:
            self._value(plan.value, "v", "p")
            writer.line(f"d[{plan.key!r}] = v")
            return
        writer.line("w = v")
        writer.line("v = memo.get(id(w))")
        with writer.block("if v is None:"):
            writer.line("v = w")
            writer.line("n = marks[0]")
            self._counting, outer = True, self._counting
            self._value(plan.value, "v", "p")
            self._counting = outer
            with writer.block("if marks[0] == n:"):
                writer.line("memo[id(w)] = v")
        writer.line(f"d[{plan.key!r}] = v")


def _shown(plan: FieldPlan, name: str) -> str:
    return repr(plan.parent_type.name) if isinstance(plan.reading, Typename) else name
