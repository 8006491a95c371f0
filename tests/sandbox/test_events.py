"""Orders are paid by themselves, and pushed as the platform pushes them."""

import asyncio
from pathlib import Path
from typing import Any

from gateway.sandbox.accounts import FLAGSHIP
from gateway.sandbox.announcing import Announcer
from gateway.sandbox.app import create_sandbox
from gateway.sandbox.event_message import EVENT_AES_KEY, EVENT_TOKEN
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
        async with Announcer(url) as announcer:
            await announcer.paid("wx-of-somebody-else", second)
            await announcer.paid(FLAGSHIP.app_id, first)
            changes = await eventually(lambda: order_changes(tmp_path))

    assert [change[0] for change in changes] == [first["order_id"]]


async def test_an_address_where_nobody_listens_harms_nothing(sandbox: Sandbox) -> None:
    async with Announcer("http://127.0.0.1:9/webhooks/wechat/flagship") as announcer:
        await announcer.paid(FLAGSHIP.app_id, sandbox.order())
        await asyncio.sleep(0.1)


def test_buyers_pay_now_and_then() -> None:
    paid: list[tuple[str, str]] = []

    async def hear(app_id: str, order: dict[str, Any]) -> None:
        paid.append((app_id, order["order_id"]))

    async def wait(running: Sandbox) -> None:
        await eventually(lambda: len(paid) >= 3)
        known = await asyncio.to_thread(running.state)
        assert paid[0][1] in known["stores"][FLAGSHIP.app_id]["orders"]

    with served(create_sandbox(paid=hear, pays_every=0.05)) as running:
        asyncio.run(wait(running))

    assert {app_id for app_id, _ in paid} == {FLAGSHIP.app_id}
    assert len({order for _, order in paid}) == len(paid)
