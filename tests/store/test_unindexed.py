"""Rows of the ledger that the index lacks, and what the index keeps beside its orders."""

from gateway.store.index_progress import IndexReach
from gateway.store.indexed_after_sales import AfterSaleIndexEntry, AfterSaleQuestion, SeenOrder
from gateway.store.indexed_order_rows import OrderEntry
from gateway.store.indexed_products import ProductIndexEntry, SkuIndexEntry
from gateway.store.products import ProductEntry
from gateway.store.store import Store
from gateway.store.unindexed import WrittenRow
from tests.store.conftest import Clock
from tests.store.samples import NOW, order, product

BEGINNING = WrittenRow(0.0, "", "")


def entry(platform_id: str, seen_at: float) -> OrderEntry:
    """What the index has of an order of the ledger."""
    return OrderEntry(
        shop="mini",
        platform_id=platform_id,
        created_at=1,
        updated_at=None,
        paid_at=None,
        status="SHIPPED",
        total=1,
        refunded=0,
        open_after_sale=False,
        buyer=None,
        phone=None,
        receiver=None,
        texts=[],
        lines=[],
        document=None,
        personal=None,
        seen_at=seen_at,
    )


async def missing(store: Store, after: WrittenRow = BEGINNING) -> list[str]:
    """The orders that the index lacks, or has as they were."""
    return [row.platform_id for row in await store.unindexed.orders(["mini"], after, 10)]


async def test_orders_that_are_new_changed_or_hidden_are_found(store: Store, clock: Clock) -> None:
    async with store.transaction() as transaction:
        for name in ("1", "2", "3"):
            await store.orders.put(transaction, "mini", order(name), None)
        await store.orders.put(transaction, "other", order("4"), None)
    rows = await store.unindexed.orders(["mini"], BEGINNING, 10)
    assert rows == [WrittenRow(NOW, "mini", name) for name in ("1", "2", "3")]
    assert await store.unindexed.orders([], BEGINNING, 10) == []
    assert await missing(store, rows[1]) == ["3"]

    async with store.transaction() as transaction:
        await store.indexed_orders.put(transaction, [entry(name, NOW) for name in ("1", "2", "3")])
    assert await missing(store) == []
    clock.now += 10
    async with store.transaction() as transaction:
        await store.orders.put(transaction, "mini", order("2"), None)
        await store.orders.delete(transaction, "mini", "3")
    assert await missing(store) == ["2", "3"]
    async with store.transaction() as transaction:
        await store.indexed_orders.remove(transaction, "mini", ["3"])
        await store.indexed_orders.put(transaction, [entry("2", clock.now)])
    assert await missing(store) == []


async def test_products_that_are_new_or_changed_are_found(store: Store) -> None:
    async with store.transaction() as transaction:
        documents = [ProductEntry(product(name), "ON_SHELF", 1) for name in ("1", "2")]
        await store.products.put_many(transaction, "mini", documents)
        skus = [SkuIndexEntry(platform_id="s", code="C1", price=1, stock=None)]
        indexed = ProductIndexEntry(
            shop="mini",
            platform_id="1",
            title="杯",
            status="ON_SHELF",
            skus=skus,
            document=None,
            seen_at=NOW,
        )
        await store.indexed_products.put(transaction, [indexed])
        codes = await store.indexed_products.codes(transaction, "mini", ["1", "2"])
        statuses = await store.indexed_products.statuses(transaction, "mini", ["1", "2"])
        assert await store.indexed_products.codes(transaction, "mini", []) == {}
        assert await store.indexed_products.statuses(transaction, "mini", []) == {}

    assert codes == {("1", "s"): "C1"}
    assert statuses == {"1": "ON_SHELF"}
    found = await store.unindexed.products(["mini"], BEGINNING, 10)
    assert found == [WrittenRow(NOW, "mini", "2")]
    assert await store.unindexed.products(["mini"], found[0], 10) == []


async def test_rows_are_found_beyond_those_that_one_statement_compares(store: Store) -> None:
    names = [f"{number:03}" for number in range(600)]
    async with store.transaction() as transaction:
        documents = [ProductEntry(product(name), "ON_SHELF", 1) for name in names]
        await store.products.put_many(transaction, "large", documents)
        await store.products.put_many(
            transaction, "mini", [ProductEntry(product("1"), "ON_SHELF", 1)]
        )

    rows = [WrittenRow(NOW, "large", name) for name in names]
    mini = WrittenRow(NOW, "mini", "1")
    assert await store.unindexed.products(["mini"], BEGINNING, 10) == [mini]
    assert await store.unindexed.products(["large", "mini"], BEGINNING, 1_000) == [*rows, mini]
    assert await store.unindexed.products(["large", "mini"], rows[9], 520) == rows[10:530]


async def test_after_sales_give_way_to_what_was_seen_later_only(store: Store) -> None:
    def seen(name: str, at: float) -> AfterSaleIndexEntry:
        return AfterSaleIndexEntry(
            shop="mini",
            order_platform_id=name,
            platform_id=name,
            created_at=1,
            updated_at=None,
            answer_before=None,
            status="APPLYING",
            kind="UNKNOWN",
            open=True,
            refund=None,
            open_id=None,
            document=None,
            personal=None,
            seen_at=at,
        )

    async with store.transaction() as transaction:
        await store.indexed_after_sales.put(transaction, [seen("1", 5.0), seen("2", 7.0)])
        orders = [SeenOrder("mini", "1", "", 6.0), SeenOrder("mini", "2", "", 6.0)]
        await store.indexed_after_sales.remove_seen_before(transaction, orders)
        await store.indexed_after_sales.remove_seen_before(transaction, [])

    page = await store.indexed_after_sales.page("mini", AfterSaleQuestion(), None, 10)
    assert [one.place.order_platform_id for one in page.items] == ["2"]


async def test_a_comparison_is_noted_of_a_shop_whose_past_is_being_read(store: Store) -> None:
    reach = IndexReach(shop="mini", kind="orders", position="here", complete_from=7)
    async with store.transaction() as transaction:
        await store.index_progress.put(transaction, reach)
        await store.index_progress.in_step(transaction, "orders", "mini", 9.5)
        await store.index_progress.in_step(transaction, "orders", "other", 9.5)

    assert await store.index_progress.of_shops("orders", ["mini", "other"]) == {
        "mini": IndexReach(
            shop="mini", kind="orders", position="here", complete_from=7, in_step_at=9.5
        )
    }
