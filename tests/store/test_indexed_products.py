"""Products of the index: found by code, stock and status, and sorted, in pages both ways."""

from dataclasses import replace

import pytest

from gateway.store.index_pages import UNREPORTED, IndexPlace
from gateway.store.indexed_products import (
    DraftRefusal,
    IndexedProduct,
    IndexedSku,
    ProductIndexEntry,
    ProductQuestion,
    ProductSort,
    SkuIndexEntry,
)
from gateway.store.store import Store

ANY = ProductQuestion()


def sku(
    platform_id: str = "", code: str | None = None, price: int | None = None, stock: int | None = 5
) -> SkuIndexEntry:
    return SkuIndexEntry(platform_id=platform_id, code=code, price=price, stock=stock)


def entry(
    platform_id: str, *skus: SkuIndexEntry, shop: str = "store", seen_at: float = 100.0, **more: str
) -> ProductIndexEntry:
    return ProductIndexEntry(
        shop=shop,
        platform_id=platform_id,
        title=more.get("title", "T恤"),
        status=more.get("status", "ON_SHELF"),
        skus=skus,
        document=more.get("document"),
        seen_at=seen_at,
    )


async def put(store: Store, *entries: ProductIndexEntry) -> None:
    async with store.transaction() as transaction:
        await store.indexed_products.put(transaction, entries)


async def ids(store: Store, question: ProductQuestion) -> list[str]:
    """Answer what matches, after it was read in pages of two, in both directions."""
    found: list[IndexPlace] = []
    place: IndexPlace | None = None
    while True:
        page = await store.indexed_products.page("store", question, place, 2)
        found += [one.place for one in page.items]
        if not page.more:
            break
        place = page.items[-1].place
    back: list[IndexPlace] = []
    place = None
    while True:
        page = await store.indexed_products.page("store", question, place, 2, backwards=True)
        back = [*(one.place for one in page.items), *back]
        if not page.more:
            break
        place = page.items[0].place
    assert back == found
    assert await store.indexed_products.count("store", question) == len(found)
    return [one.platform_id for one in found]


async def codes(
    store: Store, shops: list[str], wanted: list[str], limit: int = 10
) -> dict[str, list[IndexedSku]]:
    return await store.indexed_products.of_codes(shops, wanted, limit=limit)


async def test_a_product_is_read_as_it_was_put(store: Store) -> None:
    await put(store, entry("p1", document='{"product_id": "p1"}'), entry("p2"))

    page = await store.indexed_products.page("store", ANY, None, 1)

    known = IndexedProduct("store", IndexPlace("", "p1"), '{"product_id": "p1"}', 100.0)
    assert page.items == [known]
    assert page.more
    asked = ["p2", "p1", "p3"]
    found = await store.indexed_products.get_many("store", asked)
    assert found == [known, IndexedProduct("store", IndexPlace("", "p2"), None, 100.0)]
    assert await store.indexed_products.get_many("store", []) == []


async def test_an_older_answer_does_not_replace_a_newer_one(store: Store) -> None:
    await put(store, entry("p", sku(code="new", stock=1), seen_at=101.0))
    await put(store, entry("p", sku(code="old", stock=9), seen_at=100.0, status="OFF_SHELF"))
    twice = [entry("q", sku(code="b"), seen_at=102.0), entry("q", sku(code="a"), seen_at=101.0)]
    await put(store, *twice)

    assert await ids(store, ProductQuestion(statuses=["ON_SHELF"])) == ["p", "q"]
    assert await codes(store, ["store"], ["new", "old", "a", "b"]) == {
        "new": [IndexedSku("store", "p", "", "new")],
        "b": [IndexedSku("store", "q", "", "b")],
    }


async def test_skus_of_a_later_answer_replace_those_before(store: Store) -> None:
    await put(store, entry("p", sku("1", "a"), sku("2", "b")))
    await put(store, entry("p", sku("2", "b"), sku("3", "c"), seen_at=101.0))

    assert await codes(store, ["store"], ["a", "b", "c"]) == {
        "b": [IndexedSku("store", "p", "2", "b")],
        "c": [IndexedSku("store", "p", "3", "c")],
    }


async def test_what_was_removed_is_not_found(store: Store) -> None:
    await put(store, entry("p", sku(code="a")), entry("q", sku(code="a")))

    async with store.transaction() as transaction:
        await store.indexed_products.remove(transaction, "store", ["p"])
        await store.indexed_products.remove(transaction, "store", [])

    assert await ids(store, ANY) == ["q"]
    assert await codes(store, ["store"], ["a"]) == {"a": [IndexedSku("store", "q", "", "a")]}


async def test_codes_are_found_in_the_shops_that_are_asked(store: Store) -> None:
    await put(
        store,
        entry("p", sku("1", "a"), sku("2", "a"), shop="store"),
        entry("q", sku("", "a"), shop="other"),
        entry("r", sku("", "a"), shop="unasked"),
        entry("s", sku("", None), shop="other"),
    )

    assert await codes(store, ["store", "other"], ["a", "none"]) == {
        "a": [
            IndexedSku("other", "q", "", "a"),
            IndexedSku("store", "p", "1", "a"),
            IndexedSku("store", "p", "2", "a"),
        ]
    }
    assert await codes(store, [], ["a"]) == {}
    assert await codes(store, ["store"], []) == {}


async def test_of_each_code_a_limited_number_of_skus_is_found(store: Store) -> None:
    on_many = (entry(f"p{number}", sku(code="1")) for number in range(4))
    await put(store, *on_many, entry("q", sku(code="2")), entry("r", sku(code="2"), shop="a"))

    asked = [*(f"none{number}" for number in range(60)), "1", "2"]
    assert await codes(store, ["store", "a"], asked, limit=2) == {
        "1": [IndexedSku("store", "p0", "", "1"), IndexedSku("store", "p1", "", "1")],
        "2": [IndexedSku("a", "r", "", "2"), IndexedSku("store", "q", "", "2")],
    }


async def test_codes_are_those_of_products(store: Store) -> None:
    await put(store, entry("p", sku("1", "a"), sku("2")), entry("q", sku("", "b")), entry("r"))

    async with store.transaction() as transaction:
        read = store.indexed_products.codes
        found = await read(transaction, "store", ["p", "q", "r", "none"])
        assert await read(transaction, "store", []) == {}
    assert found == {("p", "1"): "a", ("q", ""): "b"}


async def test_low_stock_is_that_of_one_sku(store: Store) -> None:
    await put(
        store,
        entry("enough", sku("1", stock=4), sku("2", stock=5)),
        entry("low", sku("1", stock=3), sku("2", stock=500)),
        entry("none", sku("1", stock=0)),
        entry("unknown", sku("1", stock=None)),
    )

    assert await ids(store, ProductQuestion(stock_at_most=3)) == ["low", "none"]
    assert await ids(store, ProductQuestion(stock_at_most=-1)) == []


async def test_products_are_found_by_codes_and_statuses(store: Store) -> None:
    await put(
        store,
        entry("p", sku("1", "a"), sku("2", "b")),
        entry("q", sku("1", "b"), status="OFF_SHELF"),
        entry("r", sku("1", "c")),
    )

    assert await ids(store, ProductQuestion(sku_codes=["a", "b"])) == ["p", "q"]
    assert await ids(store, ProductQuestion(sku_codes=[])) == []
    assert await ids(store, ProductQuestion(sku_codes=["b"], statuses=["OFF_SHELF"])) == ["q"]
    assert await ids(store, ProductQuestion(statuses=[])) == []


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (ProductSort.PLATFORM_ID, ["B", "a", "b", "c", "d"]),
        (ProductSort.TITLE, ["c", "B", "a", "b", "d"]),
        (ProductSort.PRICE, ["b", "B", "a", "c", "d"]),
        (ProductSort.STOCK, ["a", "b", "c", "B", "d"]),
    ],
)
async def test_what_is_not_reported_comes_last(
    store: Store, sort: ProductSort, expected: list[str]
) -> None:
    await put(
        store,
        entry("a", sku("1", price=300, stock=0), sku("2", price=200, stock=0), title="Shirt"),
        entry("b", sku("1", price=100, stock=3), title="shirt"),
        entry("B", sku("1", price=200, stock=4), title="SHIRT"),
        entry("c", sku("1", price=None, stock=3), title="Apron"),
        entry("d", sku("1", stock=None), sku("2", stock=1), title="围裙"),
    )

    assert await ids(store, ProductQuestion(sort=sort)) == expected
    assert await ids(store, ProductQuestion(sort=sort, reverse=True)) == expected[::-1]


async def test_a_place_holds_what_is_sorted_by(store: Store) -> None:
    await put(store, entry("p", sku(price=250), title="很" * 41), entry("q", title="Nul\0l"))

    by_price = await store.indexed_products.page(
        "store", ProductQuestion(sort=ProductSort.PRICE), None, 2
    )
    by_title = await store.indexed_products.page(
        "store", ProductQuestion(sort=ProductSort.TITLE), None, 2
    )

    assert [one.place for one in by_price.items] == [
        IndexPlace(250, "p"),
        IndexPlace(UNREPORTED, "q"),
    ]
    assert [one.place for one in by_title.items] == [
        IndexPlace("nul l", "q"),
        IndexPlace("很" * 40, "p"),
    ]


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("连衣裙", ["p-1"]),
        ("衣裙", ["p-1"]),
        ("衣 裙", ["p-1"]),
        ("COTTON", ["p-1", "p-2"]),
        ("cotton red", ["p-2"]),
        ("p-2", ["p-2"]),
        ("sku77", ["p-2"]),
        ("cotton 白", []),
        ("cott", []),
        (" ", ["p-1", "p-2", "p-3"]),
        ("!", []),
    ],
)
async def test_products_are_found_by_words(store: Store, search: str, expected: list[str]) -> None:
    await put(
        store,
        entry("p-1", title="Cotton 连衣裙"),
        entry("p-2", sku("1", "SKU77"), title="Cotton, red"),
        entry("p-3", title="连环画"),
        entry("p-4", title="Cotton red", shop="other"),
    )

    assert await ids(store, ProductQuestion(search=search)) == expected


async def test_what_is_indexed_again_is_found_by_its_new_words(store: Store) -> None:
    await put(store, entry("p", title="Cotton"))
    await put(store, entry("p", title="Linen", seen_at=101.0))

    assert await ids(store, ProductQuestion(search="cotton")) == []
    assert await ids(store, ProductQuestion(search="linen")) == ["p"]


@pytest.mark.parametrize("reverse", [False, True])
async def test_what_few_products_have_is_sorted_as_a_list_is(
    store: Store, *, reverse: bool
) -> None:
    prices = {"p1": 7, "p2": 3, "p3": 7, "p4": 5, "p5": 1}
    await put(store, *(entry(name, sku(code="c", price=fen)) for name, fen in prices.items()))
    await put(store, entry("p6", sku(code="c", price=4), status="OFF_SHELF"))
    await put(store, entry("p7", sku(code="d", price=4)), entry("p8", sku(code="c"), shop="other"))
    question = ProductQuestion(
        statuses=["ON_SHELF"],
        sku_codes=["c"],
        search="T恤",
        sort=ProductSort.PRICE,
        reverse=reverse,
    )

    expected = ["p5", "p2", "p4", "p1", "p3"]
    assert await ids(store, question) == (expected[::-1] if reverse else expected)


async def test_a_frequent_word_is_met_along_the_list(store: Store) -> None:
    many = [
        entry(f"p{number:04}", sku(stock=number % 2), title=f"Cotton {number}")
        for number in range(2_004)
    ]
    await put(store, *many)

    page = await store.indexed_products.page(
        "store", ProductQuestion(search="cotton", reverse=True), IndexPlace("", "p1000"), 2
    )

    assert [one.place.platform_id for one in page.items] == ["p0999", "p0998"]
    assert await store.indexed_products.count("store", ProductQuestion(search="cotton")) == 2_004

    scarce = ProductQuestion(search="cotton", stock_at_most=0)
    page = await store.indexed_products.page("store", scarce, IndexPlace("", "p1000"), 2)

    assert [one.place.platform_id for one in page.items] == ["p1002", "p1004"]


async def test_why_a_draft_was_refused_outlasts_reads_of_the_product(store: Store) -> None:
    await put(store, entry("p1"), entry("p2"))

    async def refused(platform_id: str, reason: str, at: int) -> None:
        async with store.transaction() as transaction:
            await store.indexed_products.set_draft_refusal(
                transaction, "store", platform_id, DraftRefusal(reason, at)
            )

    await refused("p1", "title\0", 200)
    await refused("p1", "an earlier one", 199)
    await refused("gone", "title", 200)
    await put(store, replace(entry("p1"), title="another", seen_at=300.0))

    known = store.indexed_products
    assert await known.draft_refusals("store", ["p1", "p2", "gone"]) == {
        "p1": DraftRefusal("title ", 200)
    }
    assert await known.draft_refusals("store", []) == {}
    assert await known.draft_refusals("other", ["p1"]) == {}
    await refused("p1", "image", 200)
    assert await known.draft_refusals("store", ["p1"]) == {"p1": DraftRefusal("image", 200)}
    async with store.transaction() as transaction:
        await known.remove(transaction, "store", ["p1"])
    await put(store, entry("p1"))
    assert await known.draft_refusals("store", ["p1"]) == {}
