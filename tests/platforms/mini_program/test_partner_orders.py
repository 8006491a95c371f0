from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.errors import (
    PlatformCredentials,
    PlatformFailure,
    PlatformMalformed,
    PlatformRejected,
    PlatformUnavailable,
)
from gateway.platform_kit.connection import PlatformClients
from gateway.platforms.mini_program.sandbox.sample_partner_orders import SAMPLE_ORDER_ID
from gateway.ports import Adapter, ReadOptions
from gateway.registry import build_adapters
from gateway.store.store import Store
from schema.key import Key
from schema.money import Money
from schema.order import Order
from schema.order_details import PartnerOrderDetails
from schema.order_status import OrderStatus
from tests.fixtures_ledger import NOW
from tests.fixtures_sandbox import Sandbox
from tests.platforms.mini_program.conftest import settings

Announce = Callable[[str, str, int], Awaitable[None]]

PATH = "/channels/ec/cooperation/order/get"
NAME = "cooperation.order.get"


async def get(
    adapter: Adapter, order_id: str, app_id: str = "SHOP_APPID", *, fresh: bool = False
) -> Order | None:
    assert adapter.partner_orders is not None
    return await adapter.partner_orders.get(app_id, order_id, ReadOptions(fresh=fresh))


async def test_an_order_is_read_from_the_platform(adapter: Adapter, sandbox: Sandbox) -> None:
    order = await get(adapter, SAMPLE_ORDER_ID)

    assert order is not None
    assert order.key == Key("Order", "mini", SAMPLE_ORDER_ID, "SHOP_APPID")
    assert order.total == Money(fen=10500)
    assert order.created_at is None
    assert sandbox.counts() == {"/cgi-bin/stable_token": 1, PATH: 1}


async def test_its_time_is_its_events(adapter: Adapter, announce: Announce) -> None:
    await announce("SHOP_APPID", SAMPLE_ORDER_ID, 1_600_000_000)

    order = await get(adapter, SAMPLE_ORDER_ID)

    assert order is not None
    assert order.created_at == datetime(2020, 9, 13, 12, 26, 40, tzinfo=UTC)


async def test_the_platforms_document_is_kept_as_received(
    adapter: Adapter, sandbox: Sandbox
) -> None:
    known = partner_orders(sandbox)[SAMPLE_ORDER_ID]["order"]

    order = await get(adapter, SAMPLE_ORDER_ID)

    assert order is not None
    assert order.raw_source is not None
    assert order.raw_source() == known


async def test_every_order_of_the_sample_shop_can_be_read(
    adapter: Adapter, sandbox: Sandbox
) -> None:
    orders = {
        name: await get(adapter, name, known["shop_appid"])
        for name, known in partner_orders(sandbox).items()
    }

    assert len(orders) == 9
    verdicts = [
        order.details.prices.consistent
        for order in orders.values()
        if order is not None
        and isinstance(order.details, PartnerOrderDetails)
        and order.details.prices is not None
    ]
    assert sorted(map(str, verdicts)) == ["False", "None", *["True"] * 7]
    assert {order.status for order in orders.values() if order is not None} == {
        OrderStatus.AWAITING_PAYMENT,
        OrderStatus.AWAITING_SHIPMENT,
        OrderStatus.PARTIALLY_SHIPPED,
        OrderStatus.SHIPPED,
        OrderStatus.COMPLETED,
        OrderStatus.REFUNDED,
        OrderStatus.UNKNOWN,
    }


async def test_read_twice_it_is_asked_for_once(adapter: Adapter, sandbox: Sandbox) -> None:
    await get(adapter, SAMPLE_ORDER_ID)
    await get(adapter, SAMPLE_ORDER_ID)

    assert sandbox.counts()[PATH] == 1


async def test_a_fresh_read_asks_again(adapter: Adapter, sandbox: Sandbox) -> None:
    await get(adapter, SAMPLE_ORDER_ID)
    await get(adapter, SAMPLE_ORDER_ID, fresh=True)

    assert sandbox.counts()[PATH] == 2


async def test_an_order_that_the_platform_does_not_know_is_refused_in_its_words(
    adapter: Adapter,
) -> None:
    with pytest.raises(PlatformRejected, match="order not exist") as caught:
        await get(adapter, "nowhere")

    assert caught.value.endpoint == NAME
    assert caught.value.shop == "mini"
    assert caught.value.request_id is not None


@pytest.mark.parametrize(
    ("fault", "value", "failure"),
    [
        ("http_status", 503, PlatformUnavailable),
        ("empty", None, PlatformMalformed),
        ("html", None, PlatformMalformed),
        ("errcode", 48001, PlatformCredentials),
        ("errcode", -1, PlatformUnavailable),
    ],
)
async def test_a_failing_platform_is_told(
    adapter: Adapter, sandbox: Sandbox, fault: str, value: Any, failure: type[PlatformFailure]
) -> None:
    sandbox.fault(fault, value, times=None, path=PATH)

    with pytest.raises(failure):
        await get(adapter, SAMPLE_ORDER_ID)


async def test_a_void_token_is_renewed_once(adapter: Adapter, sandbox: Sandbox) -> None:
    await get(adapter, SAMPLE_ORDER_ID)
    sandbox.advance(7200 + 301)

    assert await get(adapter, SAMPLE_ORDER_ID, fresh=True) is not None
    assert sandbox.counts()["/cgi-bin/stable_token"] == 2


async def test_the_credentials_can_be_checked(adapter: Adapter) -> None:
    await adapter.check.credentials()


async def test_a_wrong_secret_is_told_without_telling_it(
    sandbox: Sandbox, clients: PlatformClients, ledger: Store
) -> None:
    section = settings(sandbox.base_url, app_secret="not-the-secret")
    adapter = build_adapters([section], clients, ledger, lambda: NOW)["mini"]

    with pytest.raises(PlatformCredentials, match="invalid appsecret") as caught:
        await adapter.check.credentials()

    assert caught.value.platform_code == "40125"
    assert "not-the-secret" not in repr(caught.value)


def partner_orders(sandbox: Sandbox) -> dict[str, Any]:
    (shop,) = sandbox.shops("mini_program").values()
    orders: dict[str, Any] = shop["partner_orders"]
    return orders
