"""Exports: runs the selection over the store's objects in slices, into pieces of JSON lines."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from time import thread_time
from typing import Any, Final

import msgspec
import orjson
import structlog
from graphql import ExecutionResult, GraphQLError
from graphql.execution.values import VariableValues
from graphql.pyutils import Path

from gateway.bulk.export_selections import ROWS, ExportSelections
from gateway.bulk.worker import BulkFailed, BulkJob
from gateway.concurrency.lru_cache import LruCache
from gateway.concurrency.time_slice import TimeSlice
from gateway.errors import BadUserInput, GatewayError, LedgerUnreadable, StoreUnavailable
from gateway.executor import Bounds, CompiledExecutor
from gateway.http.documents import Operation
from gateway.http.executor import CoreExecutor, Executor, Variables
from gateway.http.refusal import OperationRefused
from gateway.platform_calls import PlatformCallRefused, without_platform_calls
from gateway.ports import ReadOptions
from gateway.services import Services
from gateway.services.export_sources import ExportRequest, Place
from gateway.services.exports import order_key_of
from gateway.services.viewer import Viewer
from gateway.store.bulk_operations import BulkProgress
from gateway.store.bulk_pieces import LineBuyer, PieceContent
from gateway.store.store import Store
from resolvers.context import Context, RequestFacts
from resolvers.schema import hints
from schema.key import Key
from schema.order import Order
from schema.order_status import OrderStatus
from schema.scope import Scope

#: Objects that are read and executed at once.
ROWS_AT_ONCE: Final = 100
#: Bytes of lines, or seconds, after which a piece is stored.
PIECE_BYTES: Final = 500_000
_PIECE_SECONDS: Final = 1.0
#: Seconds of CPU that other work takes of a turn of the event loop when there is much of it; an
#: export then pauses for some turns, so that requests come first.
_BUSY: Final = 0.005
_PAUSE_TURNS: Final = 4
_LONGEST_PAUSE: Final = 0.25
#: Selections that are kept compiled.
_COMPILED: Final = 16
#: The position behind the last object.
_END: Final = "null"
_NO_VARIABLES: Final = Variables({}, VariableValues({}, {}))

_log = structlog.stdlib.get_logger(__name__)


@dataclass(slots=True)
class Lines:
    """The next lines of an export, and what they are made of."""

    lines: list[bytes] = field(default_factory=list)
    buyers: list[LineBuyer] = field(default_factory=list)
    size: int = 0
    #: Objects of which a field could not be read.
    failed: int = 0

    def add(self, line: bytes, buyer: LineBuyer | None) -> None:
        """Adds the line of one object."""
        if buyer is not None:
            self.buyers.append(msgspec.structs.replace(buyer, line=len(self.lines)))
        self.lines.append(line)
        self.size += len(line) + 1


class ExportContext(Context):
    """The context of one slice: its objects, and its relations from the ledger in batches."""

    def __init__(self, services: Services, viewer: Viewer, rows: Sequence[Any]) -> None:
        facts = RequestFacts(viewer=viewer, request_id="", reading=ReadOptions(indexed=True))
        super().__init__(services, facts)
        self.rows = rows

    async def changed_order(
        self,
        key: Key,
        status: OrderStatus | None,  # noqa: ARG002 - the ledger is never behind its changes
        at: datetime,  # noqa: ARG002 - as above
        path: Path,  # noqa: ARG002 - as above
    ) -> Order | None:
        """The order of a change, with those of the slice's other changes."""
        found: Order | None = await self.loaders.order.load(key)
        return found


class ExportRunner:
    """Makes lines of the objects of an export, as a query would answer them."""

    def __init__(
        self,
        services: Callable[[], Services],
        selections: ExportSelections,
        rows_at_once: int = ROWS_AT_ONCE,
    ) -> None:
        """`services` are those of the open process."""
        self._services = services
        self._rows_at_once = rows_at_once
        self._selections = selections
        self._slices = TimeSlice()
        self._executors: dict[str, Executor] = {}
        self._operations: LruCache[tuple[str, str], Operation] = LruCache(max_weight=_COMPILED)

    async def total(self, kind: str, request: ExportRequest, viewer: Viewer) -> int | None:
        """How many objects there are; None if that is unknown."""
        return await self._services().exports.total(kind, request, viewer)

    async def add_slice(
        self,
        kind: str,
        request: ExportRequest,
        place: Place | None,
        viewer: Viewer,
        lines: Lines,
    ) -> Place | None:
        """Adds the lines of the next objects; returns where to continue, None at the end.

        Raises:
            BulkFailed: the export cannot go on.
            StoreUnavailable: it cannot go on now; nothing was added.
        """
        services = self._services()
        try:
            part = await services.exports.following(
                kind, request, place, viewer, self._rows_at_once
            )
        except BadUserInput as refused:
            raise BulkFailed(refused.message) from None
        lines.failed += part.failed
        if part.rows:
            context = ExportContext(services, viewer, part.rows)
            operation = self._operation(kind, request.selection)
            with without_platform_calls():
                executor = self._executor(kind)
                result = await executor.execute(operation, _NO_VARIABLES, context)
                failed = _failed_rows(result)
                buyers = await self._buyers(context, viewer)
            objects = (result.data or {}).get(ROWS) or [None] * len(part.rows)
            lines.failed += len(failed)
            for one, row in zip(objects, part.rows, strict=True):
                if one is not None:
                    lines.add(orjson.dumps(one), buyers.get(order_key_of(row)))
        return part.following

    async def _buyers(
        self, context: ExportContext, viewer: Viewer
    ) -> Mapping[Key | None, LineBuyer]:
        """Whose data the lines may show, by the keys of their orders; none without pii:read."""
        if Scope.PII_READ not in viewer.scopes:
            return {}
        orders: list[Any] = [row for row in context.rows if isinstance(row, Order)]
        if not orders:
            keys = {key: None for row in context.rows if (key := order_key_of(row)) is not None}
            orders = await context.loaders.order.load_many(list(keys))
        return {
            order.key: buyer
            for order in orders
            if order is not None and (buyer := _buyer_of(order)) is not None
        }

    def _operation(self, kind: str, selection: str) -> Operation:
        known = self._operations.get((kind, selection))
        if known is None:
            try:
                known = self._selections.operation(kind, selection)
            except OperationRefused:
                # Of a version that had other fields.
                raise BulkFailed(
                    "The selection is not valid in this version of the gateway."
                ) from None
            self._operations.put((kind, selection), known, weight=1)
        return known

    def _executor(self, kind: str) -> Executor:
        executor = self._executors.get(kind)
        if executor is None:
            schema = self._selections.schema(kind)
            executor = self._executors[kind] = CompiledExecutor[Operation, Variables](
                schema,
                CoreExecutor(schema, self._slices),
                hints,
                Bounds(runs_before=0, lasting_inputs=True),
                self._slices,
            )
        return executor


class ExportHandler:
    """Does the slices of exports for the bulk worker; `now` is a monotonic clock in seconds."""

    def __init__(
        self,
        store: Store,
        runner: ExportRunner,
        now: Callable[[], float],
        piece_bytes: int = PIECE_BYTES,
    ) -> None:
        self._piece_bytes = piece_bytes
        self._store = store
        self._runner = runner
        self._now = now

    async def run_slice(self, job: BulkJob) -> bool:
        """Writes the next piece of an export; whether it was the last."""
        request, kind = _request_of(job), job.claimed.stored.kind
        _check_rights(job)
        # None: it lacks nothing.
        job.remark = " ".join(request.remarks) or None
        if job.position == _END:
            return True
        erasures = await self._store.personal.erasures()
        begun = job.position is not None
        total = None if begun else await self._runner.total(kind, request, job.viewer)
        place = None if job.position is None else msgspec.json.decode(job.position, type=Place)
        lines, until = Lines(), self._now() + _PIECE_SECONDS
        while True:
            place = await self._runner.add_slice(kind, request, place, job.viewer, lines)
            if place is None or lines.size >= self._piece_bytes or self._now() >= until:
                break
            await give_way(thread_time, asyncio.sleep)
        progress = await self._progress(job, lines, place, total)
        async with self._store.transaction() as transaction:
            if await self._store.personal.erasures_within(transaction) != erasures:
                # The lines may have what was erased meanwhile: they are read again.
                return False
            await job.advance(transaction, progress)
        return place is None

    async def _progress(
        self, job: BulkJob, lines: Lines, place: Place | None, total: int | None
    ) -> BulkProgress:
        pieces = []
        # An export without objects has an empty file.
        if lines.lines or (place is None and job.next_piece == 0):
            content = PieceContent(lines.lines, lines.buyers)
            sealed = partial(
                self._store.bulk_operations.pieces.sealed, job.claimed.id, "OUT", job.next_piece
            )
            pieces.append(await asyncio.to_thread(sealed, content))
        return BulkProgress(
            position=msgspec.json.encode(place).decode(),
            done=len(lines.lines),
            failed=lines.failed,
            total=total,
            pieces=pieces,
        )


async def give_way(now: Callable[[], float], sleep: Callable[[float], Awaitable[object]]) -> None:
    """Lets requests come first: pauses for as long as a few turns of a busy event loop take."""
    before = now()
    await sleep(0)
    turn = now() - before
    if turn >= _BUSY:
        await sleep(min(turn * _PAUSE_TURNS, _LONGEST_PAUSE))


def _request_of(job: BulkJob) -> ExportRequest:
    request = job.claimed.request
    if isinstance(request, LedgerUnreadable):
        raise BulkFailed(request.message)
    if request is None:
        raise BulkFailed("What it was asked for was erased with a buyer's data.")
    return msgspec.json.decode(request, type=ExportRequest)


def _check_rights(job: BulkJob) -> None:
    """Raises BulkFailed if the caller may not read any more what it asked for."""
    caller, viewer = job.claimed.stored.caller, job.viewer
    lost = sorted(caller.scopes - viewer.scopes)
    if lost:
        raise BulkFailed(f"The API key has lost the scope {' and '.join(lost)}.")
    hidden = sorted(shop for shop in caller.shops or () if not viewer.sees(shop))
    if hidden:
        raise BulkFailed(f"The API key has lost the shop {' and '.join(hidden)}.")


def _failed_rows(result: ExecutionResult) -> set[int]:
    """The places of objects with fields that could not be read.

    Raises:
        BulkFailed: of a field that an export must not have selected.
        StoreUnavailable: the ledger cannot be read now.
    """
    by_row: defaultdict[int, list[Exception]] = defaultdict(list)
    for error in result.errors or ():
        path = error.path or []
        # Of an element, or of the list as a whole.
        row = path[1] if len(path) > 1 else 0
        by_row[int(row)].append(_cause(error))
    for causes in by_row.values():
        for cause in causes:
            if isinstance(cause, StoreUnavailable) and not isinstance(cause, LedgerUnreadable):
                raise cause
            if isinstance(cause, PlatformCallRefused):
                _log.error(
                    "bulk.export.platform_called",
                    message="An export tried to call a platform.",
                    call=str(cause),
                )
                raise BulkFailed("A selected field is not in the ledger.")
            if not isinstance(cause, GatewayError):
                _log.error(
                    "bulk.export.field_failed",
                    message="A field of an exported object failed.",
                    exc_info=cause,
                )
    return set(by_row)


def _cause(error: GraphQLError) -> Exception:
    cause: Exception = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _buyer_of(order: Order) -> LineBuyer | None:
    """Whose data an order has; None: it has none, or none that can be read."""
    buyer = order.buyer_data
    if buyer is not None and (buyer.open_id or buyer.swan_id):
        swan = not buyer.open_id
        return LineBuyer(0, order.key.shop, buyer.open_id or buyer.swan_id, swan)
    if order.shipping_address_data is not None or buyer is not None:
        return LineBuyer(0, order.key.shop, None)
    return None
