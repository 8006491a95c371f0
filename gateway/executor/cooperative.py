"""graphql-core's execution, which yields to the event loop within long lists."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from graphql import (
    FragmentDefinitionNode,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    get_named_type,
    is_leaf_type,
)
from graphql.execution import Executor, default_field_resolver, default_type_resolver
from graphql.execution.collect_fields import FieldDetailsList, FragmentDetails
from graphql.execution.values import VariableValues
from graphql.pyutils import Path, gather_with_cancel

from gateway.concurrency.time_slice import TimeSlice


class CooperativeExecution(Executor[Any]):
    """An execution that completes a list of objects in time slices."""

    slices: TimeSlice

    def complete_iterable_value(
        self,
        item_type: GraphQLOutputType,
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[Any],
        path: Path,
        items: Iterable[Any],
        position_context: Any,
    ) -> Any:
        """The values of a list; awaitable if an item is, or the time slice ends before the list."""
        if is_leaf_type(get_named_type(item_type)) or not isinstance(items, list | tuple):
            return super().complete_iterable_value(
                item_type, field_details_list, info, path, items, position_context
            )
        work = _Items(
            self, (item_type, field_details_list, info), path, iter(items), position_context
        )
        done = work.advance()
        if done and not work.awaited:
            return work.results
        return work.finish(done=done)


class _Items:
    """The items of one list, as far as they are completed."""

    def __init__(
        self,
        execution: CooperativeExecution,
        place: tuple[GraphQLOutputType, FieldDetailsList, GraphQLResolveInfo[Any]],
        path: Path,
        items: Iterator[Any],
        position_context: Any,
    ) -> None:
        self._execution = execution
        self._place = place
        self._path = path
        self._items = items
        self._context = position_context
        self.results: list[Any] = []
        #: Indexes of results that are awaitable.
        self.awaited: list[int] = []

    def advance(self) -> bool:
        """Complete items until the time slice is over; whether all are."""
        execution, is_over = self._execution, self._execution.slices.is_over
        try:
            for item in self._items:
                index = len(self.results)
                path = self._path.add_key(index, None)
                if execution.is_awaitable(item):
                    self.results.append(
                        execution.complete_awaitable_list_item_value(
                            item, *self._place, path, self._context
                        )
                    )
                    self.awaited.append(index)
                elif execution.complete_list_item_value(
                    item, self.results, *self._place, path, self._context
                ):
                    self.awaited.append(index)
                if is_over():
                    return False
        except Exception:
            self._settle()
            raise
        return True

    async def finish(self, *, done: bool) -> list[Any]:
        """Complete the rest of the items, and await what is awaitable."""
        try:
            while not done:
                await self._execution.slices.next()
                done = self.advance()
        except BaseException:
            self._settle()
            raise
        values = await gather_with_cancel(*(self.results[index] for index in self.awaited))
        for index, value in zip(self.awaited, values, strict=True):
            self.results[index] = value
        return self.results

    def _settle(self) -> None:
        """Leave nothing that was never awaited."""
        left = [self.results[index] for index in self.awaited]
        left.extend(item for item in self._items if self._execution.is_awaitable(item))
        self.awaited.clear()
        if left:
            self._execution.settle_in_background(left)


def core_execution(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: tuple[dict[str, FragmentDefinitionNode], dict[str, FragmentDetails]],
    variables: VariableValues,
    context: Any,
    slices: TimeSlice,
) -> CooperativeExecution:
    """graphql-core's execution of a checked operation."""
    execution = CooperativeExecution(
        schema,
        *fragments,
        None,
        context,
        operation,
        variables,
        default_field_resolver,
        default_type_resolver,
        default_field_resolver,
        hide_suggestions=True,
    )
    execution.slices = slices
    return execution


def details_of(fragments: Mapping[str, FragmentDefinitionNode]) -> dict[str, FragmentDetails]:
    """The fragments as an execution wants them."""
    return {name: FragmentDetails(node) for name, node in fragments.items()}
