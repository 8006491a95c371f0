"""A shop whose list of all products is too large: its two halves stand in."""

from typing import Any

from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from gateway.ports import Adapter, ProductQuery, ReadOptions, ReadsProducts
from schema.connection import SourceState
from schema.product_status import ProductStatus
from tests.fixtures_sandbox import Sandbox
from tests.platforms.wechat_store.conftest import OpenShop
from tests.platforms.wechat_store.samples import status_of

ALL = "/merchant/getbystatus"


def _port(shop: Adapter) -> ReadsProducts:
    assert shop.products is not None
    return shop.products


def _raw_products(store: Sandbox) -> dict[str, Any]:
    """What the platform has, by id."""
    products: dict[str, Any] = store.shops("wechat_store")[FLAGSHIP.app_id]["products"]
    return dict(sorted(products.items()))


def _size(store: Sandbox, status: int) -> int:
    """Bytes of the platform's list of a status."""
    query = {"access_token": store.token(FLAGSHIP)}
    answer = store.client.post(ALL, params=query, json={"status": status})
    return len(answer.content)


async def test_a_list_that_is_too_large_is_read_in_halves(
    open_shop: OpenShop, store: Sandbox
) -> None:
    whole, on_shelf = _size(store, 0), _size(store, 1)
    shop = open_shop(most_bytes=(whole + on_shelf) // 2)
    raw = _raw_products(store)
    store.clear_log()
    first = await _port(shop).page(ProductQuery(), None, 25, ReadOptions())
    second = await _port(shop).page(ProductQuery(), first.items[-1].platform_id, 25, ReadOptions())

    assert [one.platform_id for one in [*first.items, *second.items]] == list(raw)
    assert [one.known_status for one in first.items] == [
        status_of(raw[one.platform_id]) for one in first.items
    ]
    assert (first.total, first.more, second.more) == (len(raw), True, False)
    assert first.provenance.state is SourceState.LIVE
    assert second.provenance.state is SourceState.CACHED
    asked = [request["body"] for request in store.requests(ALL)]
    assert sorted(asked, key=lambda body: body["status"]) == [
        {"status": 0},
        {"status": 1},
        {"status": 2},
    ]


async def test_halves_find_words_and_tell_where_products_stand(
    open_shop: OpenShop, store: Sandbox
) -> None:
    shop = open_shop(most_bytes=(_size(store, 0) + _size(store, 1)) // 2)
    raw = _raw_products(store)
    hidden = next(id_ for id_, product in raw.items() if not product["on_shelf"])
    listed = (ProductStatus.ON_SHELF, ProductStatus.SOLD_OUT)
    shown, empty = (
        next(id_ for id_, product in raw.items() if status_of(product) is one) for one in listed
    )
    found = await _port(shop).page(ProductQuery(search=hidden), None, 5, ReadOptions())
    told = await _port(shop).statuses([hidden, shown, empty, "gone"], ReadOptions())

    assert [one.platform_id for one in found.items] == [hidden]
    assert told == {
        hidden: ProductStatus.OFF_SHELF,
        shown: ProductStatus.ON_SHELF,
        empty: ProductStatus.SOLD_OUT,
    }
