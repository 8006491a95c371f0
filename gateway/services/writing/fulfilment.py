"""Ships, closes and changes orders: by the platform's calls, or in the ledger and its pushes."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec

from gateway.mutation_progress import LOST_BEFORE, keep_nothing, lost_before
from gateway.ports import Adapter, ReadOptions
from gateway.ports.writing.fulfilment import (
    AnnotatesOrders,
    AnswersAddressRequests,
    RepricesOrders,
)
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
from schema.inputs.order import OrderRepriceInput, OrderShipInput
from schema.key import Key
from schema.order import Order

_SHIPPING: Final = "way to ship orders"
_CLOSING: Final = "way to close orders"
_REPRICING: Final = "way to change the price of orders"
_NOTING: Final = "notes of the merchant on orders"
_ADDRESS_REQUESTS: Final = "requests of buyers for another address"
_REVEALING: Final = "masked addresses"
_ASK_ORDER: Final = (
    "read the order's `platformStatus` with Cache-Control: no-cache before you repeat it."
)
#: Calls of one mutation at once.
_ABREAST: Final = 8

Port = TypeVar("Port")


@dataclass(frozen=True, slots=True)
class _Called:
    """An order that its platform's calls change."""

    key: Key
    adapter: Adapter


class Fulfilment:
    """Routes changes of orders to the shops' ports; shipping and closing else to the ledger.

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

    async def reprice(
        self, given: OrderRepriceInput, viewer: Viewer, reading: ReadOptions
    ) -> OrderResult:
        """Lowers the prices of an order that is not paid yet."""

        async def write(port: RepricesOrders, order: str) -> None:
            await port.reprice(order, given, reading.deadline)

        return await self._changed(
            given.id, lambda a: a.reprices_orders, _REPRICING, write, viewer, reading
        )

    async def set_note(
        self, id_: str, note: str, viewer: Viewer, reading: ReadOptions
    ) -> OrderResult:
        """Replaces the merchant's note on an order."""

        async def write(port: AnnotatesOrders, order: str) -> None:
            await port.set_note(order, note, reading.deadline)

        return await self._changed(
            id_, lambda a: a.annotates_orders, _NOTING, write, viewer, reading
        )

    async def answer_address_request(
        self, id_: str, viewer: Viewer, reading: ReadOptions, *, accept: bool
    ) -> OrderResult:
        """Answers the buyer who asks for another address."""

        async def write(port: AnswersAddressRequests, order: str) -> None:
            await port.answer_address_request(order, reading.deadline, accept=accept)

        return await self._changed(
            id_, lambda a: a.answers_address_requests, _ADDRESS_REQUESTS, write, viewer, reading
        )

    async def reveal_address(self, id_: str, viewer: Viewer, reading: ReadOptions) -> OrderResult:
        """The order with its whole address, which is nowhere but in this result.

        A repetition of the mutation asks the platform again, so this leaves no step.
        """
        keep_nothing()
        try:
            key = target_key(id_, "Order", "id")
            port = self._targets.port(
                key.shop, viewer, lambda a: a.reveals_addresses, _REVEALING, "id"
            )
        except InputRefused as refused:
            return OrderResult(errors=list(refused.errors))
        revealed = await attempt(
            port.reveal(key.platform_id, reading.deadline), find_out=_ASK_ORDER
        )
        if revealed.value is None:
            return OrderResult(errors=revealed.errors)
        (found,) = await self._orders.get_many([key], viewer, reading)
        shown = read_back(found)
        if shown.value is None:
            return OrderResult(warnings=shown.warnings)
        # The order itself is shared with the cache and other readers, who get the masked address.
        order = copy(shown.value)
        order.shipping_address_data = revealed.value
        return OrderResult(order=order)

    async def _changed(
        self,
        id_: str,
        choose: Callable[[Adapter], Port | None],
        ability: str,
        write: Callable[[Port, str], Awaitable[None]],
        viewer: Viewer,
        reading: ReadOptions,
    ) -> OrderResult:
        """An order that a call of its platform changes; no ledger can."""
        try:
            key = target_key(id_, "Order", "id")
            port = self._targets.port(key.shop, viewer, choose, ability, "id")
        except InputRefused as refused:
            return OrderResult(errors=list(refused.errors))
        done = await self._written((), key, lambda _: write(port, key.platform_id), viewer, reading)
        return OrderResult(order=done.value, errors=done.errors, warnings=done.warnings)

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
