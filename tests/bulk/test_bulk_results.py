"""Results of bulk operations: to whom they are given, and which bytes of which pieces."""

from typing import Any

import pytest

from gateway.auth import ALL_SHOPS, Viewer
from gateway.errors import Forbidden, StoreUnavailable
from gateway.services.bulk_operations import BulkOperationService
from gateway.services.bulk_results import BulkResultFile, BulkResultService
from gateway.store.bulk_operations import BulkCaller, BulkProgress, NewBulkOperation
from gateway.store.bulk_pieces import PieceContent
from gateway.store.store import Store
from schema.key import Key
from schema.scope import Scope

PIECES = (b"one", b"", b"three"), (b"four",)
TEXT = b"one\n\nthree\nfour\n"
READS, WRITES, PII = Scope.ORDERS_READ, Scope.ORDERS_WRITE, Scope.PII_READ


@pytest.fixture
def operations(ledger: Store) -> BulkOperationService:
    return BulkOperationService(ledger, list, "https://gateway.example")


async def written(ledger: Store, kind: str = "ORDERS_EXPORT", **changes: Any) -> int:
    """An operation that has ended with the two pieces."""
    caller = BulkCaller(
        name="shop",
        key_id="key",
        by_key=False,
        scopes=frozenset({READS, PII}),
        shops=frozenset({"mini", "swan"}),
    )
    new = NewBulkOperation(kind=kind, caller=caller, **changes)
    operations = ledger.bulk_operations
    async with ledger.transaction() as transaction:
        number = await operations.create(transaction, new)
        claimed = await operations.claim(transaction, "one", [kind], lease=9)
        assert claimed is not None
        pieces = [
            operations.pieces.sealed(number, "OUT", place, PieceContent(list(lines)))
            for place, lines in enumerate(PIECES)
        ]
        await operations.advance(
            transaction, claimed, BulkProgress(position="", pieces=pieces), lease=9
        )
        await operations.finish(transaction, claimed, "DONE")
    return number


def caller(*scopes: Scope, key_id: str = "key", shops: Any = ALL_SHOPS) -> Viewer:
    return Viewer(name="shop", scopes=frozenset(scopes), shops=shops, key_id=key_id)


async def test_an_export_is_given_to_its_key_while_that_may_see_all_of_it(
    ledger: Store, operations: BulkOperationService
) -> None:
    number = await written(ledger)
    results = BulkResultService(ledger, operations)
    name = operations.key_of(number, None).encode()

    for viewer in (caller(READS, PII), caller(READS, PII, shops=frozenset({"mini", "swan", "x"}))):
        found = await results.operation(name, viewer)
        assert found is not None
        assert found.id == number
    for viewer in (
        caller(READS, PII, key_id="other"),
        caller(READS, PII, shops=frozenset({"mini"})),
        caller(READS, shops=frozenset()),
    ):
        assert await results.operation(name, viewer) is None
    with pytest.raises(Forbidden, match="needs the scope pii:read, which this API key does not"):
        await results.operation(name, caller(READS))
    for other in ("", "x", Key("Push", "*", Key.decode(name).platform_id).encode()):
        assert await results.operation(other, caller(READS, PII)) is None


async def test_an_import_needs_its_shop_and_the_right_to_import(
    ledger: Store, operations: BulkOperationService
) -> None:
    number = await written(ledger, "ORDERS_IMPORT", shop="swan")
    results = BulkResultService(ledger, operations)
    name = operations.key_of(number, "swan").encode()

    assert await results.operation(name, caller(WRITES, shops=frozenset({"swan"}))) is not None
    assert await results.operation(name, caller(WRITES, shops=frozenset({"mini"}))) is None
    with pytest.raises(Forbidden, match="orders:write"):
        await results.operation(name, caller(READS))


async def test_a_part_is_read_from_the_pieces_that_have_it(
    ledger: Store, operations: BulkOperationService
) -> None:
    number = await written(ledger)
    results = BulkResultService(ledger, operations)
    (stored,) = (await ledger.bulk_operations.get_many([number])).values()
    file = await results.file(stored)
    assert file is not None
    assert (file.size, file.is_personal) == (len(TEXT), True)

    async def part(start: int, end: int) -> bytes:
        return b"".join([chunk async for chunk in results.read(file, start, end)])

    for start in range(len(TEXT) + 1):
        for end in range(start, len(TEXT) + 1):
            assert await part(start, end) == TEXT[start:end]
    assert [file.lines_between(*bounds) for bounds in ((0, 16), (0, 11), (11, 16), (5, 5))] == [
        4,
        3,
        1,
        0,
    ]


async def test_a_result_that_lost_a_piece_is_not_given_in_part(
    ledger: Store, operations: BulkOperationService
) -> None:
    number = await written(ledger)
    results = BulkResultService(ledger, operations)
    (stored,) = (await ledger.bulk_operations.get_many([number])).values()
    file = await results.file(stored)
    assert isinstance(file, BulkResultFile)
    async with ledger.transaction() as transaction:
        await ledger.bulk_operations.pieces.delete(transaction, number, "OUT", 1)

    assert await results.file(stored) is None
    with pytest.raises(StoreUnavailable, match="was deleted"):
        async for _ in results.read(file, 0, file.size):
            pass
