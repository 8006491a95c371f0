"""After-sales of the index: found by state, deadline and time of change, in pages both ways."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.errors import LedgerUnreadable
from gateway.store.index_tables import index_after_sales
from gateway.store.indexed_after_sales import (
    AfterSaleIndexEntry,
    AfterSalePlace,
    AfterSaleQuestion,
    AfterSaleSort,
    IndexedAfterSale,
)
from gateway.store.mirrors import Mirror
from gateway.store.store import Store
from tests.store.damage import damage
from tests.store.samples import PERSONAL, order

ANY = AfterSaleQuestion()


def entry(order_id: str, platform_id: str = "1", **changes: Any) -> AfterSaleIndexEntry:
    values: dict[str, Any] = {
        "shop": "baidu",
        "created_at": 1_000,
        "updated_at": None,
        "answer_before": None,
        "status": "APPLYING",
        "kind": "REFUND_ONLY",
        "open": True,
        "refund": 990,
        "open_id": None,
        "document": None,
        "personal": None,
        "seen_at": 100.0,
    }
    return AfterSaleIndexEntry(
        order_platform_id=order_id, platform_id=platform_id, **(values | changes)
    )


async def put(store: Store, *entries: AfterSaleIndexEntry) -> None:
    async with store.transaction() as transaction:
        await store.indexed_after_sales.put(transaction, entries)


async def ids(store: Store, question: AfterSaleQuestion) -> list[str]:
    """Answer what matches, after it was read in pages of two, in both directions."""
    read = store.indexed_after_sales.page
    found: list[AfterSalePlace] = []
    place: AfterSalePlace | None = None
    while True:
        page = await read("baidu", question, place, 2)
        found += [one.place for one in page.items]
        if not page.more:
            break
        place = page.items[-1].place
    back: list[AfterSalePlace] = []
    place = None
    while True:
        page = await read("baidu", question, place, 2, backwards=True)
        back = [*(one.place for one in page.items), *back]
        if not page.more:
            break
        place = page.items[0].place
    assert back == found
    assert await store.indexed_after_sales.count("baidu", question) == len(found)
    return [f"{place.order_platform_id}/{place.platform_id}" for place in found]


async def test_an_after_sale_is_read_as_it_was_put(store: Store) -> None:
    await put(
        store,
        entry("o1", document='{"a": 1}', personal=b'{"why": "hurt"}', open_id="oABC", part="wx1"),
        entry("o1", "2", created_at=900),
        entry("o1", shop="other"),
    )

    page = await store.indexed_after_sales.page("baidu", ANY, None, 1)

    place = AfterSalePlace(1_000, "o1", "1")
    known = IndexedAfterSale("baidu", place, "wx1", '{"a": 1}', b'{"why": "hurt"}', 100.0)
    assert page.items == [known]
    assert page.more


async def test_what_cannot_be_decrypted_leaves_the_rest(store: Store) -> None:
    await put(store, entry("o1", personal=b"{}"), entry("o2", personal=b"{}", created_at=900))
    columns = index_after_sales.c
    await damage(store, columns.personal, columns.order_platform_id == "o1")

    page = await store.indexed_after_sales.page("baidu", ANY, None, 2)

    assert isinstance(page.items[0].personal, LedgerUnreadable)
    assert page.items[1].personal == b"{}"


async def test_an_older_answer_does_not_replace_a_newer_one(store: Store) -> None:
    await put(store, entry("o", status="CLOSED", open=False, seen_at=101.0))
    await put(store, entry("o", seen_at=100.0))
    await put(
        store,
        entry("p", status="CLOSED", open=False, seen_at=102.0),
        entry("p", seen_at=101.0),
    )

    assert await ids(store, AfterSaleQuestion(open=True)) == []
    assert await ids(store, AfterSaleQuestion(statuses=["CLOSED"])) == ["p/1", "o/1"]


async def test_after_sales_go_with_their_orders(store: Store) -> None:
    await put(store, entry("o"), entry("o", "2"), entry("p"))

    async with store.transaction() as transaction:
        await store.indexed_after_sales.remove_of_orders(transaction, "baidu", ["o", "q"])
        await store.indexed_after_sales.remove_of_orders(transaction, "baidu", [])

    assert await ids(store, ANY) == ["p/1"]


async def test_open_ones_are_found_by_deadline(store: Store) -> None:
    await put(
        store,
        entry("later", answer_before=300),
        entry("soon", answer_before=200, created_at=10),
        entry("soon", "2", answer_before=200, created_at=10),
        entry("whenever"),
        entry("settled", answer_before=100, open=False, status="REFUNDED"),
    )
    by_deadline = AfterSaleSort.ANSWER_BEFORE

    asked = AfterSaleQuestion(open=True, sort=by_deadline)
    assert await ids(store, asked) == ["soon/1", "soon/2", "later/1", "whenever/1"]
    asked = AfterSaleQuestion(open=True, sort=by_deadline, reverse=True)
    assert await ids(store, asked) == ["whenever/1", "later/1", "soon/2", "soon/1"]
    asked = AfterSaleQuestion(answer_before=200, sort=by_deadline)
    assert await ids(store, asked) == ["settled/1", "soon/1", "soon/2"]
    assert await ids(store, AfterSaleQuestion(answer_before=200, open=True)) == ["soon/2", "soon/1"]
    assert await ids(store, AfterSaleQuestion(open=False)) == ["settled/1"]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (ANY, ["d/1", "c/1", "b/1", "a/1"]),
        (AfterSaleQuestion(reverse=True), ["a/1", "b/1", "c/1", "d/1"]),
        (AfterSaleQuestion(sort=AfterSaleSort.UPDATED_AT), ["a/1", "d/1", "c/1", "b/1"]),
        (AfterSaleQuestion(created_from=200, created_to=300), ["c/1", "b/1"]),
        (AfterSaleQuestion(updated_from=300, updated_to=400), ["d/1", "c/1"]),
        (
            AfterSaleQuestion(updated_to=400, created_from=300, sort=AfterSaleSort.UPDATED_AT),
            ["d/1", "c/1"],
        ),
        (AfterSaleQuestion(kinds=["EXCHANGE"]), ["b/1"]),
        (AfterSaleQuestion(kinds=["EXCHANGE"], statuses=["APPLYING"]), []),
        (AfterSaleQuestion(statuses=[]), []),
    ],
)
async def test_after_sales_are_found_by_times_and_kinds(
    store: Store, question: AfterSaleQuestion, expected: list[str]
) -> None:
    await put(
        store,
        entry("a", created_at=100, updated_at=500),
        entry("b", created_at=200, updated_at=250, kind="EXCHANGE", status="EXCHANGED"),
        entry("c", created_at=300),
        entry("d", created_at=400, updated_at=400),
    )

    assert await ids(store, question) == expected


async def test_those_of_copies_are_left_out_beside_their_originals(store: Store) -> None:
    async with store.transaction() as transaction:
        for name in ("o1", "o2"):
            await store.orders.put(transaction, "baidu", order(name), PERSONAL)
        mirror = Mirror(
            shop="flagship", platform_id="o1", to_shop="baidu", to_platform_id="o1", open_id="b"
        )
        await store.mirrors.put(transaction, mirror)
    await put(store, entry("o1"), entry("o2"), entry("o3"))

    assert await ids(store, ANY) == ["o3/1", "o2/1", "o1/1"]
    assert await ids(store, replace(ANY, not_of=["flagship", "else"])) == ["o3/1", "o2/1"]
    assert await ids(store, replace(ANY, not_of=["else"])) == ["o3/1", "o2/1", "o1/1"]
