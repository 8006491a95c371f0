from hypothesis import given

from gateway.store.documents import WantedItemDocument
from gateway.store.store import Store
from gateway.store.wanted_items import WantedItemKey, WantedItemPosition
from tests.store.conftest import Clock
from tests.store.samples import FEW, NOW, documents, wanted_item

OPEN_ID = "oABC-buyer-1"


async def put(store: Store, *given: WantedItemDocument, open_id: str = OPEN_ID) -> None:
    async with store.transaction() as transaction:
        await store.wanted_items.put_many(transaction, "mini", open_id, given)


async def products(store: Store, open_id: str = OPEN_ID) -> list[str]:
    page = await store.wanted_items.page("mini", open_id, limit=100)
    return [stored.document.platform_product_id for stored in page]


@FEW
@given(documents(WantedItemDocument))
async def test_any_line_is_read_as_it_was_put(store: Store, document: WantedItemDocument) -> None:
    await put(store, document)

    key = WantedItemKey(document.platform_product_id, document.platform_sku_id)
    item_id = store.wanted_items.item_id("mini", OPEN_ID, key)
    stored = (await store.wanted_items.get_many("mini", [item_id]))[item_id]
    assert (stored.document, stored.found) == (document, OPEN_ID)


async def test_a_line_has_an_id_that_tells_nothing_of_the_buyer(store: Store) -> None:
    await put(store, wanted_item("p"))

    (stored,) = await store.wanted_items.page("mini", OPEN_ID, limit=2)

    key = WantedItemKey("p", "p-red")
    assert stored.item_id == store.wanted_items.item_id("mini", OPEN_ID, key)
    assert len(bytes.fromhex(stored.item_id)) == 16
    assert store.wanted_items.item_id("mini", "other", key) != stored.item_id
    assert store.wanted_items.item_id("mini", OPEN_ID, WantedItemKey("p")) != stored.item_id
    assert await store.wanted_items.get_many("mini", [stored.item_id]) == {stored.item_id: stored}
    assert await store.wanted_items.get_many("swan", [stored.item_id]) == {}
    assert await store.wanted_items.get_many("mini", []) == {}


async def test_putting_again_replaces_the_line_but_not_when_it_was_added(
    store: Store, clock: Clock
) -> None:
    await put(store, wanted_item("p"))
    clock.now += 60
    await put(store, wanted_item("p", title="new"))

    (stored,) = await store.wanted_items.page("mini", OPEN_ID, limit=2)
    assert stored.document == wanted_item("p", title="new")
    assert (stored.version, stored.added_at, stored.written_at) == (2, int(NOW), NOW + 60)

    await put(store, wanted_item("p", added_at=7))
    (stored,) = await store.wanted_items.page("mini", OPEN_ID, limit=2)
    assert (stored.version, stored.added_at) == (3, 7)


async def test_pages_show_the_newest_first(store: Store) -> None:
    await put(store, *(wanted_item(f"p{number}", added_at=number) for number in range(5)))

    first = await store.wanted_items.page("mini", OPEN_ID, limit=3)
    after = WantedItemPosition(first[-1].added_at, first[-1].item_id)
    rest = await store.wanted_items.page("mini", OPEN_ID, after=after, limit=3)

    shown = [stored.document.platform_product_id for stored in (*first, *rest)]
    assert shown == ["p4", "p3", "p2", "p1", "p0"]


async def test_each_buyer_has_a_list_of_their_own(store: Store) -> None:
    await put(store, wanted_item("p1"))
    await put(store, wanted_item("p2"), open_id="other")
    await put(store)

    assert await products(store) == ["p1"]
    assert await products(store, "other") == ["p2"]
    assert await products(store, "nobody") == []


async def test_lines_are_removed_by_product_and_sku(store: Store) -> None:
    await put(store, wanted_item("p1"), wanted_item("p2"))
    await put(store, wanted_item("p1"), open_id="other")
    keys = [WantedItemKey("p1", "p1-red"), WantedItemKey("p2"), WantedItemKey("p3")]

    async with store.transaction() as transaction:
        removed = await store.wanted_items.remove(transaction, "mini", OPEN_ID, keys)
        assert await store.wanted_items.remove(transaction, "mini", OPEN_ID, []) == []

    assert removed == [store.wanted_items.item_id("mini", OPEN_ID, keys[0])]
    assert await products(store) == ["p2"]
    assert await products(store, "other") == ["p1"]


async def test_a_list_is_emptied(store: Store) -> None:
    await put(store, wanted_item("p1"), wanted_item("p2"))
    await put(store, wanted_item("p1"), open_id="other")

    async with store.transaction() as transaction:
        assert len(await store.wanted_items.clear(transaction, "mini", OPEN_ID)) == 2
        assert await store.wanted_items.clear(transaction, "mini", OPEN_ID) == []

    assert await products(store) == []
    assert await products(store, "other") == ["p1"]
