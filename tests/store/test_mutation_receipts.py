import msgspec
import pytest

from gateway.errors import IdempotencyInProgress
from gateway.mutation_progress import MutationProgress, working
from gateway.store.idempotency import Claim, KeyName
from gateway.store.mutation_receipts import (
    MutationReceipts,
    enter_field,
    leaving,
    left_before,
    write_receipt,
)
from gateway.store.store import Store
from tests.store.conftest import Clock

LEASE = 30.0
FIRST = KeyName("key-1", "import-7", "owner-1")
SECOND = FIRST._replace(owner="owner-2")


class Receipt(msgspec.Struct):
    """What the tests leave."""

    number: int


async def _claim(store: Store, name: KeyName) -> Claim:
    async with store.transaction() as transaction:
        return await store.idempotency.claim(transaction, name, b"op", LEASE)


async def _write(store: Store, path: str, number: int) -> None:
    async with store.transaction() as transaction:
        await store.shops.set_cart_path(transaction, "mini", path)
        await write_receipt(transaction, Receipt(number), [])


async def _cart_path(store: Store) -> str | None:
    return (await store.shops.get_many(["mini"]))["mini"].cart_path


async def test_each_field_finds_its_own_receipt(store: Store, clock: Clock) -> None:
    claim = await _claim(store, FIRST)
    with leaving(MutationReceipts(store.idempotency, FIRST, LEASE, claim)):
        for number, field in enumerate(("first", "second")):
            enter_field(field)
            await _write(store, f"/{field}", number)
        assert left_before(Receipt) is None
    clock.now += LEASE

    lost = await _claim(store, SECOND)
    done = MutationProgress(lost=True)
    with working(done), leaving(MutationReceipts(store.idempotency, SECOND, LEASE, lost)):
        enter_field("third")
        assert left_before(Receipt) is None
        assert not done.again
        enter_field("second")
        assert left_before(Receipt) == Receipt(1)
        assert done.again
        enter_field("first")
        assert left_before(Receipt) == Receipt(0)


async def test_what_is_another_one_s_meanwhile_is_not_committed(store: Store, clock: Clock) -> None:
    slow = MutationReceipts(store.idempotency, FIRST, LEASE, await _claim(store, FIRST))
    clock.now += LEASE
    lost = await _claim(store, SECOND)
    with leaving(MutationReceipts(store.idempotency, SECOND, LEASE, lost)):
        await _write(store, "/second", 2)

    with leaving(slow), pytest.raises(IdempotencyInProgress):
        await _write(store, "/first", 1)

    assert await _cart_path(store) == "/second"


async def test_a_transaction_that_fails_leaves_no_receipt(store: Store, clock: Clock) -> None:
    receipts = MutationReceipts(store.idempotency, FIRST, LEASE, await _claim(store, FIRST))

    async def fail() -> None:
        async with store.transaction() as transaction:
            await write_receipt(transaction, Receipt(1), [])
            raise OSError

    with leaving(receipts), pytest.raises(Exception, match="out of reach"):
        await fail()
    clock.now += LEASE

    assert (await _claim(store, SECOND)).receipts is None


async def test_without_a_key_nothing_is_left(store: Store) -> None:
    enter_field("first")
    await _write(store, "/first", 1)

    assert left_before(Receipt) is None
    assert await _cart_path(store) == "/first"
