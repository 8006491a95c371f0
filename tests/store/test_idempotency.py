import asyncio

import pytest

from gateway.errors import StoreUnavailable
from gateway.store.batches import no_progress
from gateway.store.crypto import Vault, parse_key
from gateway.store.engine import Database
from gateway.store.idempotency import Claim, IdempotencyKeys, KeyName, Standing
from gateway.store.personal import OUTCOMES
from gateway.store.store import Store
from tests.store.conftest import Clock
from tests.store.samples import KEY

LEASE = 30.0
FIRST = KeyName("key-1", "import-7", "owner-1")
SECOND = FIRST._replace(owner="owner-2")
THIRD = FIRST._replace(owner="owner-3")
#: As `FIRST` leaves it that did nothing.
LOST = Claim(Standing.LOST, holder="owner-1")


async def _claim(store: Store, name: KeyName = FIRST, operation: bytes = b"op") -> Claim:
    async with store.transaction() as transaction:
        return await store.idempotency.claim(transaction, name, operation, LEASE)


async def _finish(store: Store, name: KeyName = FIRST, outcome: bytes = b"done") -> None:
    async with store.transaction() as transaction:
        await store.idempotency.finish(transaction, name, outcome)


async def _leave(
    store: Store, name: KeyName = FIRST, receipts: bytes = b"[1]", lost: str | None = None
) -> bool:
    async with store.transaction() as transaction:
        return await store.idempotency.leave(transaction, name, receipts, LEASE, lost=lost)


async def test_a_new_key_is_claimed_once(store: Store) -> None:
    assert await _claim(store) == Claim(Standing.CLAIMED)
    assert await _claim(store, SECOND) == Claim(Standing.UNDER_WAY)
    assert await _claim(store, SECOND, b"another") == Claim(Standing.OTHER_OPERATION)


async def test_of_many_one_claims_it(store: Store) -> None:
    names = [FIRST._replace(owner=f"owner-{n}") for n in range(8)]
    claims = await asyncio.gather(*(_claim(store, name) for name in names))

    standings = [claim.standing for claim in claims]
    assert standings.count(Standing.CLAIMED) == 1
    assert standings.count(Standing.UNDER_WAY) == 7


async def test_the_outcome_is_given_again(store: Store) -> None:
    await _claim(store)
    await _finish(store, outcome=b'{"data":1}')

    assert await _claim(store, SECOND) == Claim(Standing.DONE, b'{"data":1}')
    assert await _claim(store, SECOND, b"another") == Claim(Standing.OTHER_OPERATION)


@pytest.mark.parametrize("other", [FIRST._replace(caller="key-2"), FIRST._replace(key="import-8")])
async def test_callers_and_keys_are_told_apart(store: Store, other: KeyName) -> None:
    await _claim(store)

    assert await _claim(store, other) == Claim(Standing.CLAIMED)


async def test_what_was_released_is_as_good_as_new(store: Store) -> None:
    await _claim(store)
    async with store.transaction() as transaction:
        await store.idempotency.release(transaction, FIRST)

    assert await _claim(store, SECOND, b"another") == Claim(Standing.CLAIMED)


async def test_a_lease_that_ran_out_leaves_it_lost(store: Store, clock: Clock) -> None:
    await _claim(store)
    clock.now += LEASE - 1
    assert await _claim(store, SECOND) == Claim(Standing.UNDER_WAY)
    clock.now += 1

    assert await _claim(store, SECOND) == LOST
    assert await _claim(store, SECOND) == LOST


async def test_a_lease_can_be_renewed(store: Store, clock: Clock) -> None:
    await _claim(store)
    clock.now += LEASE - 1
    async with store.transaction() as transaction:
        await store.idempotency.renew(transaction, FIRST, LEASE)
    clock.now += LEASE - 1

    assert await _claim(store, SECOND) == Claim(Standing.UNDER_WAY)


async def test_a_late_owner_still_tells_what_came_of_it(store: Store, clock: Clock) -> None:
    await _claim(store)
    clock.now += LEASE
    lost = await _claim(store, SECOND)
    await _finish(store)

    assert lost == LOST
    assert await _claim(store, SECOND) == Claim(Standing.DONE, b"done")


async def test_what_was_left_is_told_to_whoever_finds_it_lost(store: Store, clock: Clock) -> None:
    await _claim(store)
    assert await _leave(store)
    assert await _leave(store, receipts=b"[1,2]")
    assert await _claim(store, SECOND) == Claim(Standing.UNDER_WAY)
    clock.now += LEASE

    lost = await _claim(store, SECOND)
    assert lost == Claim(Standing.LOST, receipts=b"[1,2]", holder="owner-1")


async def test_whoever_goes_on_with_it_keeps_the_first_one_out(store: Store, clock: Clock) -> None:
    await _claim(store)
    clock.now += LEASE
    for name in (SECOND, THIRD):
        assert await _claim(store, name) == LOST

    assert await _leave(store, SECOND, lost="owner-1")
    assert not await _leave(store, THIRD, b"[3]", lost="owner-1")
    assert not await _leave(store, FIRST, b"[0]")
    await _finish(store, FIRST, b"late")
    assert await _claim(store, THIRD) == Claim(Standing.UNDER_WAY)
    await _finish(store, SECOND)
    assert await _claim(store, THIRD) == Claim(Standing.DONE, b"done")


async def test_a_first_one_that_was_only_slow_keeps_others_out(store: Store, clock: Clock) -> None:
    await _claim(store)
    clock.now += LEASE
    assert await _claim(store, SECOND) == LOST

    assert await _leave(store)
    assert not await _leave(store, SECOND, b"[2]", lost="owner-1")
    clock.now += LEASE
    lost = await _claim(store, SECOND)
    assert lost == Claim(Standing.LOST, receipts=b"[1]", holder="owner-1")


async def test_nothing_is_left_after_the_end(store: Store) -> None:
    await _claim(store)
    await _finish(store)

    assert not await _leave(store)


async def test_what_left_receipts_is_not_released(store: Store, clock: Clock) -> None:
    await _claim(store)
    await _leave(store)
    async with store.transaction() as transaction:
        await store.idempotency.release(transaction, FIRST)
    clock.now += LEASE

    assert (await _claim(store, SECOND)).receipts == b"[1]"


async def test_only_the_owner_finishes_and_releases(store: Store) -> None:
    await _claim(store)
    await _finish(store, SECOND)
    async with store.transaction() as transaction:
        await store.idempotency.release(transaction, SECOND)

    assert await _claim(store, SECOND) == Claim(Standing.UNDER_WAY)


async def test_outcomes_are_forgotten_a_while_after_they_came(store: Store, clock: Clock) -> None:
    await _claim(store)
    clock.now += 100
    await _finish(store)
    for passed, forgotten in ((3600, 0), (1, 1)):
        clock.now += passed
        assert await store.retention.apply(OUTCOMES, 3600, "test", no_progress) == forgotten

    assert await _claim(store, SECOND) == Claim(Standing.CLAIMED)


async def test_an_outcome_is_readable_in_its_place_only(store: Store, store_url: str) -> None:
    await _claim(store)
    await _finish(store)
    database = Database(store_url, clock=lambda: 0.0)
    stranger = IdempotencyKeys(database, Vault(parse_key("00" * 32)))
    with pytest.raises(StoreUnavailable, match="cannot be decrypted"):
        async with database.transaction() as transaction:
            await stranger.claim(transaction, SECOND, b"op", LEASE)
    await database.close()
    assert KEY != "00" * 32
