"""Reception of bulk imports: a file goes to the store while it arrives, sealed in pieces."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from hashlib import sha256
from typing import Any, Final

import orjson
from graphql import FieldNode, GraphQLSchema
from graphql.execution.values import get_argument_values

from gateway.bulk.file_lines import FileLine, FileLines, InvalidFile
from gateway.errors import StoreUnavailable
from gateway.http.request_pipeline import Prepared
from gateway.ports.writing.problems import InputRefused
from gateway.services import Services
from gateway.services.bulk_imports import ORDERS, RECEIVE_LEASE, SHIPMENTS
from gateway.services.viewer import Viewer
from gateway.store.bulk_operations import BulkCaller, LeaseLost, NewBulkOperation
from gateway.store.bulk_pieces import PIECE_BYTES, LineBuyer, PieceContent
from gateway.store.store import Store
from schema.bulk_operation import BulkKind
from schema.scalars import BulkUpload
from schema.scope import Scope

#: Pieces that one transaction deletes.
_DELETED_AT_ONCE: Final = 20


async def receive_file(
    store: Store,
    upload: BulkUpload,
    chunks: AsyncIterator[bytes],
    kind: BulkKind,
    shop: str,
    caller: BulkCaller,
) -> None:
    """Stores a file as the one of a new operation, which `upload` then names.

    What is wrong with the file is noted in `upload`, and nothing is kept.

    Raises:
        StoreUnavailable: it cannot be stored.
        LeaseLost: a part took too long to arrive.
    """
    new = NewBulkOperation(kind=kind.name, shop=shop, caller=caller)
    async with store.transaction(bulk=True) as transaction:
        number = await store.bulk_operations.begin_receiving(transaction, new, lease=RECEIVE_LEASE)
    try:
        reception = _Reception(store, number, kind, shop)
        await reception.receive(upload, chunks)
    except InvalidFile as invalid:
        upload.problem = invalid.message
        await _dropped(store, number)
    except BaseException:
        # What cannot be deleted now is deleted by the worker.
        with suppress(StoreUnavailable):
            await _dropped(store, number)
        raise
    else:
        upload.number = number


async def _dropped(store: Store, number: int) -> None:
    gone = False
    while not gone:
        async with store.transaction(bulk=True) as transaction:
            gone = await store.bulk_operations.drop(transaction, number, _DELETED_AT_ONCE)


class _Reception:
    """Fills pieces with lines, and stores each one that is full."""

    def __init__(self, store: Store, number: int, kind: BulkKind, shop: str) -> None:
        self._store = store
        self._number = number
        self._of_orders = kind is ORDERS
        self._shop = shop
        self._file = FileLines(csv_allowed=kind is SHIPMENTS)
        self._piece = 0
        self._lines: list[FileLine] = []
        self._size = 0

    async def receive(self, upload: BulkUpload, chunks: AsyncIterator[bytes]) -> None:
        digest, lines = sha256(), 0
        async for chunk in chunks:
            digest.update(chunk)
            for line in self._file.feed(chunk):
                lines += 1
                await self._add(line)
        for line in self._file.finish():
            lines += 1
            await self._add(line)
        await self._store_piece()
        if not lines:
            raise InvalidFile("The file is empty: it has no line to import.")
        upload.sha256, upload.lines = digest.hexdigest(), lines

    async def _add(self, line: FileLine) -> None:
        # Empty lines keep their places in the piece.
        gap = line.number - self._lines[-1].number if self._lines else 0
        if self._size + len(line.text) + gap > PIECE_BYTES:
            await self._store_piece()
            gap = 0
        self._lines.append(line)
        self._size += len(line.text) + gap + 1

    async def _store_piece(self) -> None:
        if not self._lines:
            return
        lines, self._lines, self._size = self._lines, [], 0
        pieces, number = self._store.bulk_operations.pieces, self._piece

        def sealed() -> Any:
            return pieces.sealed(self._number, "IN", number, self._content(lines))

        piece = await asyncio.to_thread(sealed)
        async with self._store.transaction(bulk=True) as transaction:
            await self._store.bulk_operations.receive(transaction, piece, lease=RECEIVE_LEASE)
        self._piece += 1

    def _content(self, lines: list[FileLine]) -> PieceContent:
        first = lines[0].number
        texts = [b""] * (lines[-1].number - first + 1)
        for line in lines:
            texts[line.number - first] = line.text
        buyers = [
            buyer
            for line in lines
            if self._of_orders
            for buyer in buyers_of(line.text, line.number - first, self._shop)
        ]
        return PieceContent(texts, buyers, first)


def buyers_of(text: bytes, line: int, shop: str) -> list[LineBuyer]:
    """Whose data an order's line has; an unknown buyer's if it names none."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = None
    named = value if isinstance(value, dict) else {}
    found = [
        LineBuyer(line, shop, given, swan)
        for name, swan in (("openId", False), ("swanId", True))
        if isinstance(given := named.get(name), str) and given
    ]
    return found or [LineBuyer(line, shop, None)]


class BulkReception:
    """Takes in the files of `bulkImport`, once all else about the mutation has been checked."""

    def __init__(
        self, schema: GraphQLSchema, services: Callable[[], Services], store: Callable[[], Store]
    ) -> None:
        assert schema.mutation_type is not None  # noqa: S101 - ours has mutations
        self._field = schema.mutation_type.fields["bulkImport"]
        self._services = services
        self._store = store

    async def receive(
        self, upload: BulkUpload, chunks: AsyncIterator[bytes], prepared: Prepared
    ) -> None:
        """Stores a file; nothing of it, where the mutation will be refused for another reason."""
        (field,) = prepared.operation.node.selection_set.selections
        assert isinstance(field, FieldNode)  # noqa: S101 - the pipeline has checked it
        given = get_argument_values(self._field, field, prepared.variables.values)
        viewer: Viewer = getattr(prepared.context, "viewer")  # noqa: B009 - of our own context
        services = self._services()
        shop, kind = given["shop"], BulkKind(given["kind"])
        if Scope.ORDERS_WRITE not in viewer.scopes:
            return
        try:
            services.bulk_imports.check(shop, kind, viewer)
        except InputRefused:
            return
        caller = services.bulk_operations.caller_of(viewer)
        with suppress(LeaseLost):
            await receive_file(self._store(), upload, chunks, kind, shop, caller)
