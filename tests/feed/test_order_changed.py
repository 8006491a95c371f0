"""`orderChanged` over the whole gateway: what it tells, to whom, and from where on."""

import asyncio
from base64 import urlsafe_b64encode
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from tests.feed.subscribers import Events, following
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve
from tests.inbox.test_webhooks import SAFE, STORE, alter, deliver, order_in, shops
from tests.wechat.deliveries import encrypted, merchant_order, plain

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
    await alter(tmp_path, "update order_changes set written_at = written_at - 3600")
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


PAGE = """query Since($since: String, $first: Int, $filter: OrderFilter) {
  orderChanges(since: $since, first: $first, filter: $filter) {
    nodes { cursor status platformStatus previousStatus cause paidAt parcel { trackingNumber }
      order { platformId status } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""


async def page(client: Client, **variables: Any) -> Any:
    return (await client.ask(PAGE, variables)).data["orderChanges"]


async def test_changes_are_read_in_pages_from_where_a_client_began(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with serve(shops=shops(sandbox, tmp_path, **STORE)) as client:
        begun = await page(client)
        again = await page(client, since=begun["pageInfo"]["endCursor"])
        async with following(client.http, CHANGES) as events:
            order = order_in(sandbox)
            await send_write(client, order)
            await events.next()
            sandbox.set_order_status(order, 3)
            await send_write(client, order, 3)
            shipped = (await events.next())["orderChanged"]
        first = await page(client, since=begun["pageInfo"]["endCursor"], first=1)
        second = await page(client, since=first["pageInfo"]["endCursor"], first=1)
        async with following(
            client.http, CHANGES, {"since": first["pageInfo"]["endCursor"]}
        ) as events:
            followed = (await events.next())["orderChanged"]

    end = begun["pageInfo"]["endCursor"]
    nothing = {"hasNextPage": False, "startCursor": None, "endCursor": end}
    assert begun == {"nodes": [], "pageInfo": {**nothing, "hasPreviousPage": False}}
    assert again == {"nodes": [], "pageInfo": {**nothing, "hasPreviousPage": True}}
    assert [node["status"] for node in first["nodes"]] == ["AWAITING_SHIPMENT"]
    assert first["pageInfo"]["hasNextPage"] is True
    assert [node["cursor"] for node in second["nodes"]] == [shipped["cursor"]]
    assert second["pageInfo"]["hasNextPage"] is False
    assert second["pageInfo"]["endCursor"] == shipped["cursor"]
    assert followed["cursor"] == shipped["cursor"]


async def test_a_change_tells_what_the_event_told(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with (
        serve(shops=shops(sandbox, tmp_path, **SAFE)) as client,
        following(client.http, CHANGES) as events,
    ):
        begun = (await page(client))["pageInfo"]["endCursor"]
        order = order_in(sandbox)
        for status in (2, 3):
            sandbox.set_order_status(order, status)
            sent = encrypted(merchant_order(order, status), app_id=FLAGSHIP.app_id)
            assert (await deliver(client, sent))[0] == 200
            await events.next()
        paid, shipped = (await page(client, since=begun))["nodes"]
        asked = await client.ask(
            'query ($id: String!) { orderByPlatformId(shop: "flagship", platformId: $id) {'
            " createdAt paidAt updatedAt } }",
            {"id": order},
        )

    # Of the order both times stay: of the event of its payment, and of its last change.
    known = asked.data["orderByPlatformId"]
    assert (known["paidAt"], known["updatedAt"] >= known["createdAt"]) == (
        "2014-04-22T05:23:12Z",
        True,
    )
    assert (paid["status"], paid["platformStatus"], paid["cause"]) == (
        "AWAITING_SHIPMENT",
        "2",
        "PLATFORM_EVENT",
    )
    # The time of the event: the platform reports no other.
    assert (paid["paidAt"], paid["parcel"]) == ("2014-04-22T05:23:12Z", None)
    assert shipped["paidAt"] is None
    assert (shipped["status"], shipped["previousStatus"]) == ("SHIPPED", "AWAITING_SHIPMENT")
    assert paid["order"] == shipped["order"] == {"platformId": order, "status": "SHIPPED"}


async def test_a_hint_tells_no_time(serve: Serve, sandbox: Sandbox, tmp_path: Path) -> None:
    async with (
        serve(shops=shops(sandbox, tmp_path, **STORE)) as client,
        following(client.http, CHANGES) as events,
    ):
        begun = (await page(client))["pageInfo"]["endCursor"]
        # The signature of a plain message does not cover its time, which may be forged.
        await send_write(client, order_in(sandbox))
        await events.next()
        (paid,) = (await page(client, since=begun))["nodes"]
        listed = await client.ask(
            '{ orders(first: 1, filter: {shops: ["flagship"]}) { nodes { paidAt updatedAt } } }'
        )

    assert (paid["status"], paid["paidAt"]) == ("AWAITING_SHIPMENT", None)
    (order,) = listed.data["orders"]["nodes"]
    assert (order["paidAt"], order["updatedAt"] is None) == (None, False)


async def test_a_page_passes_what_does_not_match(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with (
        serve(shops=shops(sandbox, tmp_path, **STORE)) as client,
        following(client.http, CHANGES) as events,
    ):
        begun = (await page(client))["pageInfo"]["endCursor"]
        await send_write(client, order_in(sandbox))
        told = (await events.next())["orderChanged"]
        found = await page(client, since=begun, filter={"statuses": ["COMPLETED"]})

    assert found["nodes"] == []
    assert found["pageInfo"]["endCursor"] == told["cursor"]


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"since": "nonsense"}, "BAD_USER_INPUT"),
        ({"since": "b3JkZXItY2hhbmdlOjk5OTk5"}, "CURSOR_EXPIRED"),
        ({"filter": {"shops": ["nowhere"]}}, "BAD_USER_INPUT"),
        ({"first": 101}, "BAD_USER_INPUT"),
    ],
)
async def test_a_page_that_cannot_be_read_is_refused(
    variables: dict[str, Any], code: str, gateway: Client
) -> None:
    assert (await gateway.ask(PAGE, variables)).codes == [code]
