"""graphql-transport-ws on the whole gateway: its rules, and who is let in."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_bytes
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from gateway.auth.key_manager import KeyManager
from gateway.http import streaming, web_socket
from schema.scope import Scope
from tests.feed.subscribers import following
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve
from tests.http.small_gateway import without_cost
from tests.waiting import eventually

HEALTH = {"query": "subscription { shopHealthChanged { key } }"}
SHOPS = {"query": "{ shops { key } }"}


@asynccontextmanager
async def connected(
    client: Client, protocol: str | None = "graphql-transport-ws", **more: Any
) -> AsyncIterator[ClientConnection]:
    """Open a connection."""
    url = str(client.http.base_url.join("/graphql")).replace("http", "ws")
    protocols: Any = [protocol] if protocol else None
    async with connect(url, subprotocols=protocols, proxy=None, **more) as socket:
        yield socket


async def say(socket: ClientConnection, kind: str, **more: Any) -> None:
    await socket.send(json.dumps({"type": kind, **more}))


async def hear(socket: ClientConnection) -> Any:
    message = json.loads(await asyncio.wait_for(socket.recv(), 60))
    if message["type"] == "next":
        message["payload"] = without_cost(message["payload"])
    return message


async def begin(socket: ClientConnection, **payload: str) -> None:
    await say(socket, "connection_init", payload=payload)
    assert await hear(socket) == {"type": "connection_ack"}


async def closed(socket: ClientConnection) -> tuple[int, str]:
    """How the gateway closed the connection."""
    try:
        while True:
            await asyncio.wait_for(socket.recv(), 60)
    except ConnectionClosed as ended:
        return (ended.rcvd.code, ended.rcvd.reason) if ended.rcvd else (0, "no word")


async def test_a_query_is_answered_once(gateway: Client) -> None:
    async with connected(gateway) as socket:
        assert socket.subprotocol == "graphql-transport-ws"
        await begin(socket)
        await say(socket, "subscribe", id="a", payload=SHOPS)

        assert await hear(socket) == {
            "id": "a",
            "type": "next",
            "payload": {"data": {"shops": [{"key": "flagship"}, {"key": "mini"}, {"key": "swan"}]}},
        }
        assert await hear(socket) == {"id": "a", "type": "complete"}
        # The id is free again.
        await say(socket, "subscribe", id="a", payload=SHOPS)
        assert (await hear(socket))["type"] == "next"


async def test_an_invalid_operation_is_an_error_and_nothing_more(gateway: Client) -> None:
    async with connected(gateway) as socket:
        await begin(socket)
        await say(socket, "subscribe", id="a", payload={"query": "{ nothing }"})
        answer = await hear(socket)
        assert (answer["id"], answer["type"]) == ("a", "error")
        assert answer["payload"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"

        await say(socket, "subscribe", id="b", payload={"variables": {}})
        assert (await hear(socket))["payload"][0]["extensions"]["code"] == "BAD_USER_INPUT"

        await say(socket, "ping")
        assert await hear(socket) == {"type": "pong"}


async def test_a_subscription_ends_when_it_is_told_to(gateway: Client) -> None:
    async with connected(gateway) as socket:
        await begin(socket)
        for _ in range(3):
            await say(socket, "subscribe", id="a", payload=HEALTH)
            await say(socket, "complete", id="a")
        await say(socket, "complete", id="unknown")
        await say(socket, "pong")
        await say(socket, "ping")

        assert await hear(socket) == {"type": "pong"}


WRONG: dict[str, tuple[list[dict[str, Any]], int]] = {
    "before init": ([{"type": "subscribe", "id": "a", "payload": SHOPS}], 4401),
    "two inits": ([{"type": "connection_init"}, {"type": "connection_init"}], 4429),
    "an unknown type": ([{"type": "start"}], 4400),
    "no type": ([{"id": "a"}], 4400),
    "a payload of another kind": ([{"type": "connection_init", "payload": "key"}], 4400),
    "no id": ([{"type": "connection_init"}, {"type": "subscribe", "payload": SHOPS}], 4400),
    "no payload": ([{"type": "connection_init"}, {"type": "subscribe", "id": "a"}], 4400),
    "an id in use": (
        [{"type": "connection_init"}, *[{"type": "subscribe", "id": "a", "payload": HEALTH}] * 2],
        4409,
    ),
    "too many operations": (
        [
            {"type": "connection_init"},
            *[{"type": "subscribe", "id": str(n), "payload": HEALTH} for n in range(101)],
        ],
        4429,
    ),
}


@pytest.mark.parametrize("case", WRONG)
async def test_who_breaks_the_protocol_is_told_how(case: str, gateway: Client) -> None:
    messages, code = WRONG[case]
    async with connected(gateway) as socket:
        for message in messages:
            await socket.send(json.dumps(message))

        assert (await closed(socket))[0] == code


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ("no JSON", "it is not JSON at line 1, column 1"),
        ("[]", "not an object with a type"),
        (b"\x00", "it is not JSON"),
        ("1", "not an object with a type"),
        (r'{"type": "ping", "payload": {"a": "\ud83d"}}', "it has half of a surrogate pair"),
        ("[" * 2_000, "it is nested too deeply"),
    ],
)
async def test_what_is_no_message_closes_the_connection(
    sent: str | bytes, reason: str, gateway: Client
) -> None:
    async with connected(gateway) as socket:
        await socket.send(sent)

        code, said = await closed(socket)

    assert code == 4400
    assert said.startswith(f"Invalid message: {reason}")


async def test_a_byte_order_mark_before_a_message_is_ignored(gateway: Client) -> None:
    async with connected(gateway) as socket:
        await socket.send('\ufeff{"type": "ping"}')

        assert await hear(socket) == {"type": "pong"}


@pytest.mark.parametrize("protocol", ["graphql-ws", None])
async def test_the_older_protocol_is_not_spoken(protocol: str | None, gateway: Client) -> None:
    async with connected(gateway, protocol) as socket:
        assert socket.subprotocol is None
        assert (await closed(socket))[0] == 4406


async def test_who_says_nothing_is_sent_away(
    gateway: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_socket, "_INIT_TIMEOUT", 0.2)
    async with connected(gateway) as socket:
        assert await closed(socket) == (4408, "Connection initialisation timeout")


async def test_a_page_of_another_origin_is_refused(serve: Serve) -> None:
    ours = "https://front.example"
    async with serve(server={"cors_origins": [ours]}) as client:
        own = str(client.http.base_url).rstrip("/")
        for origin in (ours, own):
            async with connected(client, origin=origin) as socket:
                await begin(socket)
        for origin in (
            "https://elsewhere.example",
            "null",
            "",
            "http://[",
            f"{ours}.elsewhere.example",
            "http://127.0.0.1:1",
        ):
            with pytest.raises(InvalidStatus) as refusal:
                async with connected(client, origin=origin):
                    pass
            assert refusal.value.response.status_code == 403


async def test_the_gateway_s_own_page_is_known_behind_a_proxy(serve: Serve, tmp_path: Path) -> None:
    public = "https://shop.example"
    manager = KeyManager(tmp_path / "keys.toml", lambda: datetime.now(UTC), token_bytes)
    key = manager.add("page", frozenset(Scope), frozenset({"*"})).get_secret_value()
    keys = {"mode": "keys", "keys_file": str(tmp_path / "keys.toml")}
    # The proxy asks by a name of its own.
    async with (
        serve(auth=keys, server={"public_url": f"{public}/gateway/"}) as client,
        connected(client, origin=public) as socket,
    ):
        await begin(socket, Authorization=f"Bearer {key}")


async def test_a_mutation_is_done_once_under_its_key(serve: Serve) -> None:
    query = (
        "mutation($path: String!) {"
        ' shoppingCartPathSet(shop: "mini", path: $path) { push { id } userErrors { message } } }'
    )

    async def send(socket: ClientConnection, path: str, key: Any) -> Any:
        extensions = {} if key is None else {"idempotencyKey": key}
        payload = {"query": query, "variables": {"path": path}, "extensions": extensions}
        await say(socket, "subscribe", id="a", payload=payload)
        answer = await hear(socket)
        if answer["type"] == "error":
            return answer["payload"][0]["extensions"]["code"]
        assert (await hear(socket))["type"] == "complete"
        return answer["payload"]

    async with (
        serve() as client,
        connected(client, additional_headers={"Idempotency-Key": "of all"}) as socket,
    ):
        await begin(socket)
        first = await send(socket, "/pages/one", "k")
        again = await send(socket, "/pages/one", "k")
        other = await send(socket, "/pages/two", "k")
        keyless = [await send(socket, path, None) for path in ("/pages/two", "/pages/three")]
        wrong = await send(socket, "/pages/two", 5)

    assert first["data"]["shoppingCartPathSet"]["userErrors"] == []
    assert again == {**first, "extensions": {"idempotentReplay": True}}
    assert other == "IDEMPOTENCY_MISMATCH"
    assert [answer["data"]["shoppingCartPathSet"]["userErrors"] for answer in keyless] == [[], []]
    assert wrong == "BAD_USER_INPUT"


async def test_a_browser_s_no_cache_does_not_read_each_platform_anew(
    serve: Serve, sandbox: Sandbox
) -> None:
    query = {"query": "{ products(first: 1) { nodes { title } } }"}
    headers = {"Cache-Control": "no-cache"}
    async with serve() as client, connected(client, additional_headers=headers) as socket:
        await begin(socket)
        for _ in range(3):
            await say(socket, "subscribe", id="a", payload=query)
            assert (await hear(socket), await hear(socket))[1]["type"] == "complete"

    assert sandbox.counts()["/merchant/getbystatus"] == 1


async def test_a_key_that_may_see_less_ends_its_subscriptions(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "_RECHECK", 0.2)
    file = tmp_path / "keys.toml"
    book = KeyManager(file, lambda: datetime.now(UTC), token_bytes)
    key = book.add("front", frozenset({Scope.ORDERS_READ}), frozenset({"*"})).get_secret_value()
    async with (
        serve(auth={"mode": "keys", "keys_file": str(file)}) as client,
        connected(client) as socket,
    ):
        await begin(socket, Authorization=f"Bearer {key}")
        changes = {"query": "subscription { orderChanged { orderId } }"}
        await say(socket, "subscribe", id="a", payload=changes)
        await asyncio.sleep(0.1)
        file.write_text(file.read_text().replace('"*"', '"mini"'))

        answer = await hear(socket)
    assert answer["payload"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_what_streams_is_counted(serve: Serve) -> None:
    async with serve() as client:
        before = await figures(client)
        async with connected(client) as socket:
            await begin(socket)
            await say(socket, "subscribe", id="a", payload=SHOPS)
            assert (await hear(socket), await hear(socket))[1]["type"] == "complete"
            await say(socket, "subscribe", id="b", payload={"query": "{ nothing }"})
            assert (await hear(socket))["type"] == "error"
            await say(socket, "subscribe", id="c", payload=HEALTH)
            await say(socket, "ping")
            await hear(socket)
            during = await figures(client)
        ask = '{ orderByPlatformId(shop: "flagship", platformId: "1") { id } }'
        async with following(client.http, HEALTH["query"]) as events:
            await client.ask(ask)
            await events.next()

        async def without_streams() -> dict[str, float] | None:
            now = await figures(client)
            return None if now["gateway_subscriptions"] else now

        after = await eventually(without_streams)

    assert before["gateway_subscriptions"] == 0
    assert after['gateway_pushes_waiting{shop="mini"}'] == 0
    assert during["gateway_subscriptions"] == 1
    assert during['gateway_operations_total{code="OK",kind="query"}'] == 1
    assert during['gateway_operations_total{code="GRAPHQL_VALIDATION_FAILED",kind="none"}'] == 1
    assert after['gateway_subscription_answers_total{code="OK"}'] == 1


async def figures(client: Client) -> dict[str, float]:
    """The figures by their names and labels."""
    text = (await client.http.get("/metrics")).text
    lines = [line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


async def test_a_key_opens_until_it_is_revoked(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "_RECHECK", 0.2)
    book = KeyManager(tmp_path / "keys.toml", lambda: datetime.now(UTC), token_bytes)
    key = book.add("front", frozenset({Scope.ORDERS_READ}), frozenset({"*"})).get_secret_value()
    async with serve(auth={"mode": "keys", "keys_file": str(tmp_path / "keys.toml")}) as client:
        async with connected(client) as socket:
            await say(socket, "connection_init", payload={"Authorization": "Bearer wrong"})
            assert await closed(socket) == (4403, "Forbidden")
        async with connected(client) as socket:
            await begin(socket, Authorization=f"Bearer {key}")
            await say(socket, "subscribe", id="a", payload=HEALTH)
            await asyncio.sleep(0.1)
            book.revoke("front")

            answer = await hear(socket)
        assert answer["payload"][0]["extensions"]["code"] == "UNAUTHENTICATED"
