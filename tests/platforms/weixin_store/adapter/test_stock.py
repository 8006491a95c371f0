"""A change of stock whose answer was lost is looked up in all pages of the stock's flow."""

import time

import pytest

from gateway.errors import AnswerLost
from gateway.platforms.weixin_store.adapter import stock
from gateway.ports import Adapter
from gateway.ports.writing.catalogue import AdjustsStock
from tests.fixtures_platform_clients import NOW, ShopClock
from tests.fixtures_sandbox import Sandbox

UPDATE = "/channels/ec/product/stock/update"
FLOW = "/channels/ec/product/stock/getflow"
PRODUCT, SKU = "10000900000004", "4400000401"


def _port(shop: Adapter) -> AdjustsStock:
    assert shop.adjusts_stock is not None
    return shop.adjusts_stock


async def test_the_flow_is_read_to_its_end(shop: Adapter, store: Sandbox, clock: ShopClock) -> None:
    # The sandbox's clock shows the present.
    clock.ahead = time.time() - NOW
    for _ in range(51):
        await _port(shop).adjust(PRODUCT, SKU, 1, None)
    store.fault("reset", path=UPDATE, after=True)

    await _port(shop).adjust(PRODUCT, SKU, 1, None)

    assert [one["body"].get("next_key") for one in store.requests(FLOW)] == [None, "50"]


async def test_a_flow_that_is_too_long_decides_nothing(shop: Adapter, store: Sandbox) -> None:
    page = {
        "errcode": 0,
        "data": {"stock_flow_info_list": [], "next_key": "more"},
    }
    store.fault("reset", path=UPDATE, after=True)
    store.fault("body", page, path=FLOW, times=None)

    with pytest.raises(AnswerLost):
        await _port(shop).adjust(PRODUCT, SKU, 1, None)

    assert len(store.requests(FLOW)) == 3


async def test_a_change_by_a_person_is_not_taken_for_the_gateway_s(
    shop: Adapter, store: Sandbox
) -> None:
    entry = {"amount": 1, "op_type": 2, "ext_info": {"upload_source": 6}}
    page = {"errcode": 0, "data": {"stock_flow_info_list": [entry], "next_key": ""}}
    store.fault("reset", path=UPDATE)
    store.fault("body", page, path=FLOW)

    with pytest.raises(AnswerLost):
        await _port(shop).adjust(PRODUCT, SKU, 1, None)


async def test_nothing_is_sent_for_no_change(shop: Adapter, store: Sandbox) -> None:
    await _port(shop).adjust(PRODUCT, SKU, 0, None)

    assert store.requests(UPDATE) == []


async def test_an_equal_change_before_is_told_apart_whatever_the_platform_s_clock(
    shop: Adapter, store: Sandbox, clock: ShopClock
) -> None:
    clock.ahead = time.time() - NOW
    store.advance(61)
    await _port(shop).adjust(PRODUCT, SKU, 1, None)
    clock.ahead += 10
    store.fault("reset", path=UPDATE)

    with pytest.raises(AnswerLost):
        await _port(shop).adjust(PRODUCT, SKU, 1, None)

    clock.ahead += 400
    store.advance(400)
    store.fault("reset", path=UPDATE, after=True)
    await _port(shop).adjust(PRODUCT, SKU, 1, None)


async def test_what_is_no_longer_remembered_decides_nothing(
    shop: Adapter, store: Sandbox, clock: ShopClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stock, "_MOST", 1)
    clock.ahead = time.time() - NOW
    for delta in (1, 2):
        await _port(shop).adjust(PRODUCT, SKU, delta, None)
    store.fault("reset", path=UPDATE, after=True)

    with pytest.raises(AnswerLost):
        await _port(shop).adjust(PRODUCT, SKU, 3, None)
