from gateway.store.product_originals import ProductOriginal
from gateway.store.store import Store

FIRST = ProductOriginal("flagship", "p1", '{"listed":true}', b"\x01\xff")
SECOND = ProductOriginal("flagship", "p2", "{}", None)
ELSEWHERE = ProductOriginal("other", "p1", '{"other":1}', None)


async def _put(store: Store, *originals: ProductOriginal) -> None:
    async with store.transaction() as transaction:
        for original in originals:
            await store.product_originals.put(transaction, original)


async def test_originals_are_kept_for_each_shop(store: Store) -> None:
    await _put(store, FIRST, SECOND, ELSEWHERE)

    found = store.product_originals.get_many
    assert await found("flagship", ["p1", "p2", "p3"]) == {"p1": FIRST, "p2": SECOND}
    assert await found("other", ["p1"]) == {"p1": ELSEWHERE}
    assert await found("flagship", []) == {}


async def test_what_is_written_last_counts(store: Store) -> None:
    again = ProductOriginal("flagship", "p1", '{"again":1}', None)

    await _put(store, FIRST)
    await _put(store, again)

    assert await store.product_originals.get_many("flagship", ["p1"]) == {"p1": again}


async def test_a_transaction_sees_what_it_wrote(store: Store) -> None:
    async with store.transaction() as transaction:
        await store.product_originals.put(transaction, FIRST)
        within = await store.product_originals.get_many("flagship", ["p1"], transaction)

    assert within == {"p1": FIRST}


async def test_a_product_is_forgotten_in_its_shop_alone(store: Store) -> None:
    await _put(store, FIRST, SECOND, ELSEWHERE)

    async with store.transaction() as transaction:
        await store.product_originals.delete(transaction, "flagship", "p1")

    assert await store.product_originals.get_many("flagship", ["p1", "p2"]) == {"p2": SECOND}
    assert await store.product_originals.get_many("other", ["p1"]) == {"p1": ELSEWHERE}
