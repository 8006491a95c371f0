"""Orders are paid by themselves, and pushed as the platform pushes them."""

import asyncio
from pathlib import Path
from typing import Any

from gateway.platforms.wechat_store.sandbox.orders import merchant_order
from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from gateway.registry import sandbox_parts
from gateway.sandbox.app import create_sandbox
from gateway.sandbox.server_state import Setting
from gateway.sandbox.wechat_events import EVENT_AES_KEY, EVENT_TOKEN, EventPusher
from tests.fixtures_sandbox import Sandbox, served
from tests.fixtures_served import Serve
from tests.inbox.test_webhooks import order_changes, shops
from tests.waiting import eventually

EVENTS = {"event_token": EVENT_TOKEN, "event_aes_key": EVENT_AES_KEY}


async def test_a_paid_order_is_pushed_until_it_is_taken(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with serve(shops=shops(sandbox, tmp_path, **EVENTS)) as client:
        url = str(client.http.base_url.join("/webhooks/wechat/flagship"))
        first, second = sandbox.order(), sandbox.order()
        async with EventPusher(url, merchant_order) as pusher:
            await pusher.paid("wx-of-somebody-else", second)
            await pusher.paid(FLAGSHIP.app_id, first)
            changes = await eventually(lambda: order_changes(tmp_path))

    assert [change[0] for change in changes] == [first["order_id"]]


async def test_an_address_where_nobody_listens_harms_nothing(sandbox: Sandbox) -> None:
    async with EventPusher("http://127.0.0.1:9/webhooks/wechat/flagship", merchant_order) as pusher:
        await pusher.paid(FLAGSHIP.app_id, sandbox.order())
        await asyncio.sleep(0.1)


def test_buyers_pay_now_and_then() -> None:
    paid: list[tuple[str, str]] = []

    async def hear(app_id: str, order: dict[str, Any]) -> None:
        paid.append((app_id, order["order_id"]))

    async def wait(running: Sandbox) -> None:
        await eventually(lambda: len(paid) >= 3)
        known = await asyncio.to_thread(running.shops, "wechat_store")
        assert paid[0][1] in known[FLAGSHIP.app_id]["orders"]

    with served(
        create_sandbox(sandbox_parts(), Setting(demo_orders_every=0.05), paid=hear)
    ) as running:
        asyncio.run(wait(running))

    assert {app_id for app_id, _ in paid} == {FLAGSHIP.app_id}
    assert len({order for _, order in paid}) == len(paid)
