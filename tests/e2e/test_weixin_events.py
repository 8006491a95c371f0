"""Events of a Weixin Store: an order is read again, and followers are told what changed."""

import json
import time
from functools import partial
from pathlib import Path
from typing import Any

from gateway.platforms.weixin_store.sandbox import events
from gateway.platforms.weixin_store.sandbox.state import WEIXIN, WeixinStoreShop
from gateway.sandbox.wechat_events import EVENT_AES_KEY, EVENT_TOKEN
from tests.e2e.test_weixin_delivery_templates import weixin
from tests.e2e.weixin_shop import FRESH, PRODUCT, UPDATE, done, id_of
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve
from tests.inbox.test_webhooks import deliver, order_changes, rows
from tests.waiting import eventually
from tests.wechat.deliveries import encrypted

GET = "/channels/ec/order/get"
#: A product of the sample shop whose draft was refused.
REFUSED = "10000900000003"


def shop(sandbox: Sandbox) -> dict[str, Any]:
    return {**weixin(sandbox), "event_token": EVENT_TOKEN, "event_aes_key": EVENT_AES_KEY}


def placed(sandbox: Sandbox, **purchase: Any) -> dict[str, Any]:
    """An order that a buyer placed."""
    answer = sandbox.client.post("/_sandbox/weixin/orders", json=purchase)
    order: dict[str, Any] = answer.json()["order"]
    return order


def come_to(sandbox: Sandbox, order: dict[str, Any], status: int) -> None:
    path = f"/_sandbox/weixin/orders/{order['order_id']}"
    assert sandbox.client.post(path, json={"status": status}).status_code == 200


async def told(gateway: Client, order: dict[str, Any], name: str, at: int, **codes: Any) -> None:
    """Deliver an event of an order, encrypted, as the platform sends it."""
    store = WeixinStoreShop()
    events.order_event(store, name, order, at, **codes)
    await delivered(gateway, store)


async def delivered(gateway: Client, store: WeixinStoreShop) -> None:
    """Deliver the one event of a store."""
    [message] = events.take_pending(store)
    key, token = EVENT_AES_KEY, EVENT_TOKEN
    delivery = encrypted(message, key=key, token=token, app_id=WEIXIN.app_id)
    assert await deliver(gateway, delivery, "weixin") == (200, "success")


def processed(folder: Path) -> int:
    return int(rows(folder, "select count(*) from inbox_events where state = 'DONE'")[0][0])


def are_processed(folder: Path, count: int) -> bool:
    return processed(folder) == count


async def test_an_order_s_events_are_told_to_followers(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with serve(shops=[shop(sandbox)]) as gateway:
        order = placed(sandbox, paid=False)
        await told(gateway, order, "new", 1790000011)
        await eventually(lambda: processed(tmp_path) == 1)
        come_to(sandbox, order, 20)
        await told(gateway, order, "pay", 1790000056, pay_time="1790000055")
        await told(gateway, order, "wait_shipping", 1790000056)
        await eventually(lambda: processed(tmp_path) == 3)
        come_to(sandbox, order, 30)
        await told(gateway, order, "deliver", 1790000060, finish_delivery=1)
        await eventually(lambda: processed(tmp_path) == 4)

    changes = [change for change in order_changes(tmp_path) if change[0] == order["order_id"]]
    assert [(previous, status, cause) for _, _, previous, status, cause in changes] == [
        (None, "AWAITING_PAYMENT", "PLATFORM_EVENT"),
        ("AWAITING_PAYMENT", "AWAITING_SHIPMENT", "PLATFORM_EVENT"),
        ("AWAITING_SHIPMENT", "SHIPPED", "PLATFORM_EVENT"),
    ]


async def test_two_changes_in_one_second_are_read_twice_and_a_repetition_once(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with serve(shops=[shop(sandbox)]) as gateway:
        order = placed(sandbox)
        sandbox.clear_log()
        await told(gateway, order, "ext_info_update", 1790000056, type=events.NOTE_CHANGED)
        await told(gateway, order, "ext_info_update", 1790000056, type=events.PRICE_CHANGED)
        await told(gateway, order, "ext_info_update", 1790000056, type=events.PRICE_CHANGED)
        await eventually(lambda: processed(tmp_path) == 2)
        read = [one["body"] for one in sandbox.requests(GET)]

    assert [one["order_id"] for one in read] == [order["order_id"]] * 2
    assert rows(tmp_path, "select count(*) from inbox_events") == [(2,)]


async def test_an_unknown_event_is_acknowledged_and_counted(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    message = json.dumps({"MsgType": "event", "Event": "channels_ec_coupon_receive"})
    key, token = EVENT_AES_KEY, EVENT_TOKEN
    delivery = encrypted(message, key=key, token=token, app_id=WEIXIN.app_id)
    async with serve(shops=[shop(sandbox)]) as gateway:
        assert await deliver(gateway, delivery, "weixin") == (200, "success")
        text = (await gateway.http.get("/metrics")).text

    assert 'gateway_webhook_messages_total{outcome="ignored",shop="weixin"} 1.0' in text
    assert rows(tmp_path, "select count(*) from inbox_events") == [(0,)]


async def test_why_a_draft_was_refused_is_shown_until_it_is_edited(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    query, now = {"id": id_of("Product", REFUSED)}, int(time.time())
    asked = f"query ($id: ID!) {{ done: product(id: $id) {{ {PRODUCT} }} }}"

    async def details(gateway: Client) -> list[str | None]:
        found = (await gateway.ask(asked, query, FRESH)).data["done"]["details"]
        return [found["draftStatus"], found["draftRefusal"]]

    async with serve(shops=[shop(sandbox)]) as gateway:
        shown = [await details(gateway)]
        # One of an audit before the last edit comes late.
        for number, (at, reason) in enumerate([(now - 86_400, "image"), (now, "title")], start=1):
            store = WeixinStoreShop()
            events.product_event(store, "audit", REFUSED, at, status=2, reason=reason)
            await delivered(gateway, store)
            await eventually(partial(are_processed, tmp_path, number))
            shown.append(await details(gateway))
        change = {"id": query["id"], "title": "明前龙井绿茶礼盒装"}
        assert not (await done(gateway, UPDATE, input=change))["userErrors"]
        shown.append(await details(gateway))

    assert shown == [
        ["REFUSED", None],
        ["REFUSED", None],
        ["REFUSED", "title"],
        ["EDITING", None],
    ]
