"""What pushes sent last, and what was answered: kept sealed, gone with the buyer or in time."""

from sqlalchemy import select, update

from gateway.errors import LedgerUnreadable
from gateway.store.batches import no_progress
from gateway.store.personal import EXCHANGES
from gateway.store.push_exchanges import NewExchange, PushExchange
from gateway.store.store import Store
from gateway.store.tables import push_exchanges
from tests.store.conftest import Clock
from tests.store.samples import PERSONAL
from tests.store.test_pushes import add, new_push


async def put(store: Store, push_id: int, request: bytes, response: bytes | None = None) -> None:
    call = NewExchange(push_id, "mini", PushExchange(request, response))
    async with store.transaction() as transaction:
        await store.push_exchanges.put_many(transaction, [call])


async def test_the_last_call_replaces_the_one_before(store: Store) -> None:
    (push_id,) = await add(store, new_push("42"))
    await put(store, push_id, b'{"order_id":"42"}')
    await put(store, push_id, b'{"order_id":"42"}', b'{"errcode":0}')

    found = await store.push_exchanges.get_many([push_id, push_id + 1])

    assert found == {push_id: PushExchange(b'{"order_id":"42"}', b'{"errcode":0}')}
    assert await store.push_exchanges.get_many([]) == {}


async def test_nothing_of_a_call_is_stored_in_plain(store: Store) -> None:
    (push_id,) = await add(store, new_push("42"))
    await put(store, push_id, b"sealed words", b"more of them")

    async with store.transaction() as transaction:
        (row,) = (await transaction.connection.execute(select(push_exchanges))).all()

    assert b"words" not in row.request
    assert b"more" not in row.response


async def test_a_call_that_cannot_be_decrypted_says_so(store: Store) -> None:
    (push_id,) = await add(store, new_push("42"))
    await put(store, push_id, b"{}")
    async with store.transaction() as transaction:
        await transaction.connection.execute(update(push_exchanges).values(request=b"broken"))

    found = await store.push_exchanges.get_many([push_id])

    assert isinstance(found[push_id], LedgerUnreadable)


async def test_erasing_the_buyer_deletes_the_calls(store: Store) -> None:
    theirs, others = await add(store, new_push("1"), new_push("2", personal=None))
    await put(store, theirs, b"{}")
    await put(store, others, b"{}")

    erased = await store.personal.erase_buyer("mini", PERSONAL.open_id or "")

    assert erased.rows_by_place["calls of pushes"] == 1
    assert set(await store.push_exchanges.get_many([theirs, others])) == {others}


async def test_calls_go_in_time(store: Store, clock: Clock) -> None:
    (push_id,) = await add(store, new_push("42"))
    await put(store, push_id, b"{}")
    clock.now += 100
    await store.retention.begin("me")

    assert await store.retention.apply(EXCHANGES, 50, "me", no_progress) == 1

    assert await store.push_exchanges.get_many([push_id]) == {}
