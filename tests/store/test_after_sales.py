import pytest
from hypothesis import given
from sqlalchemy.exc import IntegrityError

from gateway.store.after_sales import (
    AfterSaleKey,
    AfterSalePosition,
    StoredAfterSale,
    StoredAfterSaleQuery,
)
from gateway.store.documents import AfterSaleDocument
from gateway.store.store import Store
from tests.store.conftest import Clock
from tests.store.samples import FEW, NOW, after_sale, documents, order

ANY = StoredAfterSaleQuery()


async def put(store: Store, *given: AfterSaleDocument) -> None:
    async with store.transaction() as transaction:
        orders = {each.order_platform_id: order(each.order_platform_id) for each in given}
        entries = [(document, None) for document in orders.values()]
        await store.orders.put_many(transaction, "swan", entries)
        await store.after_sales.put_many(transaction, "swan", given)


async def keys(store: Store, query: StoredAfterSaleQuery) -> list[tuple[str, str]]:
    page = await store.after_sales.page("swan", query, limit=100)
    return [(each.document.order_platform_id, each.document.platform_id) for each in page]


@FEW
@given(documents(AfterSaleDocument))
async def test_any_after_sale_is_read_as_it_was_put(
    store: Store, document: AfterSaleDocument
) -> None:
    await put(store, document)

    key = AfterSaleKey(document.order_platform_id, document.platform_id)
    assert (await store.after_sales.get_many("swan", [key]))[key].document == document


async def test_its_own_id_is_unique_within_its_order_only(store: Store) -> None:
    await put(store, after_sale("1", "onlyOne"), after_sale("2", "onlyOne", refund=5))

    found = await store.after_sales.get_many(
        "swan", [AfterSaleKey("2", "onlyOne"), AfterSaleKey("1", "other")]
    )

    stored = StoredAfterSale("swan", after_sale("2", "onlyOne", refund=5), 1, NOW)
    assert found == {AfterSaleKey("2", "onlyOne"): stored}


async def test_putting_again_replaces_it(store: Store, clock: Clock) -> None:
    await put(store, after_sale("1", "a"))
    clock.now += 1
    await put(store, after_sale("1", "a", status="CLOSED"))

    closed = StoredAfterSale("swan", after_sale("1", "a", status="CLOSED"), 2, NOW + 1)
    assert await store.after_sales.of_orders("swan", ["1"]) == {"1": [closed]}


async def test_they_are_found_by_their_orders_newest_first(store: Store) -> None:
    await put(
        store,
        after_sale("1", "a", created_at=10),
        after_sale("1", "b", created_at=20),
        after_sale("1", "c", created_at=20),
        after_sale("2", "a"),
        after_sale("3", "a"),
    )

    found = await store.after_sales.of_orders("swan", ["1", "2", "4"])

    names = {key: [each.document.platform_id for each in of_one] for key, of_one in found.items()}
    assert names == {"1": ["c", "b", "a"], "2": ["a"]}
    assert await store.after_sales.of_orders("mini", ["1"]) == {}
    assert await store.after_sales.of_orders("swan", []) == {}
    assert await store.after_sales.get_many("swan", []) == {}


async def test_an_import_of_the_order_can_forget_them(store: Store) -> None:
    await put(store, after_sale("1", "a"), after_sale("1", "b"), after_sale("2", "a"))

    async with store.transaction() as transaction:
        await store.after_sales.put_many(transaction, "swan", [])
        await store.after_sales.delete_of_orders(transaction, "swan", ["1"])
        left = await store.after_sales.of_orders("swan", ["1", "2"], within=transaction)

    assert list(left) == ["2"]
    assert await keys(store, ANY) == [("2", "a")]


async def test_none_without_its_order(store: Store) -> None:
    async def put_alone() -> None:
        async with store.transaction() as transaction:
            await store.after_sales.put_many(transaction, "swan", [after_sale("1", "a")])

    with pytest.raises(IntegrityError):
        await put_alone()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (ANY, [("2", "a"), ("1", "b"), ("1", "a")]),
        (StoredAfterSaleQuery(statuses=["APPLYING"]), [("2", "a"), ("1", "a")]),
        (StoredAfterSaleQuery(kinds=["EXCHANGE"]), [("2", "a")]),
        (StoredAfterSaleQuery(statuses=["CLOSED"], kinds=["EXCHANGE"]), []),
        (StoredAfterSaleQuery(kinds=[]), []),
        (StoredAfterSaleQuery(created_from=20, created_to=20), [("2", "a"), ("1", "b")]),
        (StoredAfterSaleQuery(created_to=19), [("1", "a")]),
    ],
)
async def test_a_query_finds_what_it_asks_for(
    store: Store, query: StoredAfterSaleQuery, expected: list[tuple[str, str]]
) -> None:
    await put(
        store,
        after_sale("1", "a", created_at=10),
        after_sale("1", "b", created_at=20, status="CLOSED"),
        after_sale("2", "a", created_at=20, kind="EXCHANGE"),
    )

    assert await keys(store, query) == expected


async def test_pages_follow_one_another(store: Store) -> None:
    await put(store, *(after_sale(f"{n % 3}", f"{n}", created_at=n // 4) for n in range(20)))

    shown: list[tuple[int, str, str]] = []
    after = None
    while page := await store.after_sales.page("swan", ANY, after=after, limit=3):
        last = page[-1].document
        after = AfterSalePosition(last.created_at, last.order_platform_id, last.platform_id)
        shown += (
            (each.document.created_at, each.document.order_platform_id, each.document.platform_id)
            for each in page
        )

    assert len(shown) == 20
    assert shown == sorted(shown, reverse=True)
