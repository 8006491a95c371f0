"""Orders of a Weixin Store are found by a phone number of which they show the ends only."""

from collections.abc import Iterator
from typing import Any, Final

import pytest

from gateway.errors import PlatformCredentials, PlatformQuotaExceeded, PlatformRejected
from gateway.platforms.weixin_store.sandbox.part import WeixinStoreSandbox
from gateway.platforms.weixin_store.sandbox.sample_orders import sample_orders
from gateway.platforms.weixin_store.sandbox.state import WEIXIN
from gateway.ports import Adapter, ReadOptions
from gateway.sandbox.app import create_sandbox
from gateway.sandbox.part import seeded_state
from gateway.sandbox.sample_shop import sample_shop
from tests.fixtures_platform_clients import NOW
from tests.fixtures_sandbox import Sandbox, served
from tests.platforms.weixin_store.conftest import OpenShop
from tests.platforms.weixin_store.samples import tree

SEARCH: Final = "/channels/ec/order/search"
GET: Final = "/channels/ec/order/get"
FRESH: Final = ReadOptions(fresh=True)
#: The order of the reference's sample.
ONE: Final = "3790000000000000001"
#: The number of a buyer of the sample shop.
PHONE: Final = "13800000001"


def orders_of(store: Sandbox, phone: str) -> list[str]:
    """The ids of the platform's orders to a number, sorted."""
    (shop,) = store.shops("weixin_store").values()
    return sorted(
        order["order_id"]
        for order in shop["orders"].values()
        if order["order_detail"]["delivery_info"]["address_info"]["tel_number"] == phone
    )


async def found(shop: Adapter, phone: str) -> list[str]:
    assert shop.orders_by_phone is not None
    return sorted(one.platform_id for one in await shop.orders_by_phone.by_phone(phone, FRESH))


async def test_a_number_is_searched_by_its_end_as_the_sample_sends_it(
    shop: Adapter, store: Sandbox
) -> None:
    expected = orders_of(store, PHONE)

    assert await found(shop, PHONE) == expected
    assert expected
    (sent,) = store.requests(SEARCH)
    assert sent["body"] == tree("order.search.request")


async def test_orders_of_others_with_the_same_end_are_dropped(
    shop: Adapter, store: Sandbox
) -> None:
    assert await found(shop, "13900000001") == []
    assert len(store.requests(SEARCH)) == 1


def an_answer(store: Sandbox, address: dict[str, Any]) -> None:
    """Lets the platform find one order, which shows this of its receiver."""
    store.fault("body", {**tree("order.search.response"), "orders": [ONE]}, path=SEARCH)
    order = tree("order.get.response")
    delivery = order["order"]["order_detail"]["delivery_info"]
    delivery["address_info"] = {"province_name": "Zhejiang", **address}
    store.fault("body", order, path=GET)


@pytest.mark.parametrize(
    "address",
    [
        {"tel_number": "138****0001"},
        {"tel_number": "+86 138****0001"},
        {"tel_number": "*******0001"},
        {"tel_number": PHONE},
        {"tel_number": int(PHONE)},
        {"tel_number": ""},
        {},
    ],
)
async def test_what_is_shown_of_the_number_fits(
    shop: Adapter, store: Sandbox, address: dict[str, Any]
) -> None:
    an_answer(store, address)

    assert await found(shop, PHONE) == [ONE]


@pytest.mark.parametrize("number", ["139****0001", "138****0002", "13900000001"])
async def test_what_is_shown_of_the_number_differs(
    shop: Adapter, store: Sandbox, number: str
) -> None:
    an_answer(store, {"tel_number": number})

    assert await found(shop, PHONE) == []


async def test_ids_are_read_under_either_name(shop: Adapter, store: Sandbox) -> None:
    first, *_ = orders_of(store, PHONE)
    store.fault("body", {"errcode": 0, "order_id_list": [int(first)]}, path=SEARCH)

    assert await found(shop, PHONE) == [first]


async def test_nothing_found_reads_no_order(shop: Adapter, store: Sandbox) -> None:
    store.fault("body", {"errcode": 0, "errmsg": "ok", "orders": []}, path=SEARCH)

    assert await found(shop, PHONE) == []
    assert GET not in store.counts()


async def test_an_order_that_cannot_be_read_hides_no_other(shop: Adapter, store: Sandbox) -> None:
    expected = orders_of(store, PHONE)
    store.fault("body", {"errcode": 0, "order": []}, path=GET, times=1)

    ids = await found(shop, PHONE)

    assert len(ids) == len(expected) - 1
    assert set(ids) < set(expected)


@pytest.mark.parametrize(
    ("code", "kind"),
    [(47001, PlatformRejected), (48001, PlatformCredentials), (45009, PlatformQuotaExceeded)],
)
async def test_a_refusal_is_a_failure(
    shop: Adapter, store: Sandbox, code: int, kind: type[Exception]
) -> None:
    store.fault("errcode", code, path=SEARCH, times=None)

    with pytest.raises(kind):
        await found(shop, PHONE)


@pytest.fixture
def crowd() -> Iterator[Sandbox]:
    """A sandbox whose store has many orders, all to one number."""
    part = WeixinStoreSandbox()
    state = seeded_state([part], part.accounts, NOW)
    store = state.shops[part.name][WEIXIN.app_id]
    store.orders = sample_orders(sample_shop(NOW), 501)
    for order in store.orders.values():
        order["order_detail"]["delivery_info"]["address_info"]["tel_number"] = PHONE
    with served(create_sandbox([part], state=state)) as sandbox:
        yield sandbox


async def test_more_orders_than_are_read_are_told(open_shop: OpenShop, crowd: Sandbox) -> None:
    shop = open_shop(base_url=crowd.base_url)

    with pytest.raises(PlatformRejected, match="more than 500 orders"):
        await found(shop, PHONE)

    sent = [one["body"] for one in crowd.requests(SEARCH)]
    assert len(sent) == 5
    # While pages are turned nothing but the key changes.
    assert {len(one) for one in sent[1:]} == {3}
    assert all({**one, "next_key": None} == {**sent[0], "next_key": None} for one in sent)
    assert GET not in crowd.counts()


async def test_the_sandbox_refuses_a_whole_number(open_shop: OpenShop, store: Sandbox) -> None:
    client = open_shop().orders_by_phone
    assert client is not None
    # The platform takes four digits; fewer are no number's end.
    with pytest.raises(PlatformRejected) as caught:
        await client.by_phone("123", FRESH)

    assert caught.value.platform_code == "40097"
    assert GET not in store.counts()
