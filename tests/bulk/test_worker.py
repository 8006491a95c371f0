"""The worker of bulk operations: turns, rights, cancellation, and another process's work."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from gateway.auth import Viewer
from gateway.auth.keys_file import KeyRecord
from gateway.bulk.worker import LEASE, BulkFailed, BulkJob, BulkWorker, CallerRights
from gateway.concurrency.clock import Clock
from gateway.errors import StoreUnavailable
from gateway.store.bulk_operations import (
    BulkCaller,
    BulkProgress,
    LeaseLost,
    NewBulkOperation,
    StoredBulkOperation,
)
from gateway.store.bulk_pieces import PieceContent
from gateway.store.store import Store
from schema.scope import Scope
from tests.fixtures_ledger import NOW

KIND = "ORDERS_EXPORT"
CALLER = BulkCaller(
    name="shop", key_id="", by_key=False, scopes=frozenset({"orders:read"}), shops=None
)
RECORD = KeyRecord(
    name="shop",
    sha256="5a" * 32,
    scopes=frozenset({Scope.ORDERS_READ, Scope.PII_READ}),
    shops=frozenset({"mini", "swan"}),
    created_at=datetime.fromtimestamp(NOW, UTC),
)
OF_KEY = replace(
    CALLER,
    key_id=RECORD.id,
    by_key=True,
    scopes=frozenset({"orders:read", "catalog:read", "gone:read"}),
    shops=frozenset({"mini", "flagship"}),
)


@dataclass
class Counting:
    """Writes a line in each slice, up to `lines`; `before` is called with each job."""

    lines: int
    before: Callable[[BulkJob], None] = lambda _: None
    seen: list[str | None] = field(default_factory=list)
    store: Store | None = None

    async def run_slice(self, job: BulkJob) -> bool:
        """Writes the next line."""
        assert self.store is not None
        self.seen.append(job.position)
        self.before(job)
        line = int(job.position or 0)
        if line == self.lines:
            return True
        pieces = self.store.bulk_operations.pieces
        piece = pieces.sealed(job.claimed.id, "OUT", job.next_piece, PieceContent([b"%d" % line]))
        progress = BulkProgress(position=str(line + 1), done=1, pieces=[piece])
        async with self.store.transaction() as transaction:
            await job.advance(transaction, progress)
        return False


def worker(
    store: Store, handler: Counting, records: Sequence[KeyRecord] = (), ticks: float = 0.0
) -> BulkWorker:
    """A worker whose clock moves by so many seconds with each look at it."""
    handler.store = store
    moments = iter(range(1_000_000))
    clock = Clock(monotonic=lambda: next(moments) * ticks, wall=lambda: NOW)
    rights = CallerRights(lambda: records, clock.wall)
    return BulkWorker(store, {KIND: handler}, rights, clock, "worker")


async def create(store: Store, caller: BulkCaller = CALLER, kind: str = KIND) -> int:
    async with store.transaction() as transaction:
        new = NewBulkOperation(kind=kind, caller=caller)
        return await store.bulk_operations.create(transaction, new)


async def found(store: Store, number: int) -> StoredBulkOperation:
    return (await store.bulk_operations.get_many([number]))[number]


async def test_an_operation_is_done_slice_by_slice(ledger: Store) -> None:
    number = await create(ledger)
    handler = Counting(3)
    working = worker(ledger, handler)

    assert await working.once() == 1
    assert await working.once() == 0

    assert handler.seen == [None, "1", "2", "3"]
    done = await found(ledger, number)
    assert (done.state, done.done, done.pieces_out, done.result_bytes) == ("DONE", 3, 3, 6)


async def test_operations_take_turns_and_continue_where_they_were(ledger: Store) -> None:
    numbers = [await create(ledger), await create(ledger)]
    handler = Counting(2)
    working = worker(ledger, handler, ticks=2.0)

    while await working.once():
        pass

    # All rows have one time: the turns are in the order of the numbers.
    assert handler.seen == [None, "1", "2", None, "1", "2"]
    assert [(await found(ledger, number)).state for number in numbers] == ["DONE", "DONE"]


async def test_kinds_without_a_handler_are_left_to_others(ledger: Store) -> None:
    number = await create(ledger, kind="ORDERS_IMPORT")

    assert await worker(ledger, Counting(1)).once() == 0

    assert (await found(ledger, number)).state == "WAITING"


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (BulkFailed("The shop is gone."), "The shop is gone."),
        (ZeroDivisionError("oBuyer"), "An error in the gateway ended it; see its log."),
    ],
)
async def test_a_failure_ends_the_operation_with_its_reason(
    ledger: Store, failure: Exception, error: str
) -> None:
    def fail(job: BulkJob) -> None:
        if job.position == "1":
            raise failure

    number = await create(ledger)
    with capture_logs():
        assert await worker(ledger, Counting(3, fail)).once() == 1

    ended = await found(ledger, number)
    assert (ended.state, ended.done, ended.error) == ("FAILED", 1, error)


async def test_an_outage_of_the_store_ends_nothing(ledger: Store) -> None:
    def fail(_: BulkJob) -> None:
        raise StoreUnavailable("away")

    number = await create(ledger)
    with pytest.raises(StoreUnavailable):
        await worker(ledger, Counting(1, fail)).once()

    assert (await found(ledger, number)).state == "RUNNING"


async def test_a_cancelled_operation_ends_after_its_slice(ledger: Store) -> None:
    number = await create(ledger)
    handler = Counting(9)
    working = worker(ledger, handler, ticks=2.0)
    await working.once()
    async with ledger.transaction() as transaction:
        assert await ledger.bulk_operations.cancel(transaction, number)

    await working.once()

    ended = await found(ledger, number)
    assert (ended.state, ended.done, handler.seen) == ("CANCELLED", 1, [None])


async def test_who_lost_the_lease_writes_nothing_more(ledger: Store) -> None:
    number = await create(ledger)
    async with ledger.transaction() as transaction:
        theirs = await ledger.bulk_operations.claim(transaction, "other", [KIND], lease=-LEASE)
    assert theirs is not None
    handler = Counting(2)
    working = worker(ledger, handler)
    await working.once()

    progress = BulkProgress(position="7", done=7)
    async with ledger.transaction() as transaction:
        with pytest.raises(LeaseLost):
            await ledger.bulk_operations.advance(transaction, theirs, progress, lease=LEASE)

    assert (await found(ledger, number)).done == 2


def rights_of(*records: KeyRecord) -> Viewer | None:
    return CallerRights(lambda: records, lambda: NOW).viewer(OF_KEY)


def test_a_caller_may_do_what_it_was_allowed_and_still_is() -> None:
    assert rights_of(RECORD) == Viewer(
        name="shop",
        scopes=frozenset({Scope.ORDERS_READ}),
        shops=frozenset({"mini"}),
        key_id=RECORD.id,
    )
    without = replace(OF_KEY, by_key=False)
    viewer = CallerRights(list, lambda: NOW).viewer(without)
    assert viewer is not None
    assert viewer.scopes == {Scope.ORDERS_READ, Scope.CATALOG_READ}
    assert viewer.bound_to == frozenset({"mini", "flagship"})
    everything = CallerRights(list, lambda: NOW).viewer(CALLER)
    assert everything is not None
    assert everything.bound_to is None


def test_a_key_that_replaces_another_continues_its_operations() -> None:
    new = KeyRecord(
        name="shop",
        sha256="a5" * 32,
        scopes=RECORD.scopes,
        shops=frozenset({"*"}),
        created_at=RECORD.created_at,
        replaces=RECORD.id,
    )

    viewer = rights_of(new)

    assert viewer is not None
    assert viewer.bound_to == frozenset({"mini", "flagship"})


async def test_an_operation_ends_with_its_key(ledger: Store) -> None:
    ended = KeyRecord(
        name="shop",
        sha256=RECORD.sha256,
        scopes=RECORD.scopes,
        shops=RECORD.shops,
        created_at=RECORD.created_at,
        expires_at=RECORD.created_at - timedelta(seconds=1),
    )
    assert rights_of(ended) is None
    number = await create(ledger, OF_KEY)

    assert await worker(ledger, Counting(1), [ended]).once() == 1

    stored = await found(ledger, number)
    assert (stored.state, stored.error) == (
        "FAILED",
        "The API key that asked for it is no longer valid.",
    )


async def test_files_of_ended_operations_and_those_that_stopped_coming_are_deleted(
    ledger: Store,
) -> None:
    operations = ledger.bulk_operations
    for lease in (LEASE, -LEASE):
        async with ledger.transaction() as transaction:
            new = NewBulkOperation(kind=KIND, caller=CALLER)
            number = await operations.begin_receiving(transaction, new, lease=lease)
            piece = operations.pieces.sealed(number, "IN", 0, PieceContent([b"1"]))
            await operations.receive(transaction, piece, lease=lease)
    async with ledger.transaction() as transaction:
        await operations.received(transaction, 1, 1)
        await operations.cancel(transaction, 1)
    working = worker(ledger, Counting(1))

    assert [await working.once() for _ in range(3)] == [1, 1, 0]

    assert await operations.pieces.sizes(1, "IN") == await operations.pieces.sizes(2, "IN") == []
    assert [one.id for one in await operations.page(None, after=None, limit=9)] == [1]
