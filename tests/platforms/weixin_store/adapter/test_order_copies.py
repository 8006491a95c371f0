"""A second look at a list: the platform tells what changed, and nothing else is read again."""

from collections.abc import Sequence

import pytest

from gateway.errors import PlatformUnavailable
from gateway.index.writer import IndexWriter, ReadOrder
from gateway.ports import Adapter, OrderQuery, Page, ReadOptions, order_position
from gateway.store.index_progress import IndexReach
from gateway.store.store import Store
from schema.connection import SourceState
from schema.order import Order
from schema.order_status import OrderStatus
from tests.fixtures_platform_clients import NOW, ShopClock
from tests.fixtures_sandbox import Sandbox
from tests.platforms.weixin_store.conftest import OpenShop

LIST, GET = "/channels/ec/order/list/get", "/channels/ec/order/get"
FRESH = ReadOptions(fresh=True)
FIRST = 40


async def page(shop: Adapter) -> Page[Order]:
    assert shop.orders is not None
    return await shop.orders.page(OrderQuery(), None, FIRST, FRESH)


async def index(ledger: Store, shop: Adapter, orders: Sequence[Order], at: float) -> None:
    """Puts orders into the index, as read at a time."""
    async with ledger.transaction() as transaction:
        writer = IndexWriter(ledger, {"weixin": shop})
        await writer.put_read_orders(transaction, [ReadOrder(order, at) for order in orders])


def calls(store: Sandbox) -> int:
    """Calls of the store since the log was cleared, without those for tokens."""
    return sum(count for path, count in store.counts().items() if path.startswith("/channels/"))


def gets(store: Sandbox) -> list[str]:
    return [one["body"]["order_id"] for one in store.requests(GET)]


def shown(part: Page[Order]) -> list[tuple[str, OrderStatus]]:
    return [(order.platform_id, order.status) for order in part.items]


@pytest.fixture
async def seen(
    open_shop: OpenShop, store: Sandbox, ledger: Store, clock: ShopClock
) -> tuple[Adapter, Page[Order], int]:
    """A shop whose first page was read and indexed five minutes ago, and what that took."""
    shop = open_shop()
    first = await page(shop)
    taken = calls(store)
    await index(ledger, shop, [*first.items, *first.read_besides], NOW)
    clock.ahead += 300
    store.advance(NOW + 300 - store.state()["now"])
    store.clear_log()
    return shop, first, taken


async def test_a_second_look_costs_at_most_a_tenth(
    seen: tuple[Adapter, Page[Order], int], store: Sandbox
) -> None:
    shop, first, taken = seen

    second = await page(shop)

    assert shown(second) == shown(first)
    assert taken > FIRST
    assert calls(store) <= taken / 10
    assert second.provenance.state is SourceState.LIVE


async def test_another_process_reads_no_order_again(
    seen: tuple[Adapter, Page[Order], int], open_shop: OpenShop, store: Sandbox
) -> None:
    _, first, _ = seen

    second = await page(open_shop())

    assert shown(second) == shown(first)
    assert gets(store) == []


async def test_what_changed_is_read_again(
    seen: tuple[Adapter, Page[Order], int], store: Sandbox
) -> None:
    shop, first, _ = seen
    changed = first.items[7].platform_id
    answer = store.client.post(f"/_sandbox/weixin/orders/{changed}", json={"status": 250})
    assert answer.is_success

    second = await page(shop)

    assert gets(store) == [changed]
    assert dict(shown(second))[changed] is OrderStatus.CLOSED


async def test_a_new_order_is_read(seen: tuple[Adapter, Page[Order], int], store: Sandbox) -> None:
    shop, first, _ = seen
    placed = store.client.post("/_sandbox/weixin/orders", json={}).json()["order"]["order_id"]

    second = await page(shop)

    assert gets(store) == [placed]
    assert shown(second)[1:] == shown(first)[:-1]


async def test_a_copy_without_its_personal_part_is_read_again(
    seen: tuple[Adapter, Page[Order], int], store: Sandbox, ledger: Store
) -> None:
    shop, first, _ = seen
    erased = first.items[0]
    buyer = erased.buyer_data
    assert buyer is not None
    assert buyer.open_id is not None
    await ledger.personal.erase_buyer("weixin", buyer.open_id)

    second = await page(shop)

    assert erased.platform_id in gets(store)
    assert second.items[0].buyer_data == buyer


async def test_without_the_store_all_is_read_from_the_platform(
    seen: tuple[Adapter, Page[Order], int], store: Sandbox, ledger: Store
) -> None:
    shop, first, _ = seen
    async with ledger.transaction() as transaction:
        await transaction.connection.exec_driver_sql("DROP TABLE index_progress")

    second = await page(shop)

    assert shown(second) == shown(first)
    assert len(gets(store)) >= FIRST


async def test_if_the_platform_does_not_tell_what_changed_the_list_fails(
    seen: tuple[Adapter, Page[Order], int], store: Sandbox
) -> None:
    shop, _, _ = seen
    store.fault("errcode", -1, path=LIST, times=None)

    with pytest.raises(PlatformUnavailable):
        await page(shop)


async def test_copies_that_were_not_compared_for_long_are_read_again(
    open_shop: OpenShop, store: Sandbox, ledger: Store
) -> None:
    shop = open_shop()
    first = await page(shop)
    await index(ledger, shop, [*first.items, *first.read_besides], NOW - 29 * 86_400)
    store.clear_log()

    await page(shop)

    assert len(gets(store)) >= FIRST


async def test_an_index_that_is_in_step_is_compared_from_there(
    open_shop: OpenShop, store: Sandbox, ledger: Store
) -> None:
    shop = open_shop()
    first = await page(shop)
    await index(ledger, shop, [*first.items, *first.read_besides], NOW - 29 * 86_400)
    reach = IndexReach(
        shop="weixin", kind="orders", complete_from=0, in_step_at=NOW - 200.0, done=True
    )
    async with ledger.transaction() as transaction:
        await ledger.index_progress.put(transaction, reach)
    store.clear_log()

    second = await page(shop)

    assert shown(second) == shown(first)
    # The newest of the sample changed within the last minutes.
    assert len(gets(store)) < FIRST / 10


async def test_the_index_s_pages_read_no_order_twice(open_shop: OpenShop, store: Sandbox) -> None:
    port = open_shop().orders
    assert port is not None
    first = await port.page(OrderQuery(), None, 10, ReadOptions(fresh=True, strict=True))
    after = order_position(first.items[-1])

    await port.page(OrderQuery(), after, 10, ReadOptions(strict=True))

    assert len(gets(store)) == len(set(gets(store)))
