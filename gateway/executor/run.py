"""One execution of a compiled plan: its queues of keys and its pending values."""

from asyncio import FIRST_EXCEPTION, Task, create_task, current_task, gather, iscoroutine, wait
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from types import GeneratorType
from typing import Any

from graphql import ExecutionResult, GraphQLResolveInfo, Undefined, located_error
from graphql.execution import Executor as CoreExecution
from graphql.execution.values import get_argument_values
from graphql.pyutils import Path

from gateway.concurrency.time_slice import TimeSlice
from gateway.executor.plan import FieldPlan, Indexes, SelectedType
from gateway.executor.program import PENDING, Bubble, CompiledPlan, Slot

#: A key, the dict that its value goes to, and the indexes of that place.
_Row = tuple[Any, dict[str, Any], Indexes]
#: An awaitable, and the place of its value, if it has one.
_Work = tuple[Path | None, Coroutine[Any, Any, None]]
#: Results of a loader that are completed before the time is looked at.
_ROWS = 64
#: Most classes remembered for the values of one scalar.
_MOST_CLASSES = 64


@dataclass(frozen=True, slots=True, eq=False)
class _Unfinished:
    """A list that is completed up to some item; `step` completes more, and says if any are left."""

    position: SelectedType
    indexes: Indexes
    path: Path
    step: Callable[[], bool]


@dataclass(frozen=True, slots=True, eq=False)
class _Awaited:
    """A pending value; `completed`: graphql-core completes it."""

    position: SelectedType
    indexes: Indexes
    path: Path
    awaitable: Awaitable[Any]
    completed: bool


class Run:
    """One execution.

    The functions of the plan build what can be built at once, and leave the rest in `queues`
    (relations, by slot) or by `call` and `slow` (awaitables). `finish` awaits it level by level.
    `core` is graphql-core's execution of the same operation: it completes whatever is not as the
    plan expects, and keeps the errors.
    """

    def __init__(self, program: CompiledPlan, core: CoreExecution[Any], slices: TimeSlice) -> None:
        self._core = core
        self._slices = slices
        self.is_late = slices.is_over
        self._context = core.context_value
        self._errors = core.collected_errors
        self._is_awaitable = core.is_awaitable
        self._slots = program.slots
        self._arguments: dict[FieldPlan, dict[str, Any] | Exception] = {}
        self._awaited: list[_Awaited] = []
        self._unfinished: list[_Unfinished] = []
        self._branches: dict[Task[None], Path | None] = {}
        self._data: dict[str, Any] | None = None
        #: Whether the guards were granted; by number.
        self.granted = [False] * program.guards
        #: The rows of each slot that wait for its loader: key, the dict to fill, indexes.
        self.queues: list[list[_Row]] = [[] for _ in program.slots]
        #: Adds an object to those of which a counted guard was not null.
        self.reveal = core.context_value.revealed.append if program.counts else None
        #: Counts values that two places of the response cannot share.
        self.marks = [0]
        self._root, completers, self._fills = program.bind(self)
        self._completers: dict[SelectedType, Callable[[Any, Indexes], Any]] = dict(
            zip(program.awaited, completers, strict=True)
        )

    def start(self) -> ExecutionResult | Coroutine[Any, Any, ExecutionResult]:
        """Data and errors; not awaitable if nothing is pending."""
        try:
            self._data = self._root(self._core.root_value, None)
        except Bubble as bubble:
            self._errors.add(bubble.error, None)
            self._drop()
        if self._awaited or self._unfinished or any(self.queues):
            return self._later()
        return self._result()

    async def _later(self) -> ExecutionResult:
        try:
            await self._finish()
        finally:
            self._dispose()
        return self._result()

    def _result(self) -> ExecutionResult:
        # Break reference cycles between functions, run and execution: the context and all loaded
        # objects would have to wait for the garbage collector.
        self._root, self._fills, self._completers = None, (), {}
        if not self._core.background_futures:
            del self._core.async_helpers
        return ExecutionResult(self._data, self._errors.errors or None)

    # Called by the functions of the plan.

    def call(self, field: FieldPlan, source: Any, indexes: Indexes) -> Any:
        """The result of the field's resolver: a value, `PENDING`, or the exception it raised."""
        position = field.position
        path = position.path(indexes)
        info = self._info(field, path)
        try:
            if field.direct is not None:
                value = field.direct(source, info)
            else:
                resolve = field.definition.resolve or self._core.field_resolver
                value = resolve(source, info, **self._arguments_of(field))
        except Exception as error:  # noqa: BLE001 - becomes an error of the field
            return error
        if self._is_awaitable(value):
            self.marks[0] += 1
            self._awaited.append(_Awaited(position, indexes, path, value, completed=False))
            return PENDING
        return value

    def slow(self, position: SelectedType, value: Any, indexes: Indexes) -> Any:
        """Complete a value as graphql-core does; None for now if it has to be awaited."""
        if self._is_awaitable(value):
            self.marks[0] += 1
            path = position.path(indexes)
            self._awaited.append(_Awaited(position, indexes, path, value, completed=False))
            return None
        return self._careful(position, value, indexes)

    def learn(
        self, classes: set[type], position: SelectedType, value: Any, indexes: Indexes
    ) -> Any:
        """The same for a scalar; values of its class are then written directly."""
        special = value is Undefined or isinstance(value, Exception | GeneratorType)
        if not special and not self._is_awaitable(value) and len(classes) < _MOST_CLASSES:
            classes.add(value.__class__)
        return self.slow(position, value, indexes)

    def defer(
        self,
        step: Callable[[list[Any], list[Any], Indexes], bool],
        items: tuple[list[Any], list[Any]],
        position: SelectedType,
        indexes: Indexes,
    ) -> None:
        """Complete the rest of a list later: the loop has to run something else."""
        self.marks[0] += 1
        path = position.path(indexes)
        self._unfinished.append(
            _Unfinished(position, indexes, path, partial(step, *items, indexes))
        )

    def absorb(self, position: SelectedType, bubble: Bubble, indexes: Indexes) -> None:
        """A propagating null reaches a nullable place."""
        self._errors.add(bubble.error, position.path(indexes))

    def bubble(self, position: SelectedType, indexes: Indexes, bubble: Bubble) -> None:
        """Set the nearest nullable place above to null."""
        path: Path | None = position.path(indexes)
        above: SelectedType | None = position
        while above is not None and not above.nullable:
            above = above.parent
            path = path.prev if path is not None else None
        self._errors.add(bubble.error, path)
        self._put(path, None)
        self._prune()

    def ask(self, number: int, field: FieldPlan, scopes: tuple[Any, ...], indexes: Indexes) -> bool:
        """Whether the caller has the scopes; a refusal with a reason becomes an error."""
        try:
            granted: bool = self._context.permits(field.nodes[0], scopes)
        except Exception as raw:  # noqa: BLE001 - becomes an error of the field
            self.marks[0] += 1
            self._failed(field.position, field.position.path(indexes), raw)
            return False
        self.granted[number] = granted
        return granted

    def admit(self, value: Any) -> bool:
        """Whether the value can have fields."""
        return not (
            value is None
            or value is Undefined
            or isinstance(value, Exception)
            or self._is_awaitable(value)
        )

    @staticmethod
    def read(source: Any, names: tuple[str, ...]) -> list[Any]:
        """Attributes, with an exception in the place of each that cannot be read."""
        return [_attribute(source, name) for name in names]

    # Fields as graphql-core represents them.

    def _info(self, field: FieldPlan, path: Path) -> GraphQLResolveInfo[Any]:
        return self._core.build_resolve_info(field.definition, field.nodes, field.parent_type, path)

    def _arguments_of(self, field: FieldPlan) -> dict[str, Any]:
        if field.arguments is not None:
            return field.arguments
        known = self._arguments.get(field)
        if known is None:
            known = self._arguments[field] = self._read_arguments(field)
        if isinstance(known, Exception):
            raise known
        return known

    def _read_arguments(self, field: FieldPlan) -> dict[str, Any] | Exception:
        node = field.nodes[0]
        try:
            return get_argument_values(
                field.definition,
                node,
                self._core.variable_values,
                None,
                self._core.hide_suggestions,
            )
        except Exception as error:  # noqa: BLE001 - an error of each place the field is in
            return error

    def _careful(self, position: SelectedType, value: Any, indexes: Indexes) -> Any:
        self.marks[0] += 1
        path = position.path(indexes)
        field, around = position.of_field(indexes)
        info = self._info(field, field.position.path(around))
        try:
            completed = self._core.complete_value(
                position.type, field.details, info, path, value, None
            )
        except Exception as raw:  # noqa: BLE001 - becomes an error of the field
            self._failed(position, path, raw)
            return None
        if self._is_awaitable(completed):
            self._awaited.append(_Awaited(position, indexes, path, completed, completed=True))
            return None
        return completed

    def _failed(self, position: SelectedType, path: Path, raw: Exception) -> None:
        field, _ = position.of_field()
        error = located_error(raw, field.nodes, path.as_list())
        if not position.nullable:
            raise Bubble(error)
        self._errors.add(error, path)

    # Pending values.

    async def _finish(self) -> None:
        while work := self._take():
            if len(work) == 1:
                await work[0][1]
            else:
                await self._branch(work)

    async def _branch(self, work: list[_Work]) -> None:
        """Await all branches; none waits for another."""
        branches = {create_task(self._and_below(each)): path for path, each in work}
        self._branches.update(branches)
        try:
            done, _ = await wait(branches, return_when=FIRST_EXCEPTION)
            for each in done:
                if not each.cancelled():
                    each.result()
        finally:
            await self._end(branches)

    async def _end(self, branches: Iterable[Task[None]]) -> None:
        left = [branch for branch in branches if branch.cancel()]
        if left:
            await gather(*left, return_exceptions=True)
        for branch in branches:
            del self._branches[branch]

    async def _and_below(self, work: Coroutine[Any, Any, None]) -> None:
        await work
        await self._finish()

    def _prune(self) -> None:
        """Cancel the branches that are below a null now."""
        current = current_task()
        for branch, path in self._branches.items():
            if branch is not current and self._errors.has_nulled_position(path):
                # Later: a task that has not started cannot clean up.
                branch.get_loop().call_soon(branch.cancel)

    def _take(self) -> list[_Work]:
        if self._errors.errors:
            self._drop()
        awaited, self._awaited = self._awaited, []
        work: list[_Work] = [(each.path, self._settle(each)) for each in awaited]
        unfinished, self._unfinished = self._unfinished, []
        work.extend((each.path, self._continue(each)) for each in unfinished)
        asked: dict[str, list[tuple[int, list[_Row]]]] = {}
        for number, queue in enumerate(self.queues):
            if queue:
                asked.setdefault(self._slots[number].loader, []).append((number, queue[:]))
                queue.clear()
        work.extend((None, self._load(loader, rows)) for loader, rows in asked.items())
        return work

    def _drop(self) -> None:
        """Load nothing for places below a null; running loads end by themselves."""
        nulled = self._errors.has_nulled_position
        dropped = [each for each in self._awaited if nulled(each.path)]
        if dropped:
            self._awaited = [each for each in self._awaited if not nulled(each.path)]
            self._core.settle_in_background([each.awaitable for each in dropped])
        self._unfinished = [each for each in self._unfinished if not nulled(each.path)]
        for slot, queue in zip(self._slots, self.queues, strict=True):
            queue[:] = [row for row in queue if not nulled(slot.field.position.path(row[2]))]

    async def _load(self, loader: str, asked: list[tuple[int, list[_Row]]]) -> None:
        keys = [row[0] for _, rows in asked for row in rows]
        loads = getattr(self._context.loaders, loader)
        try:
            values = await loads.fetch(keys)
        except Exception as error:  # noqa: BLE001 - becomes an error of each field
            values = [error] * len(keys)
        start = 0
        for number, rows in asked:
            end = start + len(rows)
            await self._fill(number, rows, values[start:end])
            start = end
        if loads.stale:
            self._note_stale(loads.stale, asked)

    async def _fill(self, number: int, rows: list[_Row], values: list[Any]) -> None:
        for start in range(0, len(rows), _ROWS):
            if start and self.is_late():
                await self._slices.next()
            end = start + _ROWS
            self._fills[number](rows[start:end], values[start:end])

    async def _continue(self, unfinished: _Unfinished) -> None:
        try:
            more = True
            while more:
                await self._slices.next()
                more = unfinished.step()
        except Bubble as bubble:
            self.bubble(unfinished.position, unfinished.indexes, bubble)

    def _note_stale(self, stale: Mapping[Any, Any], asked: list[tuple[int, list[_Row]]]) -> None:
        for number, rows in asked:
            position = self._slots[number].field.position
            for key, _, indexes in rows:
                if key in stale:
                    self._context.note_stale(position.path(indexes), stale[key])

    async def _settle(self, awaited: _Awaited) -> None:
        position, indexes, path = awaited.position, awaited.indexes, awaited.path
        try:
            try:
                value = await awaited.awaitable
            except Exception as raw:  # noqa: BLE001 - becomes an error of the field
                self._failed(position, path, raw)
                value = None
            else:
                if not awaited.completed:
                    value = self._completed(position, value, indexes)
        except Bubble as bubble:
            self.bubble(position, indexes, bubble)
        else:
            self._put(path, value)

    def _completed(self, position: SelectedType, value: Any, indexes: Indexes) -> Any:
        completer = self._completers.get(position)
        # A result that is still awaitable is not awaited again.
        if completer is None or self._is_awaitable(value):
            return self._careful(position, value, indexes)
        return completer(value, indexes)

    def _put(self, path: Path | None, value: Any) -> None:
        if path is None:
            self._data = value
            return
        container = self._at(path.prev)
        if container is not None:
            container[path.key] = value

    def _at(self, path: Path | None) -> Any:
        """The value there; None if there is a null above."""
        if path is None:
            return self._data
        above = self._at(path.prev)
        return None if above is None else above[path.key]

    def _dispose(self) -> None:
        """Close coroutines that were never awaited."""
        for awaited in self._awaited:
            if iscoroutine(awaited.awaitable):
                awaited.awaitable.close()


def _attribute(source: Any, name: str) -> Any:
    try:
        return getattr(source, name)
    except Exception as error:  # noqa: BLE001 - the value's check finds it
        return error


__all__ = ["Run", "Slot"]
