"""How far the index of each shop reaches is kept until it is written again."""

from gateway.store.index_progress import IndexReach
from gateway.store.store import Store


async def test_the_last_progress_of_each_shop_and_kind_is_given_back(store: Store) -> None:
    begun = IndexReach(shop="mini", kind="orders")
    far = IndexReach(
        shop="mini",
        kind="orders",
        position="page 7",
        complete_from=1_700_000_000,
        in_step_at=1_700_000_500.5,
        seen=70,
        expected=90,
    )
    whole = IndexReach(shop="swan", kind="products", complete_from=0, done=True)
    async with store.transaction() as transaction:
        for reach in (begun, far, whole):
            await store.index_progress.put(transaction, reach)

    progress = store.index_progress
    assert await progress.of_shops("orders", ["mini", "swan"]) == {"mini": far}
    assert await progress.of_shops("products", ["mini", "swan"]) == {"swan": whole}
    assert await progress.of_shops("orders", []) == {}
