"""Files in the ledger: cut into pieces that know whose data they hold, at a level of memory."""

import tracemalloc
from collections.abc import AsyncIterator

import pytest

from gateway.bulk.file_lines import FileLine, FileLines
from gateway.bulk.reception import receive_file
from gateway.store.bulk_operations import BulkCaller
from gateway.store.bulk_pieces import PIECE_BYTES, LineBuyer, PieceContent
from gateway.store.store import Store
from schema.bulk_operation import BulkKind
from schema.scalars import BulkUpload

CALLER = BulkCaller(
    name="web", key_id="k", by_key=False, scopes=frozenset({"orders:write"}), shops=None
)
ERASED = b'{"erased":true}'


async def receive(store: Store, *parts: bytes) -> BulkUpload:
    async def chunks() -> AsyncIterator[bytes]:
        for part in parts:
            yield part

    upload = BulkUpload("orders.jsonl")
    await receive_file(store, upload, chunks(), BulkKind.ORDERS_IMPORT, "mini", CALLER)
    return upload


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_lines_are_the_same_however_the_file_arrives(size: int) -> None:
    content = '\ufeffplatformId,trackingNumber\r\n"1","S\nF"\r\n\r\n苹果,YT\n'.encode()
    file = FileLines(csv_allowed=True)

    found = [
        line
        for start in range(0, len(content), size)
        for line in file.feed(content[start : start + size])
    ]
    found += file.finish()

    assert found == [
        FileLine(2, b'{"platformId":"1","trackingNumber":"S\\nF"}'),
        FileLine(5, '{"platformId":"苹果","trackingNumber":"YT"}'.encode()),
    ]


async def test_a_buyers_lines_are_erased_before_they_are_imported(ledger: Store) -> None:
    mine, other = b'{"openId":"oMine"}          ', b'{"swanId":"other"}'
    upload = await receive(ledger, mine + b"\n\n" + other[:4], other[4:] + b"\n{oMine\n")
    assert (upload.lines, upload.problem) == (3, None)
    pieces, number = ledger.bulk_operations.pieces, upload.number
    assert number is not None
    lines = [mine, b"", other, b"{oMine"]
    buyers = [
        LineBuyer(0, "mini", "oMine"),
        LineBuyer(2, "mini", "other", swan=True),
        LineBuyer(3, "mini", None),
    ]
    assert await pieces.get(number, "IN", 0) == PieceContent(lines, buyers)

    await ledger.personal.erase_buyer("mini", "oMine")

    left = [ERASED.ljust(len(mine)), b"", other, ERASED]
    assert await pieces.get(number, "IN", 0) == PieceContent(left, buyers[1:2])


async def test_a_large_file_has_several_pieces_of_whole_lines(ledger: Store) -> None:
    line = b'{"remark":"' + b"x" * 400_000 + b'"}'
    upload = await receive(ledger, *[line + b"\n"] * 5)

    assert upload.number is not None
    sizes = await ledger.bulk_operations.pieces.sizes(upload.number, "IN")
    assert [one.lines for one in sizes] == [2, 2, 1]
    third = await ledger.bulk_operations.pieces.get(upload.number, "IN", 2)
    assert third is not None
    assert (third.first, third.lines) == (5, [line])


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_memory_is_level_over_a_file_of_200_megabytes(ledger: Store) -> None:
    line = b'{"openId":"oMine","remark":"' + b"x" * 2_000 + b'"}\n'
    part, parts = line * 32, 200_000_000 // (len(line) * 32)
    tracemalloc.start()
    upload = await receive(ledger, *[part] * parts)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert upload.lines == 32 * parts
    assert peak < 20 * PIECE_BYTES
