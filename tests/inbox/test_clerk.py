"""What becomes of events that cannot be made sure of."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.backstage import Backstage, backstage
from gateway.errors import Overloaded
from gateway.inbox import receiver as door
from gateway.inbox.clerk import Clerk
from gateway.inbox.receiver import Receiver
from gateway.sandbox.accounts import MINI
from gateway.sandbox.seed.partner_orders import SAMPLE_ORDER_ID
from gateway.settings import Settings
from gateway.upstream.clock import Clock
from gateway.wechat.message_crypto import MessageCrypto
from gateway.wechat.messages import MessagePush
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Serve, configuration
from tests.inbox.test_webhooks import order_changes, rows
from tests.wechat.deliveries import AES_KEY, TOKEN, encrypted, merchant_order, plain

CLOCK = Clock()


@pytest.fixture
async def opened(serve: Serve, sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Backstage]:
    """Answer a gateway's parts over the sample shop, with nothing at work."""
    assert serve is not None
    settings = Settings.from_dict(configuration(sandbox, tmp_path))
    async with backstage(settings, CLOCK) as parts:
        yield parts


def clerk_of(parts: Backstage) -> Clerk:
    """A clerk who never waits between two tries."""
    return Clerk(parts.store, parts.adapters, parts.bell.ring, CLOCK.wall, lambda *_: 0.0)


def receiver_of(parts: Backstage, shop: str, push: MessagePush) -> Receiver:
    return Receiver(shop, push, parts.store, lambda: None)


async def test_a_hint_of_no_order_is_given_up(opened: Backstage, tmp_path: Path) -> None:
    await receiver_of(opened, "flagship", MessagePush(TOKEN)).take(*plain(merchant_order("9")))
    clerk = clerk_of(opened)
    for _ in range(5):
        assert await clerk.work() == 1

    assert await clerk.work() == 0
    assert rows(tmp_path, "select state, attempts from inbox_events") == [("DONE", 5)]
    assert order_changes(tmp_path) == []


async def test_what_a_trusted_event_announces_exists_before_it_can_be_read(
    opened: Backstage, sandbox: Sandbox, tmp_path: Path
) -> None:
    rows(tmp_path, "delete from partner_orders")
    crypto = MessageCrypto(AES_KEY, MINI.app_id)
    receiver = receiver_of(opened, "mini", MessagePush(TOKEN, (crypto,)))
    event = {"MsgType": "event", "Event": "cooperation_shop_order", "CreateTime": 1_700_000_000}
    data = {"order_id": SAMPLE_ORDER_ID, "shop_appid": "SHOP_APPID"}
    message = json.dumps({**event, "FromUserName": "oBuyer", "Data": data})
    sandbox.fault("http_status", 503, times=None, platform="mini_program")

    await receiver.take(*encrypted(message, app_id=MINI.app_id))
    await clerk_of(opened).work()

    assert rows(tmp_path, "select order_id, event_at from partner_orders") == [
        (SAMPLE_ORDER_ID, 1_700_000_000)
    ]
    assert rows(tmp_path, "select state from inbox_events") == [("PENDING",)]


async def test_hints_do_not_fill_the_ledger(
    opened: Backstage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(door, "_MOST_HINTS", 2)
    receiver = receiver_of(opened, "flagship", MessagePush(TOKEN))
    for order in ("1", "2"):
        assert await receiver.take(*plain(merchant_order(order)))
    with pytest.raises(Overloaded):
        await receiver.take(*plain(merchant_order("3")))

    assert rows(tmp_path, "select count(*) from inbox_events") == [(2,)]
