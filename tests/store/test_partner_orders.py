from itertools import permutations

from gateway.store.partner_orders import PartnerOrder, PartnerOrderPosition
from gateway.store.store import Store


async def announce(store: Store, *orders: PartnerOrder) -> None:
    async with store.transaction() as transaction:
        for order in orders:
            await store.partner_orders.announce(transaction, order)


async def test_announced_orders_come_newest_first(store: Store) -> None:
    orders = [
        PartnerOrder("mini", "wx1", "c", 20),
        PartnerOrder("mini", "wx2", "b", 20),
        PartnerOrder("mini", "wx1", "b", 20),
        PartnerOrder("mini", "wx9", "a", 10),
    ]
    await announce(store, *reversed(orders), PartnerOrder("other", "wx1", "z", 30))

    first = await store.partner_orders.page("mini", limit=2)
    after = PartnerOrderPosition(first[-1].event_at, first[-1].order_id, first[-1].app_id)
    rest = await store.partner_orders.page("mini", after=after, limit=9)

    assert [*first, *rest] == orders
    assert len(await store.partner_orders.page("mini", limit=100)) == 4


async def test_one_is_found_by_its_ids(store: Store) -> None:
    await announce(store, PartnerOrder("mini", "wx1", "a", 10))

    assert await store.partner_orders.get("mini", "wx1", "a") == PartnerOrder(
        "mini", "wx1", "a", 10
    )
    assert await store.partner_orders.get("mini", "wx2", "a") is None
    assert await store.partner_orders.get("other", "wx1", "a") is None


async def test_a_range_of_time_holds_both_its_ends(store: Store) -> None:
    await announce(store, *(PartnerOrder("mini", "wx1", str(time), time) for time in range(5)))

    found = await store.partner_orders.page("mini", announced_from=1, announced_to=3, limit=9)

    assert [order.event_at for order in found] == [3, 2, 1]
    assert (
        len(await store.partner_orders.page("mini", announced_from=1, announced_to=3, limit=100))
        == 3
    )


async def test_events_in_any_order_give_the_earliest_time(store: Store) -> None:
    for number, times in enumerate(permutations((10, 20, 20, 30))):
        order_id = str(number)
        for time in times:
            await announce(store, PartnerOrder("mini", "wx1", order_id, time))

    found = await store.partner_orders.page("mini", limit=99)
    assert {order.event_at for order in found} == {10}
    assert len(found) == 24
