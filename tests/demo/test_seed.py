import pytest

from gateway.demo.configuration import demo_shops
from gateway.demo.seed import seed_ledger
from gateway.platforms.baidu.sandbox.sample import sample_records
from gateway.platforms.mini_program.sandbox.sample import (
    CART_PATH,
    sample_imports,
    sample_products,
    sample_wanted_items,
)
from gateway.platforms.mini_program.sandbox.sample_partner_orders import sample_partner_orders
from gateway.sandbox.sample_shop import SampleShop, sample_shop
from gateway.store.after_sales import StoredAfterSaleQuery
from gateway.store.orders import StoredOrder, StoredOrderQuery
from gateway.store.products import StoredProductQuery
from gateway.store.store import Store

NOW = 1_700_000_000


@pytest.fixture(scope="module")
def sample() -> SampleShop:
    return sample_shop(NOW)


async def orders_of(store: Store, shop: str) -> list[StoredOrder]:
    return await store.orders.page(shop, StoredOrderQuery(), limit=1000)


async def test_the_ledger_holds_what_the_platforms_hold(ledger: Store, sample: SampleShop) -> None:
    assert await seed_ledger(ledger, demo_shops(), sample)

    mini = {order.document.platform_id: order for order in await orders_of(ledger, "mini")}
    assert mini.keys() == {order.wire["order_id"] for order in sample_imports(sample)}
    for known in sample_imports(sample):
        stored = mini[known.wire["order_id"]]
        assert stored.document.total == known.wire["fee"]
        assert stored.document.platform_status == str(known.wire["status"])
        assert stored.personal is not None
        assert stored.personal.open_id == known.open_id
    swan = {order.document.platform_id: order for order in await orders_of(ledger, "swan")}
    assert swan.keys() == {order.wire["ResourceID"] for order in sample_records(sample)}
    for known_here in sample_records(sample):
        paid = known_here.wire["EXT"]["MainOrder"]["Payment"]["Amount"]
        assert swan[known_here.wire["ResourceID"]].document.total == paid


async def test_every_order_leads_to_its_products(ledger: Store, sample: SampleShop) -> None:
    await seed_ledger(ledger, demo_shops(), sample)

    for shop in ("mini", "swan"):
        items = [item for order in await orders_of(ledger, shop) for item in order.document.items]
        names = {item.platform_product_id for item in items}
        products = await ledger.products.get_many(shop, names)
        assert products.keys() == names
        for item in items:
            product = products[item.platform_product_id].document
            assert (item.platform_sku_id or "") in {sku.platform_id for sku in product.skus}
            assert product.title == item.title


async def test_synced_products_tell_more_than_orders_do(ledger: Store, sample: SampleShop) -> None:
    await seed_ledger(ledger, demo_shops(), sample)

    stored = await ledger.products.page("mini", StoredProductQuery(), limit=1000)
    by_status = {product.document.platform_product_id: product.status for product in stored}
    for wire in sample_products(sample):
        on_sale = any(sku["status"] == 1 for sku in wire["sku_list"])
        assert by_status.pop(wire["item_code"]) == ("ON_SHELF" if on_sale else "OFF_SHELF")
    assert set(by_status.values()) == {"UNKNOWN"}


async def test_after_sales_lists_and_partner_orders_come_along(
    ledger: Store, sample: SampleShop
) -> None:
    await seed_ledger(ledger, demo_shops(), sample)

    assert len(await ledger.after_sales.page("swan", StoredAfterSaleQuery(), limit=100)) == 6
    buyers = {item.open_id for item in sample_wanted_items(sample)}
    lines = [
        len(await ledger.wanted_items.page("mini", buyer, limit=100)) for buyer in sorted(buyers)
    ]
    assert sum(lines) == len(sample_wanted_items(sample))
    assert len(await ledger.partner_orders.page("mini", limit=100)) == len(
        sample_partner_orders(sample)
    )
    assert (await ledger.shops.get_many(["mini"]))["mini"].cart_path == CART_PATH


async def test_a_ledger_with_orders_is_left_alone(ledger: Store, sample: SampleShop) -> None:
    await seed_ledger(ledger, demo_shops(), sample)
    before = await orders_of(ledger, "mini")

    assert not await seed_ledger(ledger, demo_shops(), sample_shop(NOW + 86_400))

    assert await orders_of(ledger, "mini") == before
