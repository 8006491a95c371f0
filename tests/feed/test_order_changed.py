"""`orderChanged` over the whole gateway: what it tells, to whom, and from where on."""

import asyncio
from base64 import urlsafe_b64encode
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.feed.subscribers import Events, following
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve
from tests.inbox.test_webhooks import STORE, deliver, order_in, rows, shops
from tests.wechat.deliveries import merchant_order, plain

CHANGES = """subscription Live($filter: OrderFilter, $since: String) {
  orderChanged(filter: $filter, since: $since) {
    cursor orderId cause previousStatus at order { id platformId status total { amount } }
  }
}"""


async def send_write(client: Client, order: str, status: int = 2) -> None:
    """Let the platform push an event."""
    assert await deliver(client, plain(merchant_order(order, status))) == (200, "success")


async def test_an_order_is_shown_as_it_is_paid_and_moves_on(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with (
        serve(shops=shops(sandbox, tmp_path, **STORE)) as client,
        following(client.http, CHANGES) as events,
    ):
        assert events.answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        order = order_in(sandbox)
        await send_write(client, order)
        paid = (await events.next())["orderChanged"]
        sandbox.set_order_status(order, 3)
        await send_write(client, order, 3)
        shipped = (await events.next())["orderChanged"]

    assert paid["order"]["platformId"] == order
    assert paid["order"]["status"] == "AWAITING_SHIPMENT"
    assert paid["orderId"] == paid["order"]["id"]
    assert (paid["previousStatus"], paid["cause"]) == (None, "PLATFORM_EVENT")
    assert shipped["order"]["status"] == "SHIPPED"
    assert shipped["previousStatus"] == "AWAITING_SHIPMENT"


async def test_one_read_serves_all_who_follow(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    asked = {"query": CHANGES}
    # As a browser's EventSource asks.
    headers = {"Accept": "text/event-stream", "Cache-Control": "no-cache"}
    async with serve(shops=shops(sandbox, tmp_path, **STORE)) as client, AsyncExitStack() as stack:
        streams = []
        for _ in range(5):
            opened = client.http.stream("GET", "/graphql/stream", params=asked, headers=headers)
            streams.append(Events(await stack.enter_async_context(opened)))
        order = order_in(sandbox)
        await send_write(client, order)
        told = [(await events.next())["orderChanged"]["order"]["platformId"] for events in streams]

    assert told == [order] * 5
    assert sandbox.counts()["/merchant/order/getbyid"] == 1


async def test_who_comes_back_misses_nothing(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with serve(shops=shops(sandbox, tmp_path, **STORE)) as client:
        async with following(client.http, CHANGES) as events:
            first = order_in(sandbox)
            await send_write(client, first)
            seen = (await events.next())["orderChanged"]["cursor"]
        missed = [order_in(sandbox) for _ in range(3)]
        for order in missed:
            await send_write(client, order)

        told = []
        async with following(client.http, CHANGES, {"since": seen}) as events:
            told += [(await events.next())["orderChanged"] for _ in missed]
            later = order_in(sandbox)
            await send_write(client, later)
            told.append((await events.next())["orderChanged"])

    assert sorted(change["order"]["platformId"] for change in told) == sorted([*missed, later])


async def test_who_was_away_for_long_does_not_have_each_change_asked_for(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    first = urlsafe_b64encode(b"order-change:0").decode()
    async with (
        serve(shops=shops(sandbox, tmp_path, **STORE)) as client,
        following(client.http, CHANGES) as events,
    ):
        order = order_in(sandbox)
        for status in (2, 3, 5):
            sandbox.set_order_status(order, status)
            await send_write(client, order, status)
            await events.next()
    rows(tmp_path, "update order_changes set written_at = written_at - 3600")
    sandbox.clear_log()
    async with (
        serve(shops=shops(sandbox, tmp_path, **STORE)) as client,
        following(client.http, CHANGES, {"since": first}) as events,
    ):
        told = [(await events.next())["orderChanged"] for _ in range(3)]

    assert [change["order"]["status"] for change in told] == ["COMPLETED"] * 3
    assert sandbox.counts()["/merchant/order/getbyid"] == 1


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        ({"shops": ["flagship"]}, True),
        ({"shops": ["mini"]}, False),
        ({"platforms": ["WECHAT_STORE"]}, True),
        ({"platforms": ["BAIDU"]}, False),
        ({"statuses": ["AWAITING_SHIPMENT"]}, True),
        ({"statuses": ["COMPLETED"]}, False),
        ({"buyerOpenId": "oDF3iYsandboxbuyer0000000000"}, True),
        ({"buyerOpenId": "somebody"}, False),
        ({"createdFrom": "2020-01-01T00:00:00Z"}, True),
        ({"createdTo": "2020-01-01T00:00:00Z"}, False),
    ],
)
async def test_a_filter_chooses(
    chosen: dict[str, Any], *, told: bool, serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with (
        serve(shops=shops(sandbox, tmp_path, **STORE)) as client,
        following(client.http, CHANGES, {"filter": chosen}) as events,
        following(client.http, CHANGES) as all_events,
    ):
        first = order_in(sandbox)
        await send_write(client, first)
        await all_events.next()
        if told:
            assert (await events.next())["orderChanged"]["order"]["platformId"] == first
            return
        # Nothing comes but what another stream shows to be there.
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await events.take()


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"since": "nonsense"}, "BAD_USER_INPUT"),
        ({"since": "b3JkZXItY2hhbmdlOjk5OTk5"}, "CURSOR_EXPIRED"),
        ({"since": urlsafe_b64encode(b"order-change:" + b"9" * 5_000).decode()}, "BAD_USER_INPUT"),
        ({"since": urlsafe_b64encode("order-change:٣".encode()).decode()}, "BAD_USER_INPUT"),
        ({"filter": {"shops": ["nowhere"]}}, "BAD_USER_INPUT"),
    ],
)
async def test_what_cannot_be_followed_is_refused(
    variables: dict[str, Any], code: str, gateway: Client
) -> None:
    async with following(gateway.http, CHANGES, variables) as events:
        kind, payload = await events.take()
        assert (kind, payload["errors"][0]["extensions"]["code"]) == ("next", code)
        assert "data" not in payload
        assert (await events.take())[0] == "complete"


async def test_a_shop_s_health_is_told_when_it_changes(gateway: Client, sandbox: Sandbox) -> None:
    query = "subscription { shopHealthChanged { key health { availability } } }"
    ask = '{ orderByPlatformId(shop: "flagship", platformId: "1") { id } }'
    async with following(gateway.http, query) as events:
        await gateway.ask(ask)
        up = (await events.next())["shopHealthChanged"]
        sandbox.fault("http_status", 503, times=None, path="/merchant/order/getbyid")
        for _ in range(8):
            await gateway.ask(ask, headers={"Cache-Control": "no-cache"})
        down = (await events.next())["shopHealthChanged"]

    assert up == {"key": "flagship", "health": {"availability": "UP"}}
    assert down["key"] == "flagship"
