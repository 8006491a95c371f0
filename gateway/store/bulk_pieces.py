"""Bulk pieces: sealed lines of a bulk operation's file or result, and whose data they hold."""

import asyncio
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

import msgspec
from sqlalchemy import Row, bindparam, delete, insert, select, update

from gateway.errors import StoreUnavailable
from gateway.store.batches import Read
from gateway.store.bulk_tables import bulk_piece_buyers, bulk_pieces
from gateway.store.crypto import Vault
from gateway.store.engine import Database, Transaction

#: IN: the file of an import. OUT: the result of an operation.
Direction = Literal["IN", "OUT"]

#: Bytes of lines from which a piece is full.
PIECE_BYTES: Final = 1_000_000
#: What takes the place of a line whose buyer was erased.
ERASED_LINE: Final = b'{"erased":true}'

_p, _b = bulk_pieces.c, bulk_piece_buyers.c
_OF_PIECE: Final = (
    _p.operation == bindparam("of_operation"),
    _p.direction == bindparam("in_direction"),
    _p.number == bindparam("of_number"),
)
_GET: Final = select(bulk_pieces).where(*_OF_PIECE)
_SIZES: Final = (
    select(_p.number, _p.lines, _p.bytes)
    .where(_p.operation == bindparam("of_operation"), _p.direction == bindparam("in_direction"))
    .order_by(_p.number)
)
_ADD: Final = insert(bulk_pieces)
_ADD_BUYERS: Final = insert(bulk_piece_buyers)
_REPLACE: Final = update(bulk_pieces).where(*_OF_PIECE).values(content=bindparam("sealed"))
_DELETE: Final = delete(bulk_pieces).where(*_OF_PIECE)
_DELETE_BUYERS: Final = delete(bulk_piece_buyers).where(
    _b.operation == bindparam("of_operation"),
    _b.direction == bindparam("in_direction"),
    _b.number == bindparam("of_number"),
)
_SOME: Final = (
    select(_p.number)
    .where(_p.operation == bindparam("of_operation"), _p.direction == bindparam("in_direction"))
    .order_by(_p.number)
    .limit(bindparam("limit"))
)
_DELETE_SOME: Final = delete(bulk_pieces).where(
    _p.operation == bindparam("of_operation"),
    _p.direction == bindparam("in_direction"),
    _p.number.in_(bindparam("numbers", expanding=True)),
)
_OF_BUYER: Final = (
    select(_b.operation, _b.direction, _b.number)
    .distinct()
    .where(_b.buyer.in_(bindparam("buyers", expanding=True)))
)

_SWAN_ID: Final = "swan_id"
#: Instead of a buyer's id: the line cannot be read, and may be about any buyer of the shop.
_ANYBODY: Final = ("bulk", "anybody")


class LineBuyer(msgspec.Struct, frozen=True, array_like=True):
    """Whose data a line has; a line may be about several buyers.

    `line` is its place in the piece, from 0. An id of None: whose is unknown.
    """

    line: int
    shop: str
    buyer_id: str | None
    #: Whether it is a swan id and no open id.
    swan: bool = False


class PieceContent(msgspec.Struct, frozen=True, array_like=True):
    """Lines without their ends. A line of the file that has nothing to read is empty."""

    lines: list[bytes]
    buyers: list[LineBuyer] = []
    #: Of the file: the number of the first line, from 1.
    first: int = 1

    @property
    def size(self) -> int:
        """Bytes of the lines, each with its end."""
        return sum(map(len, self.lines)) + len(self.lines)


_DECODER: Final = msgspec.msgpack.Decoder(PieceContent)


@dataclass(frozen=True, slots=True)
class SealedPiece:
    """A piece as it is stored; made outside of transactions, since it takes milliseconds."""

    operation: int
    direction: Direction
    number: int
    lines: int
    #: Bytes of the lines, each with its end.
    size: int
    content: bytes = field(repr=False)
    #: Blind indexes.
    buyers: frozenset[bytes] = field(repr=False)


class PieceKey(NamedTuple):
    """Names a piece."""

    operation: int
    direction: str
    number: int


@dataclass(frozen=True, slots=True)
class PieceSize:
    """Where a piece of a result begins and ends is a sum of these."""

    number: int
    lines: int
    #: Bytes of the lines, each with its end.
    size: int


class BulkPieces:
    """Stores, reads, rewrites and deletes pieces; every method raises StoreUnavailable."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    def sealed(
        self, operation: int, direction: Direction, number: int, content: PieceContent
    ) -> SealedPiece:
        """A piece to be added in a transaction; compresses and encrypts."""
        return SealedPiece(
            operation=operation,
            direction=direction,
            number=number,
            lines=len(content.lines),
            size=content.size,
            content=seal_content(self._vault, operation, direction, number, content),
            buyers=frozenset(indexes_of(self._vault, content)),
        )

    async def add(self, transaction: Transaction, piece: SealedPiece) -> None:
        """Adds a piece; its operation exists."""
        place = {
            "operation": piece.operation,
            "direction": piece.direction,
            "number": piece.number,
        }
        row = place | {
            "lines": piece.lines,
            "bytes": piece.size,
            "content": piece.content,
            "written_at": transaction.now,
        }
        await transaction.connection.execute(_ADD, row)
        if piece.buyers:
            rows = [place | {"buyer": buyer} for buyer in sorted(piece.buyers)]
            await transaction.connection.execute(_ADD_BUYERS, rows)

    async def get(self, operation: int, direction: Direction, number: int) -> PieceContent | None:
        """The content of a piece; None: there is none.

        Raises:
            LedgerUnreadable: it cannot be decrypted.
        """
        values = _named(operation, direction, number)
        rows = await self._database.fetch(_GET, values)
        return unseal_content(self._vault, rows[0]) if rows else None

    async def text(self, operation: int, direction: Direction, number: int) -> bytes:
        """The lines of a piece, each with its end; decrypted beside the event loop.

        Raises:
            StoreUnavailable: there is no such piece any more, or it cannot be decrypted.
        """
        rows = await self._database.fetch(_GET, _named(operation, direction, number))
        if not rows:
            raise StoreUnavailable("The result of the bulk operation was deleted")
        return await asyncio.to_thread(_text, self._vault, rows[0])

    async def sizes(self, operation: int, direction: Direction) -> list[PieceSize]:
        """The pieces of a direction in their order, without their content."""
        values = {"of_operation": operation, "in_direction": direction}
        rows = await self._database.fetch(_SIZES, values)
        return [PieceSize(row.number, row.lines, row.bytes) for row in rows]

    async def delete(
        self, transaction: Transaction, operation: int, direction: Direction, number: int
    ) -> None:
        """Deletes a piece."""
        values = _named(operation, direction, number)
        await transaction.connection.execute(_DELETE, values)

    async def delete_some(
        self, transaction: Transaction, operation: int, direction: Direction, limit: int
    ) -> int:
        """Deletes at most `limit` pieces of a direction; returns how many, 0: none are left."""
        values = {"of_operation": operation, "in_direction": direction}
        found = await transaction.connection.execute(_SOME, values | {"limit": limit})
        numbers = list(found.scalars())
        if numbers:
            await transaction.connection.execute(_DELETE_SOME, values | {"numbers": numbers})
        return len(numbers)


def _named(operation: int, direction: str, number: int) -> dict[str, Any]:
    return {"of_operation": operation, "in_direction": direction, "of_number": number}


def _text(vault: Vault, row: Any) -> bytes:
    return b"".join(b"%b\n" % line for line in unseal_content(vault, row).lines)


def piece_name(row: Any) -> str:
    """The row that a piece's content is sealed for."""
    return f"{row.operation}/{row.direction}/{row.number}"


def seal_content(
    vault: Vault, operation: int, direction: str, number: int, content: PieceContent
) -> bytes:
    """The column `content`."""
    plain = zlib.compress(msgspec.msgpack.encode(content), 1)
    place = {"shop": "", "row": f"{operation}/{direction}/{number}"}
    return vault.seal(plain, **place, column="bulk_pieces.content")


def unseal_content(vault: Vault, row: Any) -> PieceContent:
    """The content of a row of `bulk_pieces`; raises LedgerUnreadable."""
    place = {"shop": "", "row": piece_name(row)}
    return read_content(vault.unseal(row.content, **place, column="bulk_pieces.content"))


def read_content(plain: bytes) -> PieceContent:
    """The content that a decrypted value of the column has."""
    return _DECODER.decode(zlib.decompress(plain))


def indexes_of(vault: Vault, content: PieceContent) -> set[bytes]:
    """The blind indexes of all buyers of a piece, by the present key."""
    return {_indexes(vault, buyer)[0] for buyer in set(map(_whoever, content.buyers))}


def _whoever(buyer: LineBuyer) -> LineBuyer:
    """The buyer, whatever line it is of."""
    return LineBuyer(0, buyer.shop, buyer.buyer_id, buyer.swan)


def _indexes(vault: Vault, buyer: LineBuyer) -> list[bytes]:
    """The indexes by each key."""
    if buyer.buyer_id is None:
        return vault.blind_indexes(buyer.shop, *_ANYBODY)
    if buyer.swan:
        return vault.blind_indexes(buyer.shop, _SWAN_ID, buyer.buyer_id)
    return vault.blind_indexes(buyer.shop, buyer.buyer_id)


def indexes_of_anybody(vault: Vault, shop: str) -> list[bytes]:
    """The indexes of lines that may be about any buyer of the shop."""
    return vault.blind_indexes(shop, *_ANYBODY)


async def pieces_of_buyers(read: Read, buyers: Collection[bytes]) -> list[PieceKey]:
    """The keys of the pieces that hold lines of buyers with these blind indexes."""
    rows = await read(_OF_BUYER, {"buyers": list(buyers)})
    return [PieceKey(row.operation, row.direction, row.number) for row in rows]


async def stored_piece(transaction: Transaction, key: PieceKey) -> Row[Any] | None:
    """The row of a piece that `pieces_of_buyers` named."""
    values = _named(key.operation, key.direction, key.number)
    return (await transaction.connection.execute(_GET, values)).one_or_none()


async def erase_lines(
    transaction: Transaction, vault: Vault, row: Any, buyers: Collection[bytes]
) -> None:
    """Rewrites a piece without the lines of these buyers; the others keep their places.

    A line that is erased is as long as it was, so that a download of a part stays right.
    """
    content = unseal_content(vault, row)
    erased = lines_of(vault, content, buyers)
    left = PieceContent(
        lines=[
            ERASED_LINE.ljust(len(line)) if place in erased else line
            for place, line in enumerate(content.lines)
        ],
        buyers=[buyer for buyer in content.buyers if buyer.line not in erased],
        first=content.first,
    )
    await replace_content(transaction, vault, row, left)


async def replace_content(
    transaction: Transaction, vault: Vault, row: Any, content: PieceContent
) -> None:
    """Seals a piece's content again, and indexes its buyers."""
    values = _named(row.operation, row.direction, row.number)
    sealed = seal_content(vault, row.operation, row.direction, row.number, content)
    connection = transaction.connection
    await connection.execute(_REPLACE, values | {"sealed": sealed})
    await connection.execute(_DELETE_BUYERS, values)
    place = {"operation": row.operation, "direction": row.direction, "number": row.number}
    rows = [place | {"buyer": buyer} for buyer in sorted(indexes_of(vault, content))]
    if rows:
        await connection.execute(_ADD_BUYERS, rows)


def lines_of(vault: Vault, content: PieceContent, buyers: Collection[bytes]) -> set[int]:
    """The places of the lines that are about these buyers, given by blind indexes."""
    wanted = set(buyers)
    known: dict[LineBuyer, bool] = {}
    found = set()
    for buyer in content.buyers:
        whoever = _whoever(buyer)
        mine = known.get(whoever)
        if mine is None:
            mine = known[whoever] = not wanted.isdisjoint(_indexes(vault, whoever))
        if mine:
            found.add(buyer.line)
    return found


def shown_lines(content: PieceContent, lines: Collection[int]) -> Mapping[int, str]:
    """Lines as text, by their places."""
    return {place: content.lines[place].decode(errors="replace") for place in sorted(lines)}
