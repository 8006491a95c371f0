"""Deliveries of the message push over HTTP, into the ledger, and out again as changes."""

import asyncio
import json
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.http import webhooks
from gateway.platforms.mini_program.sandbox.sample_partner_orders import SAMPLE_ORDER_ID
from gateway.platforms.mini_program.sandbox.state import MINI
from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve, configuration
from tests.waiting import eventually
from tests.wechat.deliveries import (
    AES_KEY,
    TOKEN,
    Delivery,
    encrypted,
    merchant_order,
    plain,
    target,
)

#: Of the sandbox's sample shop.
STORE = {"event_token": TOKEN}
SAFE = {**STORE, "event_aes_key": AES_KEY}


def shops(sandbox: Sandbox, folder: Path, **events: Any) -> list[dict[str, Any]]:
    """The usual shops, of which the two of WeChat take messages."""
    known: list[dict[str, Any]] = configuration(sandbox, folder)["shops"]
    return [shop | (events if shop["platform"] != "baidu" else {}) for shop in known]


async def deliver(client: Client, delivery: Delivery, shop: str = "flagship") -> tuple[int, str]:
    """What the platform is answered."""
    query, body = delivery
    answer = await client.http.post(target(shop, query), content=body)
    return answer.status_code, answer.text


def rows(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    """What stands in the ledger."""
    with sqlite3.connect(folder / "gateway.db") as connection:
        return connection.execute(sql).fetchall()


async def alter(folder: Path, sql: str) -> None:
    """Change what stands in the ledger: not on the loop of a gateway that may hold its lock."""
    await asyncio.to_thread(rows, folder, sql)


def locked(connection: sqlite3.Connection) -> bool:
    """Lock the ledger; whether it could be had."""
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return False
    return True


def order_changes(folder: Path) -> list[tuple[Any, ...]]:
    return rows(
        folder,
        "select platform_id, partner_app_id, previous_status, status, cause from order_changes"
        " order by cursor",
    )


def order_in(sandbox: Sandbox) -> str:
    """An order that a buyer just paid, and that no event told of."""
    return str(sandbox.order()["order_id"])


@pytest.mark.parametrize("mode", ["plain", "encrypted"])
async def test_a_paid_order_becomes_a_change(
    mode: str, serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    events = STORE if mode == "plain" else SAFE
    async with serve(shops=shops(sandbox, tmp_path, **events)) as client:
        order = order_in(sandbox)
        message = merchant_order(order)
        delivery = plain(message) if mode == "plain" else encrypted(message, app_id=FLAGSHIP.app_id)

        assert await deliver(client, delivery) == (200, "success")
        await eventually(lambda: order_changes(tmp_path))
    assert order_changes(tmp_path) == [(order, None, None, "AWAITING_SHIPMENT", "PLATFORM_EVENT")]


async def test_a_repetition_changes_nothing(serve: Serve, sandbox: Sandbox, tmp_path: Path) -> None:
    async with serve(shops=shops(sandbox, tmp_path, **STORE)) as client:
        order = order_in(sandbox)
        delivery = plain(merchant_order(order))
        answers = await asyncio.gather(*(deliver(client, delivery) for _ in range(20)))
        await eventually(lambda: order_changes(tmp_path))
        # Signed anew, and much later.
        answers += [await deliver(client, plain(merchant_order(order))) for _ in range(3)]
        await asyncio.sleep(0.1)

    assert set(answers) == {(200, "success")}
    assert rows(tmp_path, "select count(*), min(state) from inbox_events") == [(1, "DONE")]
    assert len(order_changes(tmp_path)) == 1


async def test_a_forged_hint_changes_nothing(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with serve(shops=shops(sandbox, tmp_path, **STORE)) as client:
        order = order_in(sandbox)
        query, _ = plain(merchant_order(order))
        # In plain mode anybody who saw one delivery can write another one's body.
        forged = merchant_order(order, status=5).encode()

        assert await deliver(client, (query, forged)) == (200, "success")

        await eventually(lambda: order_changes(tmp_path))
    assert order_changes(tmp_path)[0][3] == "AWAITING_SHIPMENT"


async def test_a_partner_order_enters_the_list(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    assert SAMPLE_ORDER_ID in sandbox.shops("mini_program")[MINI.app_id]["partner_orders"]
    # The sample shop's ledger has heard of it before.
    await alter(tmp_path, "delete from partner_orders")
    message = json.dumps(
        {
            "FromUserName": "oBuyer",
            "CreateTime": int(time.time()),
            "MsgType": "event",
            "Event": "cooperation_shop_order",
            "Data": {"order_id": SAMPLE_ORDER_ID, "shop_appid": "SHOP_APPID"},
        }
    )
    async with serve(shops=shops(sandbox, tmp_path, **STORE)) as client:
        assert await deliver(client, plain(message), "mini") == (200, "success")
        changes = await eventually(lambda: order_changes(tmp_path))
        listed = await client.ask('{ orders(filter: {shops: "mini"}) { nodes { platformId } } }')
    assert [change[:2] for change in changes] == [(SAMPLE_ORDER_ID, "SHOP_APPID")]
    assert SAMPLE_ORDER_ID in [node["platformId"] for node in listed.data["orders"]["nodes"]]


async def test_refusals_are_alike_and_leave_nothing(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    good = encrypted(merchant_order("1"), app_id=FLAGSHIP.app_id)
    async with serve(shops=shops(sandbox, tmp_path, **SAFE)) as client:
        answers = [
            await deliver(client, plain(merchant_order("1"))),
            await deliver(client, good, "nowhere"),
            await deliver(client, good, "swan"),
            # Another app's message, on the same token and key.
            await deliver(client, good, "mini"),
            await deliver(client, ({}, b"")),
            await deliver(client, (good[0], b"<xml/>")),
            await deliver(client, (good[0], good[1][:60])),
            await deliver(client, (good[0], b"x" * 70_000)),
            await deliver(client, encrypted(merchant_order("1"))),
        ]
        # The shop's own message, where another platform posts.
        elsewhere = target("flagship", good[0]).replace("/wechat/", "/baidu/")
        answer = await client.http.post(elsewhere, content=good[1])
        answers.append((answer.status_code, answer.text))
        url = "/webhooks/wechat/flagship?signature=%FF"
        for method in ("GET", "PUT", "DELETE"):
            answer = await client.http.request(method, url)
            answers.append((answer.status_code, answer.text))

    assert set(answers) == {(403, "refused")}
    assert rows(tmp_path, "select count(*) from inbox_events") == [(0,)]


async def test_messages_are_counted_by_what_became_of_them(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    delivery = plain(merchant_order("1"))
    async with serve(shops=shops(sandbox, tmp_path, **STORE)) as client:
        for _ in range(2):
            await deliver(client, delivery)
        await deliver(client, plain(merchant_order("1"), token="guessed"))
        await deliver(client, delivery, "invented")
        await deliver(client, plain(merchant_order("1").replace("merchant_order", "api_diff")))
        text = (await client.http.get("/metrics")).text

    told = [line for line in text.splitlines() if line.startswith("gateway_webhook_messages_t")]
    counted = {line for line in told if not line.endswith(" 0.0")}
    assert counted == {
        'gateway_webhook_messages_total{outcome="kept",shop="flagship"} 1.0',
        'gateway_webhook_messages_total{outcome="nothing new",shop="flagship"} 1.0',
        'gateway_webhook_messages_total{outcome="ignored",shop="flagship"} 1.0',
        'gateway_webhook_messages_total{outcome="refused",shop="flagship"} 1.0',
        'gateway_webhook_messages_total{outcome="refused",shop="none"} 1.0',
    }


async def test_other_messages_are_acknowledged_and_not_kept(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    message = "<xml><MsgType>event</MsgType><Event>subscribe</Event></xml>"
    async with serve(shops=shops(sandbox, tmp_path, **STORE)) as client:
        assert await deliver(client, plain(message)) == (200, "success")

    assert rows(tmp_path, "select count(*) from inbox_events") == [(0,)]


async def test_the_console_checks_the_address(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    query, _ = plain("")
    async with serve(shops=shops(sandbox, tmp_path, **STORE)) as client:
        answer = await client.http.get(target("flagship", {**query, "echostr": "4375120948"}))

    assert (answer.status_code, answer.text) == (200, "4375120948")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


def locks(connection: sqlite3.Connection) -> bool:
    """Whether nobody else writes, as the gateway's background tasks do; then nobody else can."""
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return False
    return True


async def test_nothing_is_acknowledged_that_is_not_kept(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with serve(shops=shops(sandbox, tmp_path, **STORE)) as client:
        order = order_in(sandbox)
        with sqlite3.connect(tmp_path / "gateway.db", timeout=0, isolation_level=None) as other:
            await eventually(lambda: locks(other))
            assert await deliver(client, plain(merchant_order(order))) == (503, "later")
            other.execute("ROLLBACK")

        assert await deliver(client, plain(merchant_order(order))) == (200, "success")
        await eventually(lambda: order_changes(tmp_path))


async def test_a_message_that_does_not_arrive_is_not_waited_for(
    serve: Serve, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "_ARRIVAL_TIMEOUT", 0.2)
    async with serve(shops=shops(sandbox, tmp_path, **STORE)) as client:
        base = client.http.base_url
        reader, writer = await asyncio.open_connection(base.host, base.port)
        head = f"POST {target('flagship', {})} HTTP/1.1\r\nHost: localhost\r\n"
        writer.write(f"{head}Content-Length: 99\r\n\r\n<xml>".encode())
        status = await asyncio.wait_for(reader.readline(), 60)
        headers = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)
        writer.close()

    assert status.split()[1] == b"503"
    assert b"retry-after: 5\r\n" in headers


async def test_an_event_waits_for_its_platform(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with serve(shops=shops(sandbox, tmp_path, **STORE)) as client:
        order = order_in(sandbox)
        sandbox.fault("http_status", 503, times=None, path="/merchant/order/getbyid")
        assert await deliver(client, plain(merchant_order(order))) == (200, "success")
        await eventually(lambda: sandbox.requests("/merchant/order/getbyid"))
        assert order_changes(tmp_path) == []
        sandbox.clear_faults()

        await eventually(lambda: order_changes(tmp_path))


@pytest.mark.parametrize("mode", ["plain", "encrypted"])
async def test_a_genuine_message_that_cannot_be_read_is_acknowledged_and_kept(
    mode: str, serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    events = STORE if mode == "plain" else SAFE
    message = merchant_order("1").replace("OrderId", "Other")
    delivery = plain(message) if mode == "plain" else encrypted(message, app_id=FLAGSHIP.app_id)
    async with serve(shops=shops(sandbox, tmp_path, **events)) as client:
        with capture_logs() as told:
            assert await deliver(client, delivery) == (200, "success")
            assert await deliver(client, delivery) == (200, "success")
        figures = (await client.http.get("/metrics")).text.splitlines()

    assert rows(tmp_path, "select kind, trusted, state, reason, attempts from inbox_events") == [
        ("unreadable", int(mode == "encrypted"), "DEAD", "an event without OrderId", 0)
    ]
    # Sealed: it may be a chat, and names its sender.
    assert b"oDF3iYyVlek46AyTBbMRVV8VZVlI" not in (tmp_path / "gateway.db").read_bytes()
    assert [event for event in told if event["event"].startswith("inbox.")] == [
        {
            "event": "inbox.message.unreadable",
            "message": "A genuine message cannot be read; it is kept as a dead letter.",
            "log_level": "warning",
            "shop": "flagship",
            "reason": "an event without OrderId",
            "trusted": mode == "encrypted",
            "bytes": len(message.encode()),
        }
    ]
    assert 'gateway_webhook_messages_total{outcome="unreadable",shop="flagship"} 2.0' in figures
    assert 'gateway_dead_letters_total{kind="unreadable",shop="flagship"} 1.0' in figures


@pytest.mark.parametrize("mode", ["plain", "encrypted"])
@pytest.mark.parametrize(
    "odd", [b"\x08", b"&", b"<!DOCTYPE html>", b"]]>", b"\xff", b"\xef\xbb\xbf"], ids=repr
)
async def test_an_order_event_with_something_odd_in_it_becomes_a_change(
    mode: str, odd: bytes, serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    events = STORE if mode == "plain" else SAFE
    async with serve(shops=shops(sandbox, tmp_path, **events)) as client:
        order = order_in(sandbox)
        message = merchant_order(order).encode().replace(b"10001:", odd + b"10001:")
        delivery = plain(message) if mode == "plain" else encrypted(message, app_id=FLAGSHIP.app_id)

        assert await deliver(client, delivery) == (200, "success")
        await eventually(lambda: order_changes(tmp_path))
    assert order_changes(tmp_path) == [(order, None, None, "AWAITING_SHIPMENT", "PLATFORM_EVENT")]


async def test_a_slash_at_the_end_of_the_address_is_taken(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    query, body = plain(merchant_order("1"))
    async with serve(shops=shops(sandbox, tmp_path, **STORE)) as client:
        checked = await client.http.get(target("flagship/", {**query, "echostr": "4375120948"}))
        kept = await client.http.post(target("flagship/", query), content=body)
        refused = await client.http.post(target("flagship//", query), content=body)
        figures = (await client.http.get("/metrics")).text.splitlines()

    assert (checked.status_code, checked.text) == (200, "4375120948")
    assert (kept.status_code, kept.text) == (200, "success")
    assert (refused.status_code, refused.text) == (403, "refused")
    assert 'gateway_webhook_messages_total{outcome="kept",shop="flagship"} 1.0' in figures


async def test_a_message_that_cannot_be_read_is_not_acknowledged_before_it_is_kept(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with serve(shops=shops(sandbox, tmp_path, **STORE)) as client:
        with sqlite3.connect(tmp_path / "gateway.db", isolation_level=None, timeout=0) as other:
            await eventually(lambda: locked(other))
            assert await deliver(client, plain("hello")) == (503, "later")
            other.execute("ROLLBACK")
        assert await deliver(client, plain("hello")) == (200, "success")

    assert rows(tmp_path, "select kind from inbox_events") == [("unreadable",)]


#: What is sent of a message after `METHOD /webhooks/... HTTP/1.1` and the host.
WITHHELD = [
    ("POST", b"content-length: 10\r\n\r\n"),
    ("POST", b"content-length: 10\r\n\r\n<xml>"),
    ("PUT", b"content-length: 10\r\n\r\n<xml>"),
    ("POST", b"transfer-encoding: chunked\r\n\r\n5\r\n<xml>\r\n"),
]
REFUSED = [
    ("POST", b"content-length: 10\r\n\r\n<xml/>...."),
    ("POST", b"content-length: 999999\r\n\r\n"),
    ("POST", b"content-length: 2\r\ncontent-encoding: gzip\r\n\r\nab"),
    ("GET", b"\r\n"),
    ("DELETE", b"\r\n"),
]


@pytest.mark.parametrize(("method", "rest"), [*WITHHELD, *REFUSED])
async def test_a_shop_that_is_there_is_answered_like_one_that_is_not(
    method: str, rest: bytes, serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    """The same answer after the same wait, whatever of a message is there."""
    seconds = 0.3 if (method, rest) in WITHHELD else 30
    async with serve(shops=shops(sandbox, tmp_path, **SAFE)) as client:
        address = client.http.base_url

        async def ask(path: str) -> tuple[bytes, ...] | None:
            reader, writer = await asyncio.open_connection(address.host, address.port)
            head = f"{method} /webhooks/{path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n"
            writer.write(head.encode() + rest)
            try:
                async with asyncio.timeout(seconds):
                    answer = await reader.read()
            except TimeoutError:
                return None
            finally:
                writer.close()
            own = (b"date:", b"x-request-id:")
            return tuple(line for line in answer.split(b"\r\n") if not line.startswith(own))

        paths = ("wechat/flagship", "wechat/nobody", "wechat/swan", "baidu/flagship")
        answers = {await ask(path) for path in paths}
    if (method, rest) in WITHHELD:
        assert answers == {None}
    else:
        (answer,) = answers
        assert answer is not None
        assert answer[0] == b"HTTP/1.1 403 Forbidden"
