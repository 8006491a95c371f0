from msgspec.structs import replace

from gateway.store.documents import MirrorDocument, OrderDocument, OrderItem
from gateway.store.mirrors import Mirror, StoppedMirror
from gateway.store.orders import StoredOrderQuery
from gateway.store.store import Store
from tests.store.conftest import Clock

ORDER = OrderDocument(
    platform_id="1",
    status="SHIPPED",
    created_at=100,
    items=(OrderItem(platform_product_id="p", title="T恤", quantity=1, unit_price=990),),
    total=990,
)

COPY = Mirror(
    shop="flagship",
    platform_id="1",
    to_shop="mini",
    to_platform_id="1",
    settings=MirrorDocument(title="订单", kind="VIRTUAL", paid_at=1_600_000_000),
    open_id="o-store",
    to_open_id="o-mini",
)
WAITING = Mirror(
    shop="flagship", platform_id="2", to_shop="swan", to_platform_id="2", open_id="o-store"
)
NOBODYS = Mirror(shop="flagship", platform_id="3", to_shop="swan", to_platform_id="3")


async def keep(store: Store, *mirrors: Mirror) -> None:
    async with store.transaction() as transaction:
        for mirror in mirrors:
            await store.mirrors.put(transaction, mirror)


async def test_mirrors_are_found_by_their_orders(store: Store) -> None:
    await keep(store, COPY, WAITING, NOBODYS)

    assert await store.mirrors.of_orders("flagship", ["1", "3", "9"]) == [COPY, NOBODYS]
    assert await store.mirrors.of_orders("other", ["1"]) == []
    assert await store.mirrors.of_orders("flagship", []) == []


async def test_mirrors_are_found_by_their_buyers(store: Store) -> None:
    await keep(store, COPY, WAITING, NOBODYS)

    async with store.transaction() as transaction:
        found = await store.mirrors.of_buyers("flagship", "swan", ["o-store"], within=transaction)

    assert found == [WAITING]
    assert await store.mirrors.of_buyers("flagship", "mini", ["o-store", "x"]) == [COPY]
    assert await store.mirrors.of_buyers("flagship", "mini", []) == []


async def test_what_is_given_later_replaces_it(store: Store) -> None:
    later = Mirror(shop="flagship", platform_id="1", to_shop="mini", to_platform_id="1")
    await keep(store, COPY, later)

    assert await store.mirrors.of_orders("flagship", ["1"]) == [later]


async def test_an_erased_buyer_leaves_the_mirror(store: Store) -> None:
    await keep(store, COPY)
    await store.personal.erase_buyer("flagship", "o-store")

    (mirror,) = await store.mirrors.of_orders("flagship", ["1"])
    assert (mirror.open_id, mirror.to_open_id, mirror.settings) == (None, None, COPY.settings)
    assert await store.mirrors.of_buyers("flagship", "mini", ["o-store"]) == []


async def test_the_last_change_that_was_followed_is_known(store: Store) -> None:
    assert await store.mirrors.followed("flagship") is None
    async with store.transaction() as transaction:
        await store.mirrors.note_followed(transaction, "flagship", 7)
        await store.mirrors.note_followed(transaction, "flagship", 9)

    assert await store.mirrors.followed("flagship") == 9
    assert await store.mirrors.followed("other") is None


async def test_copies_that_nobody_looked_at_are_found(store: Store, clock: Clock) -> None:
    await keep(store, COPY, WAITING, NOBODYS)
    async with store.transaction() as transaction:
        for shop, name, status in (
            ("mini", "1", "SHIPPED"),
            ("swan", "2", "AWAITING_SHIPMENT"),
            ("swan", "3", "COMPLETED"),
        ):
            document = replace(ORDER, platform_id=name, status=status)
            await store.orders.put(transaction, shop, document, None)
    assert await store.mirrors.unseen("flagship", clock.now, limit=9) == ([], [])

    clock.now += 100
    found = await store.mirrors.unseen("flagship", clock.now, limit=9)
    assert found == (["1", "2"], [("3", "swan")])
    assert await store.mirrors.unseen("other", clock.now, limit=9) == ([], [])
    async with store.transaction() as transaction:
        await store.mirrors.touch(transaction, "flagship", ["1"])
        await store.mirrors.end(transaction, "flagship", found.ended)
    assert await store.mirrors.unseen("flagship", clock.now, limit=9) == (["2"], [])

    # Put again, as when its order is synchronised, it is looked at again.
    await keep(store, NOBODYS)
    clock.now += 100
    assert (await store.mirrors.unseen("flagship", clock.now, limit=9)).ended == [("3", "swan")]


async def test_copies_are_marked_found_and_told_apart(store: Store) -> None:
    async with store.transaction() as transaction:
        for name, status in (("1", "SHIPPED"), ("7", "SHIPPED"), ("8", "COMPLETED")):
            document = replace(ORDER, platform_id=name, status=status)
            await store.orders.put(transaction, "mini", document, None)
    await keep(store, COPY, WAITING)

    assert await store.mirrors.originals("mini", ["1", "7"]) == {"1": ("flagship", "1")}
    assert await store.mirrors.copies("flagship", ["1", "2", "9"]) == {
        "1": [("mini", "1")],
        "2": [("swan", "2")],
    }
    assert await store.mirrors.originals("mini", []) == {}
    assert await store.mirrors.copies("flagship", []) == {}
    assert await store.orders.original_shops("mini") == ["", "flagship"]
    assert await store.orders.original_shops("swan") == []

    async def listed(originals: list[str], *statuses: str) -> list[str]:
        query = StoredOrderQuery(original_shops=originals, statuses=statuses or None)
        page = await store.orders.page("mini", query, limit=9)
        assert await store.orders.count("mini", query) == len(page)
        return [one.document.platform_id for one in page]

    assert await listed([""]) == ["8", "7"]
    assert await listed(["flagship"]) == ["1"]
    assert await listed(["", "flagship"], "SHIPPED") == ["7", "1"]
    assert await listed([]) == []


async def test_a_stopped_mirror_keeps_its_copy_or_not(store: Store) -> None:
    async with store.transaction() as transaction:
        await store.orders.put(transaction, "mini", ORDER, None)
    await keep(store, COPY)

    async def stop(as_: StoppedMirror) -> int:
        async with store.transaction() as transaction:
            assert await store.mirrors.is_stopped(transaction, WAITING) is False
            return await store.mirrors.stop(transaction, "mini", ["1", "9"], as_)

    assert await stop(StoppedMirror.KEPT) == 1
    (mirror,) = await store.mirrors.of_copies("mini", ["1"])
    assert (mirror.stopped, mirror.has_copy) == (StoppedMirror.KEPT, True)
    async with store.transaction() as transaction:
        assert await store.mirrors.is_stopped(transaction, mirror) is True
    assert await store.orders.original_shops("mini") == ["flagship"]

    assert await stop(StoppedMirror.DELETED) == 1
    assert await stop(StoppedMirror.KEPT) == 0
    assert await store.mirrors.of_copies("mini", ["1"]) == []
    assert await store.mirrors.originals("mini", ["1"]) == {}
    assert await store.orders.original_shops("mini") == [""]
    (mirror,) = await store.mirrors.of_orders("flagship", ["1"])
    assert mirror.has_copy is False

    await keep(store, COPY)
    assert await store.mirrors.of_orders("flagship", ["1"]) == [COPY]
    assert await store.orders.original_shops("mini") == ["flagship"]
