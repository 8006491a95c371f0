"""Bulk operations in the ledger: claimed by one, advanced together with what they did."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from gateway.errors import LedgerUnreadable
from gateway.store.bulk_operations import (
    BulkCaller,
    BulkProgress,
    ClaimedBulkOperation,
    LeaseLost,
    NewBulkOperation,
    StoredBulkOperation,
)
from gateway.store.bulk_pieces import Direction, LineBuyer, PieceContent, PieceSize
from gateway.store.bulk_tables import bulk_operations, bulk_pieces
from gateway.store.personal_export import export_buyer
from gateway.store.store import Store
from tests.store.conftest import Clock
from tests.store.samples import NOW

DAY = 86_400.0
DIRECTIONS: tuple[Direction, ...] = ("IN", "OUT")
LEASE = 30.0
KINDS = ("ORDERS_EXPORT",)
CALLER = BulkCaller(
    name="shop",
    key_id="0123456789ab",
    by_key=True,
    scopes=frozenset({"orders:read", "pii:read"}),
    shops=frozenset({"mini", "swan"}),
)
NEW = NewBulkOperation(kind="ORDERS_EXPORT", caller=CALLER, request=b'{"openIds":["oBuyer"]}')
LINES = PieceContent([b'{"id":1}', b'{"id":22}'], [LineBuyer(1, "mini", "oBuyer")])


async def create(store: Store, new: NewBulkOperation = NEW) -> int:
    async with store.transaction() as transaction:
        return await store.bulk_operations.create(transaction, new)


async def claim(store: Store, owner: str = "one") -> ClaimedBulkOperation | None:
    async with store.transaction() as transaction:
        return await store.bulk_operations.claim(transaction, owner, KINDS, lease=LEASE)


async def claimed(store: Store, owner: str = "one") -> ClaimedBulkOperation:
    found = await claim(store, owner)
    assert found is not None
    return found


async def advance(
    store: Store, operation: ClaimedBulkOperation, position: str, *contents: PieceContent
) -> bool:
    """Advance by a line done and one refused, with these pieces of the result."""
    pieces = store.bulk_operations.pieces
    sealed = [
        pieces.sealed(operation.id, "OUT", number, content)
        for number, content in enumerate(contents)
    ]
    progress = BulkProgress(position=position, done=1, failed=1, total=9, pieces=sealed)
    async with store.transaction() as transaction:
        return await store.bulk_operations.advance(transaction, operation, progress, lease=LEASE)


async def finish(store: Store, operation: ClaimedBulkOperation, state: str = "DONE") -> None:
    async with store.transaction() as transaction:
        await store.bulk_operations.finish(transaction, operation, state)


async def stored(store: Store, number: int) -> StoredBulkOperation:
    return (await store.bulk_operations.get_many([number]))[number]


async def test_an_operation_is_continued_by_another_process_where_it_was(
    store: Store, clock: Clock
) -> None:
    number = await create(store)
    mine = await claimed(store)
    assert (mine.id, mine.position, mine.request) == (number, None, NEW.request)
    assert mine.stored.caller == CALLER
    assert await claim(store, "other") is None
    assert not await advance(store, mine, "2", LINES)

    clock.now += LEASE
    theirs = await claimed(store, "other")
    assert theirs.position == "2"
    # Whoever comes back after its lease ran out writes nothing.
    with pytest.raises(LeaseLost):
        await advance(store, mine, "4")
    with pytest.raises(LeaseLost):
        await finish(store, mine)
    await finish(store, theirs)

    assert await claim(store) is None
    assert await stored(store, number) == StoredBulkOperation(
        id=number,
        kind="ORDERS_EXPORT",
        state="DONE",
        shop=None,
        caller=CALLER,
        created_at=NOW,
        finished_at=NOW + LEASE,
        done=1,
        failed=1,
        total=9,
        error=None,
        cancel_requested=False,
        pieces_in=0,
        pieces_out=1,
        result_bytes=19,
        keeps_result=True,
    )
    pieces = store.bulk_operations.pieces
    assert await pieces.get(number, "OUT", 0) == LINES
    assert await pieces.get(number, "OUT", 1) is None
    assert await pieces.sizes(number, "OUT") == [PieceSize(0, 2, 19)]


async def test_what_a_slice_did_counts_only_if_its_transaction_is_committed(store: Store) -> None:
    number = await create(store)
    mine = await claimed(store)
    progress = BulkProgress(position="2", done=2)

    async def advance_and_die() -> None:
        async with store.transaction() as transaction:
            await store.bulk_operations.advance(transaction, mine, progress, lease=LEASE)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await advance_and_die()
    async with store.transaction() as transaction:
        await store.bulk_operations.release(transaction, mine)

    again = await claimed(store)

    assert (again.position, (await stored(store, number)).done) == (None, 0)


async def test_operations_take_turns(store: Store, clock: Clock) -> None:
    first, second = await create(store), await create(store)
    for expected in (first, second, first):
        clock.now += 1
        mine = await claimed(store)
        assert mine.id == expected
        async with store.transaction() as transaction:
            await store.bulk_operations.release(transaction, mine)
    assert await store.bulk_operations.is_due(clock.now, KINDS)
    assert not await store.bulk_operations.is_due(clock.now, ["ORDERS_IMPORT"])


async def test_a_slice_that_takes_long_keeps_its_lease(store: Store, clock: Clock) -> None:
    await create(store)
    mine = await claimed(store)
    clock.now += LEASE - 1
    async with store.transaction() as transaction:
        await store.bulk_operations.renew(transaction, mine, lease=LEASE)
    clock.now += LEASE - 1

    assert await claim(store, "other") is None


async def test_a_waiting_operation_is_cancelled_at_once_and_a_running_one_is_told(
    store: Store, clock: Clock
) -> None:
    running, waiting = await create(store), await create(store)
    mine = await claimed(store)
    clock.now += 1
    async with store.transaction() as transaction:
        assert await store.bulk_operations.cancel(transaction, waiting)
        assert not await store.bulk_operations.cancel(transaction, waiting)
        assert await store.bulk_operations.cancel(transaction, running)
    ended = await stored(store, waiting)
    assert (ended.state, ended.finished_at) == ("CANCELLED", NOW + 1)

    assert await advance(store, mine, "1")
    await finish(store, mine, "CANCELLED")

    assert (await stored(store, running)).state == "CANCELLED"


async def test_a_file_is_seen_once_it_is_whole_and_goes_when_it_is_settled(
    store: Store, clock: Clock
) -> None:
    operations = store.bulk_operations
    new = replace(NEW, kind="ORDERS_EXPORT", shop="mini", request=None)
    async with store.transaction() as transaction:
        number = await operations.begin_receiving(transaction, new, lease=LEASE)
    for place in range(3):
        piece = operations.pieces.sealed(number, "IN", place, LINES)
        async with store.transaction() as transaction:
            await operations.receive(transaction, piece, lease=LEASE)
    assert await operations.get_many([number]) == {}
    assert await operations.page(None, after=None, limit=9) == []
    assert await claim(store) is None
    assert await operations.abandoned(clock.now) is None
    async with store.transaction() as transaction:
        await operations.received(transaction, number, 6)
    assert [one.total for one in await operations.page(None, after=None, limit=9)] == [6]

    mine = await claimed(store)
    assert not await operations.has_settled_file()
    await finish(store, mine, "FAILED")

    assert await operations.has_settled_file()
    async with store.transaction() as transaction:
        assert await operations.delete_settled_files(transaction, 2) == 2
        assert await operations.delete_settled_files(transaction, 2) == 1
        assert await operations.delete_settled_files(transaction, 2) == 0
    assert await operations.pieces.sizes(number, "IN") == []


async def test_a_file_that_stopped_coming_is_dropped(store: Store, clock: Clock) -> None:
    operations = store.bulk_operations
    async with store.transaction() as transaction:
        number = await operations.begin_receiving(transaction, NEW, lease=LEASE)
    piece = operations.pieces.sealed(number, "IN", 0, LINES)
    async with store.transaction() as transaction:
        await operations.receive(transaction, piece, lease=LEASE)

    clock.now += LEASE
    assert await operations.abandoned(clock.now) == number
    async with store.transaction() as transaction:
        assert not await operations.drop(transaction, number, 1)
        assert await operations.drop(transaction, number, 1)
    late = operations.pieces.sealed(number, "IN", 1, LINES)

    assert await operations.abandoned(clock.now) is None
    with pytest.raises(LeaseLost):
        async with store.transaction() as transaction:
            await operations.receive(transaction, late, lease=LEASE)


async def test_operations_are_listed_by_caller_newest_first(store: Store) -> None:
    other = replace(NEW, caller=replace(CALLER, key_id="another"))
    first, second, third = await create(store), await create(store, other), await create(store)
    page = store.bulk_operations.page

    assert [one.id for one in await page(CALLER.key_id, after=None, limit=9)] == [third, first]
    assert [one.id for one in await page(CALLER.key_id, after=third, limit=9)] == [first]
    assert [one.id for one in await page(None, after=None, limit=2)] == [third, second]


async def test_results_expire_in_batches_and_the_operations_after_them(
    store: Store, clock: Clock
) -> None:
    operations = store.bulk_operations
    number = await create(store)
    mine = await claimed(store)
    await advance(store, mine, "1", LINES, LINES, LINES)
    await finish(store, mine)
    running = await create(store)

    clock.now += 7 * DAY + 1
    async with store.transaction() as transaction:
        assert await operations.prune(transaction, 7 * DAY, 9) == 0
        assert await operations.expire_results(transaction, 8 * DAY, 2) == 0
        assert await operations.expire_results(transaction, 7 * DAY, 2) == 2
        assert await operations.expire_results(transaction, 7 * DAY, 2) == 1
        assert await operations.expire_results(transaction, 7 * DAY, 2) == 0
    ended = await stored(store, number)
    assert (ended.keeps_result, await operations.pieces.sizes(number, "OUT")) == (False, [])
    async with store.transaction() as transaction:
        assert await operations.prune(transaction, 7 * DAY, 9) == 1

    assert list(await operations.get_many([number, running])) == [running]


async def test_a_request_that_cannot_be_read_spoils_no_other(store: Store) -> None:
    await create(store)
    await store.personal.erase_buyer("mini", "oBuyer")
    assert (await claimed(store)).request is None
    spoiled = await create(store)
    await create(store)
    spoil = update(bulk_operations).where(bulk_operations.c.id == spoiled).values(request=b"x")
    async with store.transaction() as transaction:
        await transaction.connection.execute(spoil)

    assert isinstance((await claimed(store)).request, LedgerUnreadable)
    assert (await claimed(store)).request == NEW.request


async def test_erasure_rewrites_files_and_results_and_keeps_the_length_of_lines(
    store: Store,
) -> None:
    pieces = store.bulk_operations.pieces
    long = b'{"platformId":"1","openId":"oBuyer"}'
    other = b'{"platformId":"2","openId":"oOther"}'
    content = PieceContent(
        [long, other, b'{"openId":"oBuyer",', b"{}", b'{"swanId":"oBuyer"}'],
        [
            LineBuyer(0, "mini", "oBuyer"),
            LineBuyer(1, "mini", "oOther"),
            LineBuyer(2, "mini", None),
            LineBuyer(3, "swan", "oBuyer"),
            LineBuyer(4, "mini", "oBuyer", swan=True),
        ],
        first=7,
    )
    number = await create(store)
    async with store.transaction() as transaction:
        for direction in DIRECTIONS:
            await pieces.add(transaction, pieces.sealed(number, direction, 0, content))
    async with store.transaction() as transaction:
        found = await export_buyer(transaction, store.vault, "mini", "oBuyer")
    shown = [one["content"] for one in found["files and results of bulk operations"]]
    assert shown == [[line.decode() for line in content.lines if b"oBuyer" in line]] * 2

    erased = await store.personal.erase_buyer("mini", "oBuyer")

    assert erased.rows_by_place["files and results of bulk operations"] == 2
    for direction in DIRECTIONS:
        left = await pieces.get(number, direction, 0)
        assert left == PieceContent(
            [
                b'{"erased":true}'.ljust(len(long)),
                other,
                b'{"erased":true}'.ljust(len(content.lines[2])),
                b"{}",
                b'{"erased":true}'.ljust(len(content.lines[4])),
            ],
            [content.buyers[1], content.buyers[3]],
            first=7,
        )
        assert left.size == content.size


async def test_a_piece_that_cannot_be_read_is_erased_whole(store: Store) -> None:
    number = await create(store)
    pieces = store.bulk_operations.pieces
    async with store.transaction() as transaction:
        await pieces.add(transaction, pieces.sealed(number, "OUT", 0, LINES))
        await transaction.connection.execute(update(bulk_pieces).values(content=b"damaged"))
        found = await export_buyer(transaction, store.vault, "mini", "oBuyer")
    await store.personal.erase_buyer("mini", "oBuyer")

    shown = [one["content"] for one in found["files and results of bulk operations"]]
    assert shown == [{"unreadable": True}]
    assert await pieces.get(number, "OUT", 0) == PieceContent([])


async def test_files_results_and_requests_are_erased_by_age(store: Store, clock: Clock) -> None:
    number = await create(store)
    pieces = store.bulk_operations.pieces
    async with store.transaction() as transaction:
        await pieces.add(transaction, pieces.sealed(number, "OUT", 0, LINES))
    clock.now += 2 * DAY
    await store.personal.erase_older_than(DAY)

    assert await pieces.get(number, "OUT", 0) is None
    assert (await claimed(store)).request is None
