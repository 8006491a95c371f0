from gateway.store.store import Store
from tests.store.conftest import Clock


async def link(store: Store, links: dict[str, str], to_shop: str = "mini") -> None:
    async with store.transaction() as transaction:
        await store.buyer_links.put_many(transaction, "flagship", to_shop, links)


async def test_linked_buyers_are_found(store: Store) -> None:
    await link(store, {"a": "mini-a", "b": "mini-b"})
    await link(store, {"a": "swan-a"}, to_shop="swan")

    found = await store.buyer_links.get_many("flagship", "mini", ["a", "b", "c"])

    assert found == {"a": "mini-a", "b": "mini-b"}
    assert await store.buyer_links.get_many("flagship", "swan", ["a", "b"]) == {"a": "swan-a"}
    assert await store.buyer_links.get_many("mini", "flagship", ["mini-a"]) == {}
    assert await store.buyer_links.get_many("flagship", "mini", []) == {}


async def test_the_last_word_counts(store: Store) -> None:
    await link(store, {"a": "mini-a"})
    await link(store, {"a": "mini-z"})

    assert await store.buyer_links.get_many("flagship", "mini", ["a"]) == {"a": "mini-z"}


async def test_nothing_to_link_is_no_error(store: Store) -> None:
    await link(store, {})

    assert await store.buyer_links.get_many("flagship", "mini", ["a"]) == {}


async def test_a_link_goes_with_either_of_its_buyers(store: Store) -> None:
    await link(store, {"a": "mini-a", "b": "mini-b"})
    await store.personal.erase_buyer("flagship", "a")
    await store.personal.erase_buyer("mini", "mini-b")

    assert await store.buyer_links.get_many("flagship", "mini", ["a", "b"]) == {}


async def test_links_are_listed_and_removed(store: Store, clock: Clock) -> None:
    await link(store, {"a": "mini-a"})
    clock.now += 1
    await link(store, {"b": "mini-b"})
    await link(store, {"c": "swan-c"}, to_shop="swan")

    first, second = await store.buyer_links.page("flagship", "mini", limit=9)
    assert (first.open_id, first.to_open_id) == ("b", "mini-b")
    assert first.position.written_at == clock.now
    assert (second.open_id, second.to_open_id) == ("a", "mini-a")
    after = first.position
    assert await store.buyer_links.page("flagship", "mini", after=after, limit=9) == [second]

    async with store.transaction() as transaction:
        links = store.buyer_links
        assert await links.remove(transaction, "flagship", "mini", ["a", "c"]) == 1
        assert await links.remove(transaction, "flagship", "mini", []) == 0
    assert await store.buyer_links.page("flagship", "mini", limit=9) == [first]
    assert await store.buyer_links.get_many("flagship", "mini", ["a", "b"]) == {"b": "mini-b"}
