"""Products are read singly or all at once, whichever costs fewer calls."""

from typing import Any

import pytest

from gateway.errors import (
    PlatformAnswerTooLarge,
    PlatformCredentials,
    PlatformRejected,
    PlatformUnavailable,
)
from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from gateway.ports import Adapter, Page, ProductQuery, ReadOptions, ReadsProducts
from schema.connection import SourceState
from schema.product import Product
from schema.product_details import WechatStoreProductDetails
from schema.product_status import ProductStatus
from tests.fixtures_platform_clients import ShopClock
from tests.fixtures_sandbox import Sandbox
from tests.platforms.wechat_store.conftest import LIFETIMES, OpenShop
from tests.platforms.wechat_store.samples import status_of, tree

ONE = "/merchant/get"
ALL = "/merchant/getbystatus"


def _port(shop: Adapter) -> ReadsProducts:
    assert shop.products is not None
    return shop.products


def _raw_products(store: Sandbox) -> dict[str, Any]:
    """What the platform has, by id."""
    products: dict[str, Any] = store.shops("wechat_store")[FLAGSHIP.app_id]["products"]
    return dict(sorted(products.items()))


def _calls(store: Sandbox) -> tuple[int, int]:
    """How often one product was asked for, and how often a list."""
    counts = store.counts()
    return counts.get(ONE, 0), counts.get(ALL, 0)


async def _page(
    shop: Adapter, query: ProductQuery | None = None, after: str | None = None, first: int = 100
) -> Page[Product]:
    return await _port(shop).page(query or ProductQuery(), after, first, ReadOptions())


def _ids(page: Page[Product]) -> list[str]:
    return [product.platform_id for product in page.items]


# --- by id


async def test_two_products_are_asked_for_singly(
    shop: Adapter, store: Sandbox, reading: ReadOptions
) -> None:
    first, second, *_ = _raw_products(store)
    found = await _port(shop).get_many([first, second, first], reading)

    assert {id_: product.platform_id for id_, product in found.items()} == {
        first: first,
        second: second,
    }
    assert found[first].known_status is None
    assert _calls(store) == (2, 0)


async def test_single_products_are_asked_for_side_by_side(shop: Adapter, store: Sandbox) -> None:
    first, second, *_ = _raw_products(store)
    store.fault("latency", 0.3, times=None, path=ONE)
    await _port(shop).get_many([first, second], ReadOptions())

    assert store.peaks()[ONE] == 2


async def test_three_products_come_from_the_list_of_all(
    shop: Adapter, store: Sandbox, reading: ReadOptions
) -> None:
    first, second, third, *_ = _raw_products(store)
    found = await _port(shop).get_many([third, first, "gone", second], reading)

    assert set(found) == {first, second, third}
    assert found[first].known_status is not None
    assert _calls(store) == (0, 1)
    assert store.requests(ALL)[0]["body"] == {"status": 0}


async def test_the_list_of_all_answers_for_one_product_while_it_is_kept(
    shop: Adapter, store: Sandbox
) -> None:
    first, *_ = _raw_products(store)
    page = await _page(shop)
    found = await _port(shop).get_many([first], ReadOptions())

    assert found[first] is page.items[0]
    assert _calls(store) == (0, 1)


async def test_a_product_that_the_kept_list_lacks_is_asked_for(
    shop: Adapter, store: Sandbox
) -> None:
    await _page(shop)
    found = await _port(shop).get_many(["gone"], ReadOptions())

    assert found == {}
    assert _calls(store) == (1, 1)


async def test_a_fresh_product_does_not_come_from_the_kept_list(
    shop: Adapter, store: Sandbox
) -> None:
    first, *_ = _raw_products(store)
    await _page(shop)
    await _port(shop).get_many([first], ReadOptions(fresh=True))

    assert _calls(store) == (1, 1)


async def test_a_list_that_is_not_kept_answers_for_nothing(
    open_shop: OpenShop, store: Sandbox
) -> None:
    shop = open_shop(lifetimes={**LIFETIMES, "products": 0.0})
    first, *_ = _raw_products(store)
    await _page(shop)
    await _port(shop).get_many([first], ReadOptions())

    assert _calls(store) == (1, 1)


async def test_a_list_that_is_too_large_gives_way_to_single_products(
    open_shop: OpenShop, store: Sandbox
) -> None:
    shop = open_shop(most_bytes=20_000)
    ids = list(_raw_products(store))[:4]
    first = await _port(shop).get_many(ids, ReadOptions())
    second = await _port(shop).get_many(ids, ReadOptions(fresh=True))

    assert set(first) == set(second) == set(ids)
    assert _calls(store) == (8, 1)


async def test_an_old_list_does_not_stand_in_for_one_that_grew_too_large(
    open_shop: OpenShop, store: Sandbox, clock: ShopClock
) -> None:
    shop = open_shop(most_bytes=300_000)
    ids = list(_raw_products(store))[:3]
    await _port(shop).get_many(ids, ReadOptions())
    clock.ahead = 100
    store.fault("huge", 1, path=ALL)
    found = await _port(shop).get_many(ids, ReadOptions())

    assert set(found) == set(ids)
    assert _calls(store) == (3, 2)


async def test_a_product_keeps_its_document(shop: Adapter, store: Sandbox) -> None:
    first, *_ = _raw_products(store)
    single = (await _port(shop).get_many([first], ReadOptions()))[first]
    listed = (await _page(shop)).items[0]

    assert single.raw_source is not None
    assert listed.raw_source is not None
    assert single.raw_source()["product_id"] == first
    status = 1 if _raw_products(store)[first]["on_shelf"] else 2
    assert listed.raw_source() == {**single.raw_source(), "status": status}


async def test_a_product_as_the_gateway_shows_it(shop: Adapter, store: Sandbox) -> None:
    first, *_ = _raw_products(store)
    product = (await _port(shop).get_many([first], ReadOptions()))[first]
    base = _raw_products(store)[first]["document"]["product_base"]

    assert product.title == base["name"] == "运动速干短裤"
    assert isinstance(product.details, WechatStoreProductDetails)
    assert [key.platform_id for key in product.details.category_keys] == base["category_id"]
    assert [(sku.platform_id, sku.price.fen if sku.price else None) for sku in product.skus] == [
        (sku["sku_id"], sku["price"]) for sku in _raw_products(store)[first]["document"]["sku_list"]
    ]


# --- lists


async def test_pages_follow_by_platform_id(shop: Adapter, store: Sandbox) -> None:
    ids = list(_raw_products(store))
    first = await _page(shop, first=30)
    second = await _page(shop, after=_ids(first)[-1], first=30)

    assert _ids(first) == ids[:30]
    assert _ids(second) == ids[30:]
    assert (first.more, second.more) == (True, False)
    assert (first.total, second.total) == (len(ids), len(ids))
    assert (first.provenance.state, second.provenance.state) == (
        SourceState.LIVE,
        SourceState.CACHED,
    )
    assert _calls(store) == (0, 1)


async def test_a_page_goes_on_where_its_last_product_is_gone(shop: Adapter, store: Sandbox) -> None:
    ids = list(_raw_products(store))
    page = await _page(shop, after=ids[4] + "!", first=1)

    assert _ids(page) == ids[5:6]


@pytest.mark.parametrize(
    ("statuses", "asked"),
    [
        pytest.param({ProductStatus.ON_SHELF}, 1, id="on-the-shelf"),
        pytest.param({ProductStatus.OFF_SHELF}, 2, id="off-the-shelf"),
        pytest.param({ProductStatus.SOLD_OUT}, 1, id="sold-out"),
        pytest.param({ProductStatus.ON_SHELF, ProductStatus.SOLD_OUT}, 1, id="beside-sold-out"),
        pytest.param({ProductStatus.ON_SHELF, ProductStatus.OFF_SHELF}, 0, id="both"),
        pytest.param({ProductStatus.ON_SHELF, ProductStatus.UNKNOWN}, 0, id="beside-unknown"),
    ],
)
async def test_statuses_are_left_to_the_platform_where_it_can_be_asked(
    shop: Adapter, store: Sandbox, statuses: set[ProductStatus], asked: int
) -> None:
    page = await _page(shop, ProductQuery(statuses=frozenset(statuses)))

    expected = [
        id_ for id_, product in _raw_products(store).items() if status_of(product) in statuses
    ]
    assert expected
    assert _ids(page) == expected
    assert page.total == len(expected)
    assert [request["body"] for request in store.requests(ALL)] == [{"status": asked}]


async def test_no_status_costs_no_call(shop: Adapter, store: Sandbox) -> None:
    page = await _page(shop, ProductQuery(statuses=frozenset()))

    assert page == Page(items=(), more=False, total=0)
    assert store.requests() == []


async def test_no_product_has_a_status_that_the_manual_lacks(shop: Adapter) -> None:
    page = await _page(shop, ProductQuery(statuses=frozenset({ProductStatus.UNKNOWN})))

    assert _ids(page) == []


@pytest.mark.parametrize(
    "search",
    [
        pytest.param("速干 短裤", id="words-of-the-title"),
        pytest.param("sc1009-01", id="the-code-of-a-sku"),
        pytest.param("P0FFKJNSNM4NQJ0", id="the-platform-id"),
        pytest.param("短裤 SC1009", id="title-and-code"),
    ],
)
async def test_search(shop: Adapter, search: str) -> None:
    page = await _page(shop, ProductQuery(search=search))

    assert [product.title for product in page.items] == ["运动速干短裤"]
    assert page.total == 1


async def test_all_words_of_a_search_must_occur(shop: Adapter) -> None:
    assert _ids(await _page(shop, ProductQuery(search="速干 nowhere"))) == []


# --- statuses


async def test_statuses_take_one_call(shop: Adapter, store: Sandbox) -> None:
    products = _raw_products(store)
    statuses = await _port(shop).statuses([*products, "gone"], ReadOptions())

    assert statuses == {id_: status_of(product) for id_, product in products.items()}
    assert {ProductStatus.OFF_SHELF, ProductStatus.SOLD_OUT} < set(statuses.values())
    assert _calls(store) == (0, 1)


async def test_a_list_without_statuses_is_joined_with_the_list_of_those_on_the_shelf(
    shop: Adapter, store: Sandbox
) -> None:
    both = tree("getbystatus.response")
    first, second = both["products_info"]
    del first["status"], second["status"]
    for body in (both, {**both, "products_info": [second]}):
        store.fault("body", body, path=ALL)
    ids = [first["product_id"], second["product_id"], "gone"]
    statuses = await _port(shop).statuses(ids, ReadOptions())

    assert statuses == {
        first["product_id"]: ProductStatus.OFF_SHELF,
        second["product_id"]: ProductStatus.ON_SHELF,
    }
    assert _calls(store) == (0, 2)


async def test_a_list_of_both_statuses_shows_products_that_tell_none(
    shop: Adapter, store: Sandbox
) -> None:
    document = tree("getbystatus.response")
    first, second = document["products_info"]
    del second["status"]
    store.fault("body", document, path=ALL)
    both = frozenset({ProductStatus.ON_SHELF, ProductStatus.OFF_SHELF})
    page = await _page(shop, ProductQuery(statuses=both))

    assert set(_ids(page)) == {first["product_id"], second["product_id"]}


# --- failures


@pytest.mark.parametrize(
    ("kind", "value", "failure"),
    [
        pytest.param("errcode", -1, PlatformUnavailable, id="busy"),
        pytest.param("errcode", 40164, PlatformCredentials, id="address-not-listed"),
        pytest.param("http_status", 502, PlatformUnavailable, id="bad-gateway"),
        pytest.param("empty", None, PlatformUnavailable, id="empty-body"),
        pytest.param("html", None, PlatformUnavailable, id="html"),
        pytest.param("truncated", None, PlatformUnavailable, id="truncated"),
    ],
)
async def test_a_failure_of_the_platform_is_no_absence(
    shop: Adapter, store: Sandbox, kind: str, value: int | None, failure: type[Exception]
) -> None:
    first, second, *_ = _raw_products(store)
    store.fault(kind, value, times=None, path=ONE)

    with pytest.raises(failure):
        await _port(shop).get_many([first, second], ReadOptions())


async def test_halves_that_are_too_large_cannot_be_paged(
    open_shop: OpenShop, store: Sandbox
) -> None:
    shop = open_shop(most_bytes=20_000)

    with pytest.raises(PlatformAnswerTooLarge):
        await _page(shop)

    assert _calls(store) == (0, 3)


@pytest.mark.parametrize("status", [404, 405, 410])
async def test_a_call_that_is_not_there_is_no_product_that_is_not_there(
    shop: Adapter, store: Sandbox, status: int
) -> None:
    first, *_ = _raw_products(store)
    store.fault("http_status", status, path=ONE)

    with pytest.raises(PlatformRejected, match=f"HTTP {status}"):
        await _port(shop).get_many([first], ReadOptions())


async def test_a_void_token_is_renewed_once(shop: Adapter, store: Sandbox) -> None:
    first, *_ = _raw_products(store)
    store.fault("expired_token", path=ONE)
    found = await _port(shop).get_many([first], ReadOptions())

    assert set(found) == {first}
    assert store.counts()["/cgi-bin/stable_token"] == 2
