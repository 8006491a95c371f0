"""Orders are read by their ids, singly or out of the list that showed them."""

import pytest

from gateway.concurrency.clock import DAY
from gateway.errors import PlatformRejected
from gateway.ports import Adapter, ReadOptions
from schema.order_status import OrderStatus
from tests.fixtures_sandbox import Sandbox
from tests.platforms.wechat_store.adapter.order_questions import (
    LIST,
    ONE,
    TOMORROW,
    asked_of,
    ids_of,
    port_of,
    raw_ids,
    raw_orders,
    read_page,
)
from tests.platforms.wechat_store.conftest import LIFETIMES, OpenShop


async def test_one_order(shop: Adapter, store: Sandbox, reading: ReadOptions) -> None:
    raw = raw_orders(store)[0]
    found = await port_of(shop).get_many([raw["order_id"], raw["order_id"]], reading)

    assert list(found) == [raw["order_id"]]
    order = found[raw["order_id"]]
    assert order.status is OrderStatus.AWAITING_SHIPMENT
    assert order.total.fen == raw["order_total_price"]
    assert order.shipping_address_data is not None
    assert order.shipping_address_data.district == raw["receiver_zone"]
    assert [request["body"] for request in store.requests(ONE)] == [{"order_id": raw["order_id"]}]


async def test_an_order_keeps_its_document(shop: Adapter, store: Sandbox) -> None:
    raw = raw_orders(store)[7]
    listed = (await read_page(shop)).items[7]
    single = (await port_of(shop).get_many([raw["order_id"]], ReadOptions(fresh=True)))[
        raw["order_id"]
    ]

    assert listed.raw_source is not None
    assert single.raw_source is not None
    assert single.raw_source() == raw
    assert listed.raw_source() == {k: v for k, v in raw.items() if k != "receiver_zone"}


async def test_an_order_that_does_not_exist_is_absent(shop: Adapter, store: Sandbox) -> None:
    there = raw_ids(raw_orders(store))[0]
    found = await port_of(shop).get_many([there, "7", ""], ReadOptions())

    assert list(found) == [there]


async def test_a_call_that_is_refused_for_its_form_is_no_absence(
    shop: Adapter, store: Sandbox
) -> None:
    store.fault("errcode", 44002, path=ONE)

    with pytest.raises(PlatformRejected) as refusal:
        await port_of(shop).get_many(["7"], ReadOptions())

    assert refusal.value.endpoint == "order.getbyid"
    assert refusal.value.platform_code == "44002"


async def test_orders_that_a_list_showed_are_not_asked_for_again(
    shop: Adapter, store: Sandbox
) -> None:
    page = await read_page(shop)
    found = await port_of(shop).get_many(ids_of(page), ReadOptions())

    assert [found[order.platform_id] is order for order in page.items] == [True] * 20
    assert store.requests(ONE) == []
    assert len(asked_of(store)) == 1


async def test_many_orders_come_from_the_question_that_showed_them(
    open_shop: OpenShop, store: Sandbox
) -> None:
    shop = open_shop(lifetimes={**LIFETIMES, "orders": 0.0})
    page = await read_page(shop)
    store.set_order_status(page.items[0].platform_id, 3)
    found = await port_of(shop).get_many(ids_of(page), ReadOptions())

    assert len(found) == 20
    assert found[page.items[0].platform_id].status is OrderStatus.SHIPPED
    assert store.requests(ONE) == []
    assert asked_of(store) == [{"begintime": TOMORROW - 90 * DAY - 1}] * 2


async def test_few_orders_are_asked_for_singly(open_shop: OpenShop, store: Sandbox) -> None:
    shop = open_shop(lifetimes={**LIFETIMES, "orders": 0.0})
    page = await read_page(shop)
    found = await port_of(shop).get_many(ids_of(page)[:2], ReadOptions())

    assert len(found) == 2
    assert len(store.requests(ONE)) == 2
    assert len(asked_of(store)) == 1


async def test_a_question_that_grew_too_large_is_not_asked_again(
    open_shop: OpenShop, store: Sandbox
) -> None:
    shop = open_shop(most_bytes=100_000, lifetimes={**LIFETIMES, "orders": 0.0})
    page = await read_page(shop)
    store.fault("huge", 1, path=LIST)
    found = await port_of(shop).get_many(ids_of(page)[:5], ReadOptions())

    assert len(found) == 5
    assert len(store.requests(ONE)) == 5
