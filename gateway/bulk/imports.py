"""Handlers of bulk imports: lines of a file become orders and shipments, batch by batch."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import orjson

from gateway.bulk.order_lines import LineReader, ShipmentLine, platform_id_of
from gateway.bulk.reception import buyers_of
from gateway.bulk.worker import BulkFailed, BulkJob, BulkPostponed
from gateway.errors import GatewayError, LedgerUnreadable
from gateway.mutation_progress import queueing_for
from gateway.outbox.intake import BATCH
from gateway.outbox.outcomes import OrderOutcomes
from gateway.ports import ReadOptions
from gateway.ports.writing.problems import InputRefused, Path
from gateway.services import Services
from gateway.services.bulk_imports import ORDERS
from gateway.services.writing.orders import ShippedOrder
from gateway.store.bulk_operations import BulkProgress
from gateway.store.bulk_pieces import LineBuyer, PieceContent
from gateway.store.engine import Transaction
from gateway.store.store import Store
from schema.bulk_operation import BulkKind
from schema.errors import ErrorCode
from schema.inputs.order import OrderImportInput, OrderShipInput
from schema.key import Key
from schema.order import Order
from schema.scope import Scope

#: Calls of a platform at a time, where each order is shipped by a call.
_CALLS: Final = 8
#: Seconds that a platform may take for one order.
_CALL_SECONDS: Final = 20.0
#: What keeps a line from being done only for now.
_LATER: Final = (ErrorCode.PLATFORM_UNAVAILABLE, ErrorCode.RATE_LIMITED)


class _Position(msgspec.Struct, frozen=True, array_like=True):
    """The next line: the number of a piece, and the place in it.

    `called`: how many lines from here on a platform may have been asked for already.
    """

    piece: int = 0
    line: int = 0
    called: int = 0


@dataclass(slots=True)
class _Line:
    """A line, and what it says, or why it is refused."""

    number: int
    text: bytes
    given: OrderImportInput | ShipmentLine | None = None
    errors: Sequence[Any] = ()


@dataclass(slots=True)
class _Batch:
    """The next lines of a file, and where those behind them begin."""

    lines: list[_Line] = field(default_factory=list)
    following: _Position = field(default_factory=_Position)
    #: The piece whose last lines these are; None: it has more.
    read_piece: int | None = None


class ImportHandler:
    """Imports a file's lines.

    Orders of shops that keep their copy in the ledger are accepted in the transaction that records
    the progress, so that none is lost or repeated whatever is killed. Where a platform ships its
    own orders, the lines that it is about to be asked for are noted before: after a kill these are
    compared with the orders as they are.
    """

    def __init__(
        self,
        store: Store,
        services: Callable[[], Services],
        reader: LineReader,
        monotonic: Callable[[], float],
    ) -> None:
        self._store = store
        self._services = services
        self._reader = reader
        self._monotonic = monotonic
        #: The piece that was read last, and what it was read by.
        self._piece: tuple[tuple[int, int, int], PieceContent] | None = None

    async def run_slice(self, job: BulkJob) -> bool:
        """Imports the next batch.

        Raises:
            BulkFailed: the caller may not import any more, or the shop is gone.
            BulkPostponed: the shop's platform does not answer.
        """
        self._check_rights(job)
        at = _position(job)
        if at.piece >= job.claimed.stored.pieces_in:
            return True
        calls = self._is_called(job)
        batch = await self._batch(job, at, _CALLS if calls else BATCH)
        with queueing_for(job.viewer.name):
            if calls:
                await self._ship_by_calls(job, at, batch)
            else:
                await self._accept(job, batch)
        return batch.following.piece >= job.claimed.stored.pieces_in

    def _check_rights(self, job: BulkJob) -> None:
        shop = job.claimed.stored.shop or ""
        if Scope.ORDERS_WRITE not in job.viewer.scopes:
            raise BulkFailed("The API key no longer has the scope orders:write.")
        try:
            kind = BulkKind[job.claimed.stored.kind]
            self._services().bulk_imports.check(shop, kind, job.viewer)
        except InputRefused as refused:
            raise BulkFailed(refused.errors[0].message) from None

    def _is_called(self, job: BulkJob) -> bool:
        """Whether the platform is asked for each line."""
        adapter = self._services().directory.find(job.claimed.stored.shop or "", job.viewer)
        return adapter is not None and adapter.accepts_orders is None

    async def _batch(self, job: BulkJob, at: _Position, most: int) -> _Batch:
        content = await self._content(job, at.piece)
        batch, seen, place = _Batch(), set[str](), at.line
        while place < len(content.lines) and len(batch.lines) < most:
            text = content.lines[place]
            if text.strip():
                line = self._read(job, content.first + place, text)
                name = None if line.given is None else line.given.platform_id
                if name in seen:
                    # One order at a time: the second finds what the first has left.
                    break
                if name is not None:
                    seen.add(name)
                batch.lines.append(line)
            place += 1
        batch.following = _Position(at.piece, place)
        if place == len(content.lines):
            batch.following, batch.read_piece = _Position(at.piece + 1), at.piece
        return batch

    async def _content(self, job: BulkJob, number: int) -> PieceContent:
        # An erasure rewrites pieces.
        key = (job.claimed.id, number, await self._store.personal.erasures())
        if self._piece is None or self._piece[0] != key:
            try:
                content = await self._store.bulk_operations.pieces.get(job.claimed.id, "IN", number)
            except LedgerUnreadable:
                raise BulkFailed("A part of the file cannot be decrypted.") from None
            if content is None:
                raise BulkFailed("A part of the file was deleted: it was older than its retention.")
            self._piece = (key, content)
        return self._piece[1]

    def _read(self, job: BulkJob, number: int, text: bytes) -> _Line:
        line = _Line(number, text)
        try:
            if job.claimed.stored.kind == ORDERS.name:
                line.given = self._reader.order(text, job.claimed.stored.shop or "")
            else:
                line.given = self._reader.shipment(text)
        except InputRefused as refused:
            line.errors = refused.errors
        return line

    async def _accept(self, job: BulkJob, batch: _Batch) -> None:
        writing = self._services().order_writing
        orders: dict[Path, OrderImportInput] = {}
        shipments: dict[Path, ShippedOrder] = {}
        for place, line in enumerate(batch.lines):
            if isinstance(line.given, OrderImportInput):
                orders[str(place),] = line.given
            elif line.given is not None:
                shipments[str(place),] = line.given.of_ledger

        async def record(transaction: Transaction, outcomes: OrderOutcomes) -> None:
            for outcome in outcomes.orders:
                line = batch.lines[int(outcome.at[0])]
                if not outcome.keys:
                    line.errors = [
                        msgspec.structs.replace(one, field=(one.field or [])[1:] or None)
                        for one in outcome.refusals
                    ]
            await self._record(transaction, job, batch)

        if shipments:
            shop = job.claimed.stored.shop or ""
            await writing.accept_shipments(shop, shipments, job.viewer, record)
        elif orders:
            await writing.accept_batch(orders, job.viewer, record)
        else:
            async with self._store.transaction(bulk=True) as transaction:
                await self._record(transaction, job, batch)

    async def _record(self, transaction: Transaction, job: BulkJob, batch: _Batch) -> None:
        """Writes the refused lines to the result, and what of the file is next."""
        refused = [line for line in batch.lines if line.errors]
        operations, pieces = self._store.bulk_operations, []
        if refused:
            content = _result(refused, job.claimed.stored.shop or "")
            pieces.append(operations.pieces.sealed(job.claimed.id, "OUT", job.next_piece, content))
        if batch.read_piece is not None:
            await operations.pieces.delete(transaction, job.claimed.id, "IN", batch.read_piece)
        progress = BulkProgress(
            position=_written(batch.following),
            done=len(batch.lines) - len(refused),
            failed=len(refused),
            pieces=pieces,
        )
        await job.advance(transaction, progress)

    async def _ship_by_calls(self, job: BulkJob, at: _Position, batch: _Batch) -> None:
        """Asks the platform for each line, after a look at what a killed worker may have asked.

        Raises:
            BulkPostponed: the platform does not answer; nothing is recorded of the batch, and the
                lines that it has taken are found by the look.
        """
        calling = msgspec.structs.replace(at, called=len(batch.lines))
        async with self._store.transaction(bulk=True) as transaction:
            await job.advance(transaction, BulkProgress(position=_written(calling)))
        shipped = (
            self._ship(job, line, again=place < at.called)
            for place, line in enumerate(batch.lines)
            if isinstance(line.given, ShipmentLine)
        )
        await asyncio.gather(*shipped)
        for line in batch.lines:
            if any(error.code in _LATER for error in line.errors):
                raise BulkPostponed(line.errors[0].message)
        async with self._store.transaction(bulk=True) as transaction:
            await self._record(transaction, job, batch)

    async def _ship(self, job: BulkJob, line: _Line, *, again: bool) -> None:
        given = line.given
        assert isinstance(given, ShipmentLine)  # noqa: S101 - the caller chooses
        services, until = self._services(), self._monotonic() + _CALL_SECONDS
        reading = ReadOptions(fresh=True, deadline=until)
        key = Key("Order", job.claimed.stored.shop or "", given.platform_id)
        if again:
            (order,) = await services.orders.get_many([key], job.viewer, reading)
            if isinstance(order, GatewayError):
                # It may be shipped: to ask again could tell the buyer twice.
                raise BulkPostponed(order.message)
            if isinstance(order, Order) and any(
                one.tracking_number == given.tracking_number for one in order.shipments
            ):
                return
        shipped = OrderShipInput(
            id=key.encode(),  # type: ignore[arg-type]
            carrier=given.carrier,
            other_carrier=given.other_carrier,
            tracking_number=given.tracking_number,
        )
        (done,) = await services.fulfilment.ship({(): shipped}, job.viewer, reading)
        line.errors = [
            error if error.field != ["id"] else _of_platform_id(error) for error in done.errors
        ]


def _of_platform_id(error: Any) -> Any:
    error.field = ["platformId"]
    return error


def _position(job: BulkJob) -> _Position:
    if job.position is None:
        return _Position()
    return msgspec.json.decode(job.position, type=_Position)


def _written(position: _Position) -> str:
    return msgspec.json.encode(position).decode()


def _result(lines: Sequence[_Line], shop: str) -> PieceContent:
    """The refused lines as the result has them, with whose data their messages may repeat."""
    buyers: list[LineBuyer] = []
    for place, line in enumerate(lines):
        buyers += buyers_of(line.text, place, shop)
    return PieceContent([orjson.dumps(_refusal(line)) for line in lines], buyers)


def _refusal(line: _Line) -> dict[str, Any]:
    first, *others = [_error(error) for error in line.errors]
    shown = {"line": line.number, "platformId": platform_id_of(line.text), **first}
    return shown | {"others": others} if others else shown


def _error(error: Any) -> dict[str, Any]:
    code = error.code.name if isinstance(error.code, ErrorCode) else str(error.code)
    return {"code": code, "message": error.message, "path": error.field or []}
