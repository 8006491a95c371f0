from gateway.store.shops import StoredShop
from gateway.store.store import Store


async def test_a_cart_path_is_kept_for_each_shop(store: Store) -> None:
    async with store.transaction() as transaction:
        assert await store.shops.set_cart_path(transaction, "mini", "/pages/cart") == 1
        assert await store.shops.set_cart_path(transaction, "other", None) == 1

    assert await store.shops.get_many(["mini", "other", "swan"]) == {
        "mini": StoredShop("mini", "/pages/cart", 1),
        "other": StoredShop("other", None, 1),
    }
    assert await store.shops.get_many([]) == {}


async def test_setting_it_again_replaces_it(store: Store) -> None:
    for path, version in (("/pages/cart", 1), ("/pages/basket", 2)):
        async with store.transaction() as transaction:
            assert await store.shops.set_cart_path(transaction, "mini", path) == version

    assert await store.shops.get_many(["mini"]) == {"mini": StoredShop("mini", "/pages/basket", 2)}
