"""Results of bulk operations: who may still have one, and its bytes, piece by piece."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from gateway.errors import Forbidden
from gateway.services.bulk_operations import BulkOperationService
from gateway.services.exports import TYPES
from gateway.services.viewer import Viewer
from gateway.store.bulk_operations import ENDED, StoredBulkOperation
from gateway.store.bulk_pieces import PieceSize
from gateway.store.store import Store
from schema.key import Key, MalformedId
from schema.scope import Scope

#: What the result of an import tells of its lines needs.
_OF_IMPORT: Final = frozenset({Scope.ORDERS_WRITE})
_TAG_BYTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkResultFile:
    """The result of an operation that has ended, as it is now."""

    operation: StoredBulkOperation
    #: The pieces in their order; together `size` bytes.
    pieces: Sequence[PieceSize]
    #: Changes with the bytes.
    tag: str

    @property
    def size(self) -> int:
        """Bytes of the whole."""
        return sum(piece.size for piece in self.pieces)

    @property
    def is_personal(self) -> bool:
        """Whether its lines may show personal data."""
        return Scope.PII_READ in self.operation.caller.scopes

    def lines_between(self, start: int, end: int) -> int:
        """How many lines there are in the pieces that have bytes of this range."""
        return sum(piece.lines for piece, _, _ in self.parts(start, end))

    def parts(self, start: int, end: int) -> list[tuple[PieceSize, int, int]]:
        """The pieces with bytes from `start` up to `end`, and which of their bytes these are."""
        found, offset = [], 0
        for piece in self.pieces:
            first, last = max(start - offset, 0), min(end - offset, piece.size)
            if first < last:
                found.append((piece, first, last))
            offset += piece.size
        return found


class BulkResultService:
    """Gives results to the API key that asked for them, while it may see all that they hold."""

    def __init__(self, store: Store, operations: BulkOperationService) -> None:
        self._store = store
        self._operations = operations

    async def operation(self, id_: str, viewer: Viewer) -> StoredBulkOperation | None:
        """The operation of this id; None: there is none for the viewer.

        Raises:
            Forbidden: the viewer has lost a scope that the result needs.
            StoreUnavailable: it cannot be read now.
        """
        number = self._number(id_)
        if number is None:
            return None
        found = (await self._store.bulk_operations.get_many([number])).get(number)
        if found is None or found.caller.key_id != viewer.key_id or _hides_shops(viewer, found):
            return None
        missing = sorted(_scopes_of(found) - viewer.scopes)
        if missing:
            raise Forbidden(
                f"the result needs the scope {' and '.join(missing)}, which this API key does not"
                " have any more"
            )
        return found

    async def file(self, operation: StoredBulkOperation) -> BulkResultFile | None:
        """The result; None: it was deleted, or there is none yet.

        Raises:
            StoreUnavailable: it cannot be read now.
        """
        if operation.state not in ENDED or not operation.keeps_result:
            return None
        # In this order: an erasure in between must change the tag of what is read after it.
        erasures = await self._store.personal.erasures()
        pieces = await self._store.bulk_operations.pieces.sizes(operation.id, "OUT")
        if len(pieces) < operation.pieces_out:
            return None
        size = sum(piece.size for piece in pieces)
        facts = f"{operation.id}/{size}/{erasures}".encode()
        tag = blake2b(facts, digest_size=_TAG_BYTES).hexdigest()
        return BulkResultFile(operation=operation, pieces=pieces, tag=tag)

    async def read(self, file: BulkResultFile, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `start` up to `end`, one piece at a time.

        Raises:
            StoreUnavailable: a piece cannot be read, or was deleted meanwhile.
        """
        pieces = self._store.bulk_operations.pieces
        for piece, first, last in file.parts(start, end):
            yield (await pieces.text(file.operation.id, "OUT", piece.number))[first:last]

    def _number(self, id_: str) -> int | None:
        try:
            key = Key.decode(id_)
        except MalformedId:
            return None
        return self._operations.number_of(key) if key.kind == "BulkOperation" else None


def _scopes_of(operation: StoredBulkOperation) -> frozenset[str]:
    """The scopes without which a key may not see all of the result."""
    return operation.caller.scopes if operation.kind in TYPES else _OF_IMPORT


def _hides_shops(viewer: Viewer, operation: StoredBulkOperation) -> bool:
    """Whether the result holds something of a shop that the viewer does not see."""
    shops = operation.caller.shops if operation.kind in TYPES else None
    shops = shops or (frozenset() if operation.shop is None else frozenset({operation.shop}))
    return not all(map(viewer.sees, shops))
