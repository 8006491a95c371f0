import pytest
from hypothesis import given

from gateway.store.documents import ProductDocument
from gateway.store.products import ProductEntry, StoredProduct, StoredProductQuery
from gateway.store.store import Store
from tests.store.samples import FEW, NOW, documents, product

ANY = StoredProductQuery()


async def put(store: Store, *given: ProductDocument, status: str = "ON_SHELF") -> None:
    async with store.transaction() as transaction:
        entries = [ProductEntry(each, status, as_of=100) for each in given]
        await store.products.put_many(transaction, "mini", entries)


async def ids(store: Store, query: StoredProductQuery) -> list[str]:
    page = await store.products.page("mini", query, limit=100)
    return [stored.document.platform_product_id for stored in page]


@FEW
@given(documents(ProductDocument))
async def test_any_product_is_read_as_it_was_put(store: Store, document: ProductDocument) -> None:
    await put(store, document)

    product_id = document.platform_product_id
    assert (await store.products.get_many("mini", [product_id]))[product_id].document == document


async def test_a_product_is_replaced_by_what_tells_of_the_same_time_or_later(store: Store) -> None:
    async with store.transaction() as transaction:
        for title, as_of in (("first", 100), ("later", 101), ("same time", 101), ("older", 100)):
            entry = ProductEntry(product("p", title=title), "SOLD_OUT", as_of)
            await store.products.put_many(transaction, "mini", [entry])

    stored = StoredProduct("mini", product("p", title="same time"), "SOLD_OUT", 101, 3, NOW)
    assert await store.products.get_many("mini", ["p", "q"]) == {"p": stored}
    assert await store.products.page("mini", ANY, limit=1) == [stored]


async def test_what_is_not_there_is_not_found(store: Store) -> None:
    await put(store)

    assert await store.products.get_many("mini", []) == {}
    assert await store.products.get_many("mini", ["p"]) == {}
    assert await ids(store, ANY) == []


async def test_pages_go_by_platform_id(store: Store) -> None:
    await put(store, *(product(name) for name in ("b", "B", "10", "9", "a")))

    first = await store.products.page("mini", ANY, limit=3)
    last = first[-1].document.platform_product_id
    rest = await store.products.page("mini", ANY, after=last, limit=3)

    assert [stored.document.platform_product_id for stored in first] == ["10", "9", "B"]
    assert [stored.document.platform_product_id for stored in rest] == ["a", "b"]


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("", ["p1", "p2"]),
        ("  ", ["p1", "p2"]),
        ("cotton", ["p1", "p2"]),
        ("COTTON t恤", ["p1"]),
        ("t恤 cotton", ["p1"]),
        ("tee-red", ["p1", "p2"]),
        ("p1-RED", ["p1"]),
        ("P2", ["p2"]),
        ("100%", ["p2"]),
        ("%", ["p2"]),
        ("_", []),
        ("\\", []),
        ("wool", []),
        ("red cotton", ["p1", "p2"]),
        ("t恤tee", []),
    ],
)
async def test_every_word_of_a_search_must_be_found(
    store: Store, search: str, expected: list[str]
) -> None:
    await put(store, product("p1"), product("p2", title="100% cotton"))

    assert await ids(store, StoredProductQuery(search=search)) == expected


async def test_a_query_names_statuses(store: Store) -> None:
    await put(store, product("p1"))
    await put(store, product("p2"), status="SOLD_OUT")

    assert await ids(store, StoredProductQuery(statuses=["SOLD_OUT", "UNKNOWN"])) == ["p2"]
    assert await ids(store, StoredProductQuery(statuses=["ON_SHELF"], search="p2")) == []
    assert await ids(store, StoredProductQuery(statuses=[])) == []
    assert await store.products.page("swan", ANY, limit=1) == []


async def test_what_an_order_shows_replaces_no_synced_product(store: Store) -> None:
    async with store.transaction() as transaction:
        for title, status, as_of in (
            ("seen", "UNKNOWN", 200),
            ("synced", "ON_SHELF", 100),
            ("seen later", "UNKNOWN", 300),
        ):
            entry = ProductEntry(product("p", title=title), status, as_of)
            await store.products.put_many(transaction, "mini", [entry])

    found = await store.products.get_many("mini", ["p"])
    assert (found["p"].document.title, found["p"].status) == ("synced", "ON_SHELF")
