"""Orders of the index: written, found, sorted, paged, counted and added up."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from gateway.store.index_pages import IndexPlace
from gateway.store.index_tables import index_order_lines, index_orders
from gateway.store.indexed_orders import IndexedOrder, OrderEntry
from gateway.store.mirrors import StoppedMirror
from gateway.store.order_questions import OrderQuestion, OrderSort
from gateway.store.order_statistics import Dimension, StatisticsRow
from gateway.store.tables import metadata_items
from gateway.store.words import search_words, words_of
from tests.store.conftest import Clock
from tests.store.order_index import DAY, MARCH, Index, entry, line, opened

SHOPS = ("mini", "swan", "flag-ship")
TITLES = ("纯棉连衣裙", "Linen shirt 衬衫", "Wool coat", "红色连衣裙 summer")
STATUSES = ("PAID", "PARTIALLY_SHIPPED", "COMPLETED")


@pytest.fixture
async def index(store_url: str, clock: Clock) -> AsyncIterator[Index]:
    async with opened(store_url, clock, few=1) as index:
        yield index


# ---------------------------------------------------------------- writing


async def test_an_order_is_found_with_its_document(index: Index) -> None:
    await index.put(
        entry(
            "1", document='{"a":1}', personal=b"who", seen_at=2.0, part="wx1", updated_at=MARCH + 5
        )
    )

    page = await index.orders.page("mini", OrderQuestion(shops=["mini"]), None, 5)

    assert page.items == [
        IndexedOrder(
            shop="mini",
            platform_id="1",
            part="wx1",
            document='{"a":1}',
            personal=b"who",
            original=None,
            seen_at=2.0,
            place=IndexPlace(MARCH, "1"),
        )
    ]
    assert not page.more


async def test_an_older_answer_does_not_replace_a_newer_one(index: Index) -> None:
    await index.put(entry("1", status="COMPLETED", seen_at=5.0))
    await index.put(entry("1", status="PAID", seen_at=4.0))
    await index.put(
        entry("2", status="PAID", seen_at=4.0), entry("2", status="COMPLETED", seen_at=3.0)
    )

    assert await index.ids(OrderQuestion(shops=["mini"], statuses=["COMPLETED"])) == ["1"]
    assert await index.ids(OrderQuestion(shops=["mini"], statuses=["PAID"])) == ["2"]


async def test_what_is_told_again_is_not_written_again(index: Index, clock: Clock) -> None:
    await index.put(entry("1"))
    clock.now += 100
    await index.put(entry("1", seen_at=9.0))
    await index.put(entry("1", status="COMPLETED", seen_at=8.0))

    (row,) = await index.database.fetch(select(index_orders))
    assert (row.written_at, row.seen_at, row.status) == (clock.now - 100, 9.0, "PAID")


async def test_an_order_whose_time_is_corrected_has_one_row(index: Index) -> None:
    await index.put(entry("1", lines=[line(), line("TEE-BLUE")]))
    await index.put(entry("1", created_at=MARCH + 40 * DAY, seen_at=2.0))

    rows = await index.database.fetch(select(index_orders.c.created_at))
    lines = await index.database.fetch(select(index_order_lines.c.code))
    assert [row[0] for row in rows] == [MARCH + 40 * DAY]
    assert [row[0] for row in lines] == ["TEE-RED"]
    assert await index.ids(OrderQuestion(shops=["mini"], search="连衣裙")) == ["1"]
    assert await index.sums() == {
        ("mini", "created", MARCH // DAY + 41, "PAID", "", "orders"): 1,
        ("mini", "created", MARCH // DAY + 41, "PAID", "", "units"): 1,
        ("mini", "created", MARCH // DAY + 41, "PAID", "", "total"): 990,
    }


async def test_orders_of_one_second_have_numbers_of_their_own(index: Index) -> None:
    await index.put(*(entry(f"{number:04}") for number in range(1_200)))

    rows = await index.database.fetch(select(index_orders.c.number))
    assert len({row[0] for row in rows}) == 1_200
    page = await index.orders.page(
        "mini", OrderQuestion(shops=["mini"], search="连衣裙"), IndexPlace(MARCH, "0100"), 3
    )
    assert [one.platform_id for one in page.items] == ["0099", "0098", "0097"]


async def test_a_number_in_use_is_given_to_no_other_order(index: Index) -> None:
    await index.put(entry("1", lines=[]))
    ((number,),) = await index.database.fetch(select(index_orders.c.number))
    async with index.database.transaction() as transaction:
        await index.orders.remove(transaction, "mini", ["1"])
    await index.put(entry("2", lines=[]))
    async with index.database.transaction() as transaction:
        await transaction.connection.execute(update(index_orders).values(number=number))

    await index.put(entry("1"), entry("3"))

    rows = await index.database.fetch(
        select(index_orders.c.platform_id, index_orders.c.number).order_by(
            index_orders.c.platform_id
        )
    )
    assert [row.platform_id for row in rows] == ["1", "2", "3"]
    assert (rows[0].number, rows[1].number) == (number + 1, number)
    assert await index.ids(OrderQuestion(shops=["mini"], search="连衣裙")) == ["3", "2", "1"]
    counted = ("mini", "created", MARCH // DAY + 1, "PAID", "", "orders")
    assert (await index.sums())[counted] == 3


async def test_an_order_that_is_not_new_after_all_is_written_over(
    index: Index, clock: Clock
) -> None:
    await index.put(entry("1", total=100, lines=[line(), line()]), entry("2", seen_at=9.0))
    clock.now += 1
    names = [("mini", platform_id, "") for platform_id in "123"]
    async with index.database.transaction() as transaction:
        entries = [entry(platform_id, total=200, seen_at=2.0) for platform_id in "123"]
        had = await index.orders.put(transaction, entries, names)

    assert had == {names[0], names[1]}
    rows = await index.database.fetch(
        select(index_orders.c.total).order_by(index_orders.c.platform_id)
    )
    assert [row.total for row in rows] == [200, 990, 200]
    assert len(await index.database.fetch(select(index_order_lines))) == 3
    counted = ("mini", "created", MARCH // DAY + 1, "PAID", "")
    sums = await index.sums()
    assert (sums[*counted, "orders"], sums[*counted, "total"]) == (3, 1_390)


async def test_the_orders_that_the_index_had_before_are_named(index: Index) -> None:
    await index.put(entry("1"), entry("2", part="wx1"))
    async with index.database.transaction() as transaction:
        had = await index.orders.put(
            transaction, [entry("1", seen_at=2.0), entry("2", seen_at=2.0), entry("3")]
        )

    assert had == {("mini", "1", ""), ("mini", "2", "wx1")}


async def test_a_removed_order_is_found_no_more(index: Index) -> None:
    await index.put(entry("1"), entry("2", paid_at=MARCH), entry("2", part="wx1"))
    async with index.database.transaction() as transaction:
        await index.orders.remove(transaction, "mini", ["2", "none"])

    assert await index.ids() == ["1"]
    assert await index.ids(OrderQuestion(shops=["mini"], search="连衣裙")) == ["1"]
    assert len(await index.database.fetch(select(index_order_lines))) == 1
    assert {key[-1]: amount for key, amount in (await index.sums()).items()} == {
        "orders": 1,
        "units": 1,
        "total": 990,
    }


async def test_words_follow_the_order(index: Index) -> None:
    await index.put(entry("1", texts=["Cotton", "SF100-200"]))
    assert await index.ids(OrderQuestion(shops=["mini"], search="cotton")) == ["1"]
    await index.put(entry("1", texts=["Silk"], seen_at=2.0))

    for search, ids in {
        "cotton": [],
        "SILK": ["1"],
        "tee-red": ["1"],
        "silk 1": ["1"],
        "silk 2": [],
        "！": [],
        "": [],
    }.items():
        assert await index.ids(OrderQuestion(shops=["mini"], search=search)) == ids, search


async def test_a_phone_number_and_a_name_find_orders_for_those_who_may(index: Index) -> None:
    await index.put(
        entry("1", phone="+86 138-0013-8000", receiver="张 三"),
        entry("2", phone="138****8000", receiver="张*"),
        entry("3", texts=["张三"]),
    )

    for search, ids in {"13800138000": ["1"], "张三": ["3", "1"], "138****8000": []}.items():
        question = OrderQuestion(shops=["mini"], search=search, with_personal=True)
        assert await index.ids(question) == ids
        assert await index.orders.count(["mini"], question) == len(ids)
    assert await index.ids(OrderQuestion(shops=["mini"], search="13800138000")) == []


async def test_what_platforms_found_is_found_beside_the_words(index: Index) -> None:
    await index.put(
        entry("1", texts=["13800138000"]),
        entry("2", phone="138****8000"),
        entry("3", phone="139****8000"),
        entry("2", shop="swan"),
        entry("4", phone="138****8000", status="REFUNDED"),
    )
    asked = OrderQuestion(
        shops=["mini", "swan"],
        search="13800138000",
        with_personal=True,
        found=[("mini", "2"), ("mini", "4"), ("swan", "3"), ("gone", "3")],
    )

    for question, ids in [
        (asked, ["4", "2", "1"]),
        (replace(asked, statuses=["PAID"]), ["2", "1"]),
        (replace(asked, search="nothing"), ["4", "2"]),
        (replace(asked, search="!"), ["4", "2"]),
        (replace(asked, found=()), ["1"]),
    ]:
        assert await index.ids(question) == ids
        assert await index.orders.count(["mini", "swan"], question) == len(ids)
        assert await index.ids(question, shop="swan") == []


async def test_buyers_find_their_orders(index: Index) -> None:
    await index.put(
        entry("1", buyer="b1"), entry("2", buyer="b2"), entry("3", buyer="b1", shop="swan")
    )

    buyers = [("mini", "b1"), ("swan", "b2"), ("mini", "b3")]
    question = OrderQuestion(shops=["mini", "swan"], buyers=buyers)
    assert await index.ids(question) == ["1"]
    assert await index.ids(question, shop="swan") == []
    assert await index.orders.count(["mini", "swan"], question) == 1


async def test_metadata_finds_orders_that_have_all_of_it(index: Index) -> None:
    await index.put(entry("1"), entry("2"), entry("3", part="wx1"))
    items = [("1", "a", "x"), ("1", "b", "y"), ("2", "a", "x"), ("2", "b", "z"), ("3", "a", "x")]
    rows = [
        {
            "kind": "Order",
            "shop": "mini",
            "platform_id": platform_id,
            "part": "",
            "key": key,
            "value": value,
            "written_at": 1.0,
        }
        for platform_id, key, value in items
    ]
    async with index.database.transaction() as transaction:
        await transaction.connection.execute(insert(metadata_items), rows)

    for metadata, ids in (
        ([("a", "x")], ["2", "1"]),
        ([("a", "x"), ("b", "y")], ["1"]),
        ([("a", "y")], []),
    ):
        question = OrderQuestion(shops=["mini"], metadata=metadata)
        assert await index.ids(question) == ids
        assert await index.orders.count(["mini"], question) == len(ids)


async def test_a_swan_id_is_no_open_id(index: Index) -> None:
    await index.put(entry("1", swan_id="b1"))

    assert await index.ids(OrderQuestion(shops=["mini"], buyers=[("mini", "b1")])) == []


async def test_a_copy_counts_where_its_original_is_not_asked(index: Index) -> None:
    await index.put(entry("1"), entry("c1", shop="swan"), entry("2", shop="swan"))
    await index.mirror("mini", "1", "swan", "c1")

    both = OrderQuestion(shops=["mini", "swan"])
    for question, ids in (
        (both, ["2"]),
        (OrderQuestion(shops=["swan"]), ["c1", "2"]),
        (OrderQuestion(shops=["swan"], copies=False), ["2"]),
        (replace(both, copies=True), ["c1"]),
        (replace(both, search="连衣裙"), ["2"]),
        (OrderQuestion(shops=["swan"], search="连衣裙"), ["c1", "2"]),
        (replace(both, search="连衣裙", copies=True), ["c1"]),
        (replace(both, search="连衣裙", copies=False), ["2"]),
    ):
        assert await index.ids(question, shop="swan") == ids, question
        assert await index.orders.count(["swan"], question) == len(ids), question
    page = await index.orders.page("swan", replace(both, copies=True), None, 5)
    assert page.items[0].original == ("mini", "1")


async def test_an_order_that_comes_after_a_deleted_copy_is_its_own(index: Index) -> None:
    await index.put(entry("c1", shop="swan"))
    await index.mirror("mini", "1", "swan", "c1")
    async with index.database.transaction() as transaction:
        await index.mirrors.stop(transaction, "swan", ["c1"], StoppedMirror.DELETED)
        await index.orders.mark_copies(transaction, "swan", ["c1"])

    assert await index.ids(OrderQuestion(shops=["mini", "swan"]), shop="swan") == ["c1"]
    assert {key[4] for key in await index.sums()} == {""}


# ---------------------------------------------------------------- lists and sums


def made(random: Random, number: int) -> OrderEntry:
    """Answer one of many orders, of few seconds and days."""
    created_at = MARCH + random.randrange(4) * DAY + random.randrange(5) * 21_600
    paid = random.random() < 0.7
    return entry(
        f"o{number:03}",
        shop=random.choice(SHOPS),
        created_at=created_at,
        updated_at=random.choice([None, created_at + random.randrange(3 * DAY)]),
        paid_at=created_at + random.randrange(DAY) if paid else None,
        status=random.choice(STATUSES),
        total=random.randrange(5) * 1_000 + 1,
        refunded=random.randrange(2) * 100,
        open_after_sale=random.random() < 0.2,
        buyer=f"b{random.randrange(5)}",
        texts=random.sample(TITLES, 2),
        lines=[
            line(random.choice(["A", "B", None]), f"p{random.randrange(3)}", random.randrange(1, 4))
            for _ in range(random.randrange(1, 3))
        ],
        seen_at=float(number),
    )


QUESTIONS: list[dict[str, Any]] = [
    {},
    {"statuses": ["PAID", "COMPLETED"]},
    {"created_from": MARCH + DAY, "created_to": MARCH + 3 * DAY - 1},
    {"created_from": MARCH + 30_000, "created_to": MARCH + 2 * DAY + 50_000},
    {"created_from": MARCH + 100, "created_to": MARCH + 50_000},
    {"created_from": MARCH + DAY, "created_to": MARCH},
    {"updated_from": MARCH + 2 * DAY},
    {"paid_from": MARCH + DAY},
    {"paid_to": MARCH + 2 * DAY, "statuses": ["PAID"]},
    {"buyers": [("mini", "b1"), ("swan", "b2")]},
    {"platform_ids": [f"o{number:03}" for number in range(0, 120, 3)]},
    {"open_after_sale": True},
    {"open_after_sale": False, "statuses": ["PARTIALLY_SHIPPED"]},
    {"search": "连衣裙"},
    {"search": "summer 衬衫", "created_from": MARCH + 21_600},
    {"search": "coat", "statuses": ["PARTIALLY_SHIPPED"], "open_after_sale": False},
    {"search": "coat", "created_to": MARCH + DAY, "copies": True},
    {"copies": False},
    {"copies": True},
    {"search": "nothing"},
]


def is_asked(question: OrderQuestion, one: OrderEntry, original: str | None) -> bool:
    """Answer what the store is expected to."""
    updated_at = one.created_at if one.updated_at is None else one.updated_at
    times = (
        (one.created_at, question.created_from, question.created_to),
        (updated_at, question.updated_from, question.updated_to),
        (one.paid_at, question.paid_from, question.paid_to),
    )
    counts = {
        None: original not in question.shops,
        False: original is None,
        True: original is not None,
    }
    words = words_of([one.platform_id, *one.texts, *(part.code or "" for part in one.lines)])
    return (
        all(
            (start is None and end is None)
            or (at is not None and (start or 0) <= at <= (end or 2**60))
            for at, start, end in times
        )
        and (question.statuses is None or one.status in question.statuses)
        and (question.platform_ids is None or one.platform_id in question.platform_ids)
        and (question.buyers is None or (one.shop, one.buyer) in question.buyers)
        and question.open_after_sale in (None, one.open_after_sale)
        and counts[question.copies]
        and (
            question.search is None
            or all(f" {word} " in words for word in search_words(question.search))
        )
    )


def sorted_by(sort: OrderSort) -> Callable[[OrderEntry], tuple[int, str]]:
    values: dict[OrderSort, Callable[[OrderEntry], int]] = {
        OrderSort.CREATED_AT: lambda one: one.created_at,
        OrderSort.UPDATED_AT: lambda one: one.updated_at or one.created_at,
        OrderSort.PAID_AT: lambda one: one.paid_at or 0,
        OrderSort.TOTAL: lambda one: one.total,
    }
    return lambda one: (values[sort](one), one.platform_id)


@dataclass
class Filled:
    """An index, and what is in it."""

    index: Index
    entries: Sequence[OrderEntry]
    #: By shop and id, the shops of the originals of copies.
    originals: dict[tuple[str, str], str]

    def asked(self, question: OrderQuestion, shops: Sequence[str]) -> list[OrderEntry]:
        return [
            one
            for one in self.entries
            if one.shop in shops
            and is_asked(question, one, self.originals.get((one.shop, one.platform_id)))
        ]


@pytest.fixture(params=[("sqlite", 2_000), ("sqlite", 2), ("postgres", 2)], ids=str)
def place(request: pytest.FixtureRequest) -> tuple[str, int]:
    """Answer a database, and how many orders are sorted."""
    name, few = request.param
    url: str = request.getfixturevalue(f"migrated_{name}_url")
    return url, few


@pytest.fixture
async def filled(place: tuple[str, int], clock: Clock) -> AsyncIterator[Filled]:
    """Answer an index of orders that were written twice, some of them copies."""
    url, few = place
    async with opened(url, clock, few) as index:
        yield await fill(index)


async def fill(index: Index) -> Filled:
    """Write the orders."""
    random = Random(7)
    first = [made(random, number) for number in range(120)]
    await index.put(*first)
    originals: dict[tuple[str, str], str] = {}
    for one in first[::4]:
        source = random.choice([shop for shop in (*SHOPS, "closed") if shop != one.shop])
        originals[one.shop, one.platform_id] = source
        await index.mirror(source, f"s{one.platform_id}", one.shop, one.platform_id)
    shops = {one.platform_id: one.shop for one in first}
    second = [
        replace(made(random, number), shop=shops[f"o{number:03}"], seen_at=1e3)
        for number in range(0, 120, 2)
    ]
    await index.put(*second)
    entries = {one.platform_id: one for one in (*first, *second)}
    return Filled(index, list(entries.values()), originals)


async def paged(
    index: Index, shop: str, question: OrderQuestion, first: int, *, backwards: bool
) -> list[str]:
    """Answer the ids of all pages, in the order of the list."""
    place: IndexPlace | None = None
    found: list[str] = []
    for _ in range(100):
        page = await index.orders.page(shop, question, place, first, backwards=backwards)
        ids = [one.platform_id for one in page.items]
        found = [*ids, *found] if backwards else [*found, *ids]
        if not page.more:
            return found
        assert len(ids) == first
        place = page.items[0 if backwards else -1].place
    raise AssertionError("the pages have no end")


async def test_every_question_is_answered_in_order_with_pages_both_ways(filled: Filled) -> None:
    for asked in QUESTIONS:
        for place, sort in enumerate(OrderSort):
            reverse = (len(asked) + place) % 2 == 1
            question = OrderQuestion(shops=SHOPS[:2], **asked, sort=sort, reverse=reverse)
            expected = sorted(
                filled.asked(question, ["mini"]), key=sorted_by(sort), reverse=not reverse
            )
            for backwards in (False, True):
                found = await paged(filled.index, "mini", question, 15, backwards=backwards)
                assert found == [one.platform_id for one in expected], (question, backwards)


async def test_counts_are_exact(filled: Filled) -> None:
    for asked in QUESTIONS:
        for shops in (SHOPS[:2], SHOPS[1:2], ()):
            question = OrderQuestion(shops=SHOPS[:2], **asked)
            expected = len(filled.asked(question, shops))
            assert await filled.index.orders.count(shops, question) == expected, question


def period_of(at: int, form: str) -> str:
    return (datetime.fromtimestamp(at, UTC) + timedelta(hours=8)).strftime(form)


PERIODS = {Dimension.DAY: "%Y-%m-%d", Dimension.WEEK: "%G-W%V", Dimension.MONTH: "%Y-%m"}


GROUPINGS: list[list[Dimension]] = [
    [],
    [Dimension.DAY, Dimension.SHOP],
    [Dimension.WEEK, Dimension.STATUS],
    [Dimension.MONTH],
    [Dimension.STATUS, Dimension.SHOP],
]


async def test_sums_are_exact(filled: Filled) -> None:
    for place, asked in enumerate(QUESTIONS):
        group_by = GROUPINGS[place % len(GROUPINGS)]
        await check_sums(filled, asked, group_by)
    for group_by in GROUPINGS:
        await check_sums(filled, QUESTIONS[3], group_by)


async def check_sums(filled: Filled, asked: dict[str, Any], group_by: list[Dimension]) -> None:
    """Compare the rows with what the orders add up to."""
    period = next((PERIODS[one] for one in group_by if one in PERIODS), None)
    question = OrderQuestion(shops=SHOPS[:2], **asked)
    by_payment = "paid_from" in asked or "paid_to" in asked
    expected: dict[tuple[str | None, ...], list[int]] = {}
    for one in filled.asked(question, SHOPS[:2]):
        at = one.paid_at if by_payment else one.created_at
        group = (
            None if period is None else period_of(at or 0, period),
            one.shop if Dimension.SHOP in group_by else None,
            one.status if Dimension.STATUS in group_by else None,
        )
        sums = expected.setdefault(group, [0, 0, 0, 0])
        for place, amount in enumerate((1, one.units, one.total, one.refunded)):
            sums[place] += amount
    rows = await filled.index.statistics.rows(question, group_by)
    found = {
        (one.period, one.shop, one.status): [one.orders, one.units, one.total, one.refunded]
        for one in rows
    }
    assert found == expected, question
    assert [*found] == sorted(found, key=lambda group: [one or "" for one in group])


async def test_sums_by_goods_are_those_of_lines(filled: Filled) -> None:
    question = OrderQuestion(shops=SHOPS, search="连衣裙", copies=False)
    expected: dict[tuple[str, str | None], list[int]] = {}
    for one in filled.asked(question, SHOPS):
        for part in one.lines:
            sums = expected.setdefault((part.platform_product_id, part.code), [0, 0])
            sums[0] += part.units
            sums[1] += part.total
    rows = await filled.index.statistics.rows(question, [Dimension.PRODUCT, Dimension.SKU_CODE])

    assert {
        (str(one.platform_product_id), one.code): [one.units, one.total] for one in rows
    } == expected
    assert {one.refunded for one in rows} == {0}


@pytest.mark.parametrize("other", [Dimension.SHOP, Dimension.STATUS, Dimension.DAY])
async def test_sums_by_goods_are_parted_by_another(filled: Filled, other: Dimension) -> None:
    question, goods = OrderQuestion(shops=SHOPS), [Dimension.PRODUCT, Dimension.SKU_CODE]
    whole = await filled.index.statistics.rows(question, goods)
    parts = await filled.index.statistics.rows(question, [*goods, other])

    assert sum(one.units for one in parts) == sum(one.units for one in whole) > 0


async def test_an_order_with_two_lines_of_a_product_is_one_order(index: Index) -> None:
    await index.put(entry("1", lines=[line(), line(units=2)]))

    rows = await index.statistics.rows(OrderQuestion(shops=["mini"]), [Dimension.PRODUCT])

    assert rows == [
        StatisticsRow(
            period=None,
            shop=None,
            status=None,
            platform_product_id="p1",
            code=None,
            orders=1,
            units=3,
            total=2_970,
            refunded=0,
        )
    ]


async def test_the_day_begins_in_china(index: Index) -> None:
    await index.put(entry("1", created_at=MARCH - 1), entry("2", created_at=MARCH))

    rows = await index.statistics.rows(OrderQuestion(shops=["mini"]), [Dimension.DAY])

    assert [(one.period, one.orders) for one in rows] == [("2026-02-28", 1), ("2026-03-01", 1)]
