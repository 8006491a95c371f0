"""Events of the Weixin Store in the sandbox: the reference's samples, pushed until taken."""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.platforms.weixin_store.sandbox import events
from gateway.platforms.weixin_store.sandbox.state import WEIXIN, WeixinStoreShop
from gateway.registry import sandbox_parts
from gateway.sandbox.app import create_sandbox
from gateway.sandbox.part import accounts_of, seeded_state
from gateway.sandbox.server_state import Setting
from gateway.sandbox.wechat_events import EVENT_AES_KEY, EVENT_TOKEN, EventPusher
from gateway.wechat.order_events import read_event
from tests.e2e.test_weixin_delivery_templates import weixin
from tests.fixtures_sandbox import Sandbox, served
from tests.fixtures_served import Client, Serve
from tests.inbox.test_webhooks import rows
from tests.waiting import eventually

ORDER = {"order_id": "3790000000000000001", "openid": "oInvented1"}
AFTER_SALE = {
    "after_sale_order_id": "2090000000000001",
    "order_id": "3790000000000000001",
    "status": "USER_WAIT_RETURN",
    "openid": "oInvented1",
    "type": "RETURN",
}
PRODUCT = "10000900000001"


def told(shop: WeixinStoreShop) -> list[dict[str, Any]]:
    """The pending events, without whom they are addressed to."""
    messages = [json.loads(message) for message in events.take_pending(shop)]
    return [
        {name: value for name, value in one.items() if name != "ToUserName"} for one in messages
    ]


def event(name: str, at: int, sender: str, **body: Any) -> dict[str, Any]:
    return {
        "FromUserName": sender,
        "CreateTime": at,
        "MsgType": "event",
        "Event": name,
        **body,
    }


def test_events_of_orders_and_after_sales_are_told_as_the_reference_prints_them() -> None:
    shop = WeixinStoreShop()
    events.order_event(shop, "new", ORDER, 1790000011)
    events.order_event(shop, "pay", ORDER, 1790000056, pay_time="1790000055")
    events.order_changed(shop, ORDER, events.PRICE_CHANGED, 1790000057)
    events.after_sale_event(shop, AFTER_SALE, 1790103600)

    order_id, buyer = ORDER["order_id"], "oInvented1"
    assert told(shop) == [
        event("channels_ec_order_new", 1790000011, buyer, order_info={"order_id": int(order_id)}),
        event(
            "channels_ec_order_pay",
            1790000056,
            buyer,
            order_info={"order_id": order_id, "pay_time": "1790000055"},
        ),
        event(
            "channels_ec_order_ext_info_update",
            1790000057,
            buyer,
            order_info={"order_id": order_id, "type": 12},
        ),
        event(
            "channels_ec_aftersale_update",
            1790103600,
            buyer,
            finder_shop_aftersale_status_update={
                "status": "USER_WAIT_RETURN",
                "after_sale_order_id": "2090000000000001",
                "order_id": order_id,
            },
        ),
    ]


def test_events_of_products_are_told_as_the_reference_prints_them() -> None:
    shop = WeixinStoreShop()
    events.product_event(
        shop, "audit", PRODUCT, 1790200000, status=2, reason="title", product_type=1
    )
    events.stock_event(shop, PRODUCT, "4400000001", 3, 1790200001)

    platform = events.PLATFORM_OPEN_ID
    assert told(shop) == [
        event(
            "product_spu_audit",
            1790200000,
            platform,
            ProductSpuAudit={
                "product_id": PRODUCT,
                "status": 2,
                "reason": "title",
                "product_type": 1,
            },
        ),
        event(
            "channels_ec_stock_no_enough",
            1790200001,
            platform,
            channels_ec_stock_no_enough={
                "product_id": PRODUCT,
                "sku_id": "4400000001",
                "remaining_stock_amount": 3,
                "remaining_code_amount": 0,
            },
        ),
    ]
    assert told(shop) == []


def test_only_the_last_events_are_kept_where_nobody_takes_them() -> None:
    shop = WeixinStoreShop()
    for at in range(events.MOST_PENDING + 2):
        events.order_event(shop, "settle", ORDER, at)

    assert [one["CreateTime"] for one in told(shop)] == [*range(2, events.MOST_PENDING + 2)]


def test_an_event_in_xml_is_the_same() -> None:
    shop = WeixinStoreShop()
    events.after_sale_event(shop, AFTER_SALE, 1790103600)
    [message] = events.take_pending(shop)

    in_xml = read_event(events.as_xml(json.loads(message)).encode())

    assert in_xml is not None
    assert in_xml == read_event(message.encode())


def kept(folder: Path) -> list[tuple[Any, ...]]:
    return rows(folder, "select kind, trusted from inbox_events order by kind")


def gateway_shop(sandbox: Sandbox) -> dict[str, Any]:
    return {**weixin(sandbox), "event_token": EVENT_TOKEN, "event_aes_key": EVENT_AES_KEY}


def url_of(gateway: Client) -> str:
    return str(gateway.http.base_url.join("/webhooks/wechat/weixin"))


async def test_pending_events_are_pushed(serve: Serve, sandbox: Sandbox, tmp_path: Path) -> None:
    async with serve(shops=[gateway_shop(sandbox)]) as gateway:
        parts = sandbox_parts()
        state = seeded_state(parts, accounts_of(parts), 1_790_000_000)
        shop = state.shops["weixin_store"][WEIXIN.app_id]
        events.order_event(shop, "cancel", ORDER, 1790000011, cancel_type=2)
        events.product_event(shop, "listing", PRODUCT, 1790000011, status=5)
        setting = Setting(events_to={"weixin_store": url_of(gateway)})
        with served(create_sandbox(parts, setting, state=state)):
            await eventually(lambda: len(kept(tmp_path)) == 2)

    assert kept(tmp_path) == [("channels_ec_order_cancel", 1), ("product_spu_listing", 1)]


@pytest.mark.parametrize("form", ["JSON", "XML"])
async def test_a_push_is_taken_in_both_forms(
    serve: Serve, sandbox: Sandbox, tmp_path: Path, form: str
) -> None:
    shop = WeixinStoreShop()
    events.order_event(shop, "confirm", ORDER, 1790000011, confirm_type=1)
    [message] = events.take_pending(shop)
    text = message if form == "JSON" else events.as_xml(json.loads(message))
    async with serve(shops=[gateway_shop(sandbox)]) as gateway, EventPusher(url_of(gateway)) as out:
        await out.push(WEIXIN.app_id, text)
        await out.paid(WEIXIN.app_id, ORDER)
        await eventually(lambda: kept(tmp_path))

    assert kept(tmp_path) == [("channels_ec_order_confirm", 1)]
