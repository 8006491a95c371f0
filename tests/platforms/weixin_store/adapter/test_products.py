"""Products are listed by ids, and read one by one."""

from collections import Counter

from gateway.ports import Adapter, ProductQuery, ReadOptions, ReadsProducts
from gateway.ports.index import KeptDocument
from schema.connection import SourceState
from schema.product_status import ProductStatus
from tests.fixtures_platform_clients import ShopClock
from tests.fixtures_sandbox import Sandbox

ONE = "/channels/ec/product/get"
IDS = "/channels/ec/product/list/get"
FIRST = "10000900000001"
FRESH = ReadOptions(fresh=True)


def _port(shop: Adapter) -> ReadsProducts:
    assert shop.products is not None
    return shop.products


def _calls(store: Sandbox) -> tuple[int, int]:
    """How often one product was asked for, and how often a list."""
    counts = store.counts()
    return counts.get(ONE, 0), counts.get(IDS, 0)


async def test_a_product_is_asked_for_once_while_it_is_cached(
    shop: Adapter, store: Sandbox
) -> None:
    for _ in range(2):
        found = await _port(shop).get_many([FIRST, "1", FIRST], ReadOptions())
        assert list(found) == [FIRST]

    # That another is not there is not kept.
    assert _calls(store) == (3, 0)


async def test_statuses_are_told(shop: Adapter) -> None:
    ids = [FIRST, "10000900000009", "10000900000026", "1"]

    assert await _port(shop).statuses(ids, ReadOptions()) == {
        FIRST: ProductStatus.ON_SHELF,
        "10000900000009": ProductStatus.OFF_SHELF,
        "10000900000026": ProductStatus.SOLD_OUT,
    }


async def test_the_ids_of_a_list_hold_for_its_next_pages_a_while(
    shop: Adapter, store: Sandbox, clock: ShopClock
) -> None:
    after: str | None = None
    for pause, lists in ((0, 4), (20, 4), (20, 4), (61, 8)):
        clock.ahead += pause
        page = await _port(shop).page(ProductQuery(), after, 2, FRESH)
        after = page.items[-1].platform_id
        assert page.more
        assert _calls(store)[1] == lists


async def test_the_ids_of_a_list_are_read_again_after_ten_minutes(
    shop: Adapter, store: Sandbox, clock: ShopClock
) -> None:
    after: str | None = None
    for _ in range(32):
        page = await _port(shop).page(ProductQuery(), after, 1, FRESH)
        after = page.items[-1].platform_id
        clock.ahead += 20

    assert _calls(store) == (32, 8)


async def test_the_last_page_knows_how_many_there_are(shop: Adapter) -> None:
    whole = await _port(shop).page(ProductQuery(), None, 100, ReadOptions())
    rest = await _port(shop).page(ProductQuery(), whole.items[39].platform_id, 100, ReadOptions())

    assert (len(whole.items), whole.more, whole.total) == (41, False, 41)
    assert (len(rest.items), rest.more, rest.total) == (1, False, None)
    assert whole.provenance.state is SourceState.LIVE
    assert rest.provenance.state is SourceState.CACHED


async def test_words_are_found_in_title_code_and_id(shop: Adapter) -> None:
    for words, expected in (("龙井 绿茶", 1), ("sc1001-01", 1), (FIRST, 1), ("龙井 T恤", 0)):
        query = ProductQuery(search=words)
        page = await _port(shop).page(query, None, 5, ReadOptions())
        assert len(page.items) == expected, words


async def test_a_condition_reads_on_until_a_page_is_full(shop: Adapter, store: Sandbox) -> None:
    query = ProductQuery(statuses=frozenset({ProductStatus.OFF_SHELF}))

    page = await _port(shop).page(query, None, 2, ReadOptions())

    assert [one.platform_id for one in page.items] == ["10000900000009", "10000900000029"]
    assert (page.more, page.total) == (True, None)
    # Those that are listed are left out by their list.
    assert _calls(store)[0] == 3


async def test_a_refusal_of_one_copy_asks_for_the_other(shop: Adapter, store: Sandbox) -> None:
    for code, kind in ((10020065, 2), (10020207, 1)):
        store.clear_log()
        store.fault("errcode", code, path=ONE)
        assert FIRST in await _port(shop).get_many([FIRST], FRESH)
        # The log has no body of a call that a fault answered.
        refused, asked = store.requests(ONE)
        assert (refused["body"], asked["body"]["data_type"]) == (None, kind)


async def test_drafts_are_left_out_where_the_platform_does_not_list_them(
    shop: Adapter, store: Sandbox
) -> None:
    page = await _port(shop).page(ProductQuery(), None, 1, FRESH)

    assert page.more
    asked = Counter(one["body"].get("status") for one in store.requests(IDS))
    assert asked == {None: 2, 0: 1, 1: 1}


async def test_the_index_gives_back_what_was_read(shop: Adapter) -> None:
    port = shop.index_products
    assert port is not None
    (product,) = (await _port(shop).get_many([FIRST], ReadOptions())).values()

    kept = port.product(KeptDocument(FIRST, port.split(product)))

    assert (kept.key, kept.title, kept.known_status) == (
        product.key,
        product.title,
        product.known_status,
    )
    assert kept.skus == product.skus
    assert kept.details == product.details
    assert kept.raw_source is not None
    assert product.raw_source is not None
    assert kept.raw_source() == product.raw_source()
