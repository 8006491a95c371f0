"""Ships and closes orders: by the platform's calls, or in the ledger and by its pushes."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from gateway.mutation_progress import LOST_BEFORE, lost_before
from gateway.ports import Adapter, ReadOptions
from gateway.ports.writing.problems import InputRefused, Path
from gateway.services.directory import Directory
from gateway.services.orders import OrderService
from gateway.services.viewer import Viewer
from gateway.services.writing.order_results import OrderResult
from gateway.services.writing.orders import OrderWriting
from gateway.services.writing.record_change import OrderChangeRecorder
from gateway.services.writing.targets import Targets, target_key
from gateway.services.writing.write_result import (
    WriteResult,
    attempt,
    attempt_each,
    problem,
    read_back,
)
from schema.errors import ErrorCode, UserError
from schema.inputs.order import OrderShipInput
from schema.key import Key
from schema.order import Order

_SHIPPING: Final = "way to ship orders"
_CLOSING: Final = "way to close orders"
_ASK_ORDER: Final = (
    "read the order's `platformStatus` with Cache-Control: no-cache before you repeat it."
)
#: Calls of one mutation at once.
_ABREAST: Final = 8


@dataclass(frozen=True, slots=True)
class _Called:
    """An order that its platform's calls change."""

    key: Key
    adapter: Adapter


class Fulfilment:
    """Routes shipping and closing to the shops' ports, or to the ledger of those without.

    `now` returns unix seconds.
    """

    def __init__(
        self,
        directory: Directory,
        orders: OrderService,
        recorder: OrderChangeRecorder,
        order_writing: OrderWriting,
        now: Callable[[], float],
    ) -> None:
        self._targets = Targets(directory)
        self._orders = orders
        self._recorder = recorder
        self._order_writing = order_writing
        self._now = now

    async def ship(
        self, given: Mapping[Path, OrderShipInput], viewer: Viewer, reading: ReadOptions
    ) -> list[OrderResult]:
        """Ships orders, each with its own result; the keys are their paths in the input.

        The results have the orders as the platforms, or the ledger, have them afterwards.
        """
        results: dict[Path, OrderResult] = {}
        called: dict[Path, _Called] = {}
        in_ledger: dict[Path, OrderShipInput] = {}
        seen: set[Key] = set()
        for at, one in given.items():
            try:
                target = self._target(one.id, viewer, at, _SHIPPING, lambda a: a.ships_orders)
                if target.key in seen:
                    message = "An earlier entry is about the same order."
                    raise InputRefused.of(ErrorCode.CONFLICT, message, *at)
            except InputRefused as refused:
                results[at] = OrderResult(errors=list(refused.errors))
                continue
            seen.add(target.key)
            if target.adapter.ships_orders is None:
                in_ledger[at] = one
            else:
                called[at] = target
        if in_ledger:
            written = await self._order_writing.ship(in_ledger, viewer, reading)
            results |= zip(in_ledger, written, strict=True)

        async def write(at: Path) -> None:
            target, deadline = called[at], reading.deadline
            assert target.adapter.ships_orders is not None  # noqa: S101 - chosen for it
            await target.adapter.ships_orders.ship(target.key.platform_id, given[at], deadline)

        results |= await self._called(called, write, viewer, reading, results)
        return [results[at] for at in given]

    async def close(self, id_: str, viewer: Viewer, reading: ReadOptions) -> OrderResult:
        """Closes an order; the result's order is CLOSED."""
        at: Path = ()
        try:
            target = self._target(id_, viewer, at, _CLOSING, lambda a: a.closes_orders)
        except InputRefused as refused:
            return OrderResult(errors=list(refused.errors))
        port = target.adapter.closes_orders
        if port is None:
            return await self._order_writing.close(id_, viewer, reading)

        async def write(_: Path) -> None:
            await port.close(target.key.platform_id, reading.deadline)

        return (await self._called({at: target}, write, viewer, reading, {}))[at]

    def _target(
        self,
        id_: str,
        viewer: Viewer,
        at: Path,
        ability: str,
        port: Callable[[Adapter], object | None],
    ) -> _Called:
        """The order of an id, and its shop's adapter, which can do it or has a ledger of orders.

        Raises:
            InputRefused: there is no such shop, or no way to do it.
        """
        key = target_key(id_, "Order", *at, "id")

        def choose(adapter: Adapter) -> Adapter | None:
            able = port(adapter) is not None or adapter.accepts_orders is not None
            return adapter if able else None

        return _Called(key, self._targets.port(key.shop, viewer, choose, ability, *at, "id"))

    async def _called(
        self,
        targets: Mapping[Path, _Called],
        write: Callable[[Path], Awaitable[None]],
        viewer: Viewer,
        reading: ReadOptions,
        before: Mapping[Path, OrderResult],
    ) -> dict[Path, OrderResult]:
        """What the platforms' calls did; `before` are the results of other entries."""
        at_once = asyncio.Semaphore(_ABREAST)

        async def carried_out(at: Path, target: _Called) -> WriteResult[Order]:
            async with at_once:
                return await self._written(at, target.key, write, viewer, reading)

        works = {at: carried_out(at, target) for at, target in targets.items()}
        done = await attempt_each(works, done=any(one.order for one in before.values()))
        return {
            at: OrderResult(order=one.value, errors=one.errors, warnings=one.warnings)
            for at, one in done.items()
        }

    async def _written(
        self,
        at: Path,
        key: Key,
        write: Callable[[Path], Awaitable[None]],
        viewer: Viewer,
        reading: ReadOptions,
    ) -> WriteResult[Order]:
        if lost_before():
            return WriteResult(errors=[problem(ErrorCode.OUTCOME_UNKNOWN, LOST_BEFORE, at)])

        async def work() -> Key:
            try:
                await write(at)
            except InputRefused as refused:
                raise InputRefused(_below(at, error) for error in refused.errors) from None
            return key

        done = await attempt(work(), find_out=_ASK_ORDER, thing=(*at, "id"), at=at)
        if done.value is None:
            if any(error.code is ErrorCode.OUTCOME_UNKNOWN for error in done.errors):
                await self._recorder.look_again(key)
            return WriteResult(errors=done.errors)
        afresh, read_at = msgspec.structs.replace(reading, fresh=True), self._now()
        (found,) = await self._orders.get_many([done.value], viewer, afresh)
        if isinstance(found, Order):
            await self._recorder.record(found, read_at)
        elif isinstance(found, Exception):
            await self._recorder.look_again(key)
        return read_back(found, at)


def _below(at: Path, error: UserError) -> UserError:
    """The error of an entry, with its path in the whole input."""
    error.field = [*at, *(error.field or ())] or None
    return error
