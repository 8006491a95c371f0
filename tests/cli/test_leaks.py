"""Nothing secret or personal leaves the gateway but to whom it is due: a search of all it left."""

import asyncio
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx
from websockets.asyncio.client import connect

from gateway.platforms.baidu.sandbox.state import SWAN
from gateway.platforms.mini_program.sandbox.state import MINI
from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from tests.cli.command import gateway, serving
from tests.cli.conftest import STORE_KEY, Configure
from tests.cli.test_serve import address_of
from tests.e2e.order_samples import IMPORT_MANY, baidu_order, mini_order
from tests.feed.subscribers import following
from tests.fixtures_redis import RedisServer
from tests.fixtures_sandbox import Sandbox
from tests.wechat.deliveries import AES_KEY, TOKEN, encrypted, merchant_order, plain, target

#: What the platform gives a token to, the same as long as it lives.
CREDENTIALS: Final = {
    "grant_type": "client_credential",
    "appid": FLAGSHIP.app_id,
    "secret": FLAGSHIP.secret,
}
#: Of one buyer, as no other text spells it.
PERSON: Final = {
    "openId": "oCanaryOpenId00000000000001",
    "swanId": "canarySwanId000000000000001",
    "name": "金丝雀收件人",
    "mobile": "13987654321",
    "street": "金丝雀路7号",
    "remark": "金丝雀请放门口",
}
#: What a platform says of the person when it refuses a call.
WORDS: Final = f"收件人{PERSON['name']}的手机号+86 {PERSON['mobile']}无效，地址：{PERSON['street']}"
DETAILS: Final = """
  id platformId status
  buyer { openId nickname } shippingAddress { name mobile street }
"""
ORDERS: Final = f"{{ orders(first: 50) {{ nodes {{ {DETAILS} }} }} }}"
CHANGES: Final = f"subscription {{ orderChanged {{ cursor order {{ {DETAILS} }} }} }}"
SCOPES: Final = "orders:read,orders:write,catalog:read,pii:read,ops:read"
FAULTS: Final[tuple[dict[str, Any], ...]] = (
    {"kind": "http_status", "value": 503, "path": "/merchant"},
    {"kind": "reset", "path": "/merchant"},
    {"kind": "html", "path": "/merchant"},
    {"kind": "truncated", "path": "/merchant"},
    {"kind": "errcode", "value": 40001, "path": "/merchant"},
    {"kind": "errcode", "value": 40013, "path": "/cgi-bin"},
    {"kind": "body", "value": {"errcode": 10020, "errmsg": WORDS}, "path": "/merchant"},
    {"kind": "redirect", "value": "/elsewhere", "path": "/merchant"},
)


def with_events(configuration: Path) -> Path:
    """Let the first shop take messages, and the gateway log all that it ever does."""
    text = configuration.read_text()
    shop = 'key = "flagship"\n'
    events = f'event_token = "{TOKEN}"\nevent_aes_key = "{AES_KEY}"\n'
    configuration.write_text(text.replace(shop, shop + events))
    return configuration.parent


def orders_of(number: int) -> list[dict[str, Any]]:
    """Orders of the person, at the platforms that take some in."""
    address = {name: PERSON[name] for name in ("name", "mobile", "street")}
    personal = {"openId": PERSON["openId"], "shippingAddress": address}
    now = datetime.now(UTC).isoformat()
    return [
        baidu_order(f"canary-{number}", **personal, createdAt=now),
        baidu_order(f"canary-guest-{number}", openId=None, swanId=PERSON["swanId"], createdAt=now),
        mini_order(f"canary-{number}", **personal, remark=PERSON["remark"], createdAt=now),
    ]


async def work(address: str, key: str, sandbox: Sandbox) -> list[str]:
    """Ask, write, follow and fail in every way; answers what is shown to those who may see less."""
    shown: list[str] = []
    async with httpx.AsyncClient(
        base_url=address,
        headers={"Authorization": f"Bearer {key}", "Cache-Control": "no-cache"},
        timeout=30,
        trust_env=False,
    ) as http:

        async def ask(query: str, **variables: Any) -> httpx.Response:
            body = {"query": query, "variables": variables}
            named = {"Idempotency-Key": uuid4().hex}
            return await http.post("/graphql", json=body, headers=named)

        imported = (await ask(IMPORT_MANY, input=orders_of(1))).json()["data"]["ordersImport"]
        assert imported["orders"][0]["platformId"] == "canary-1"
        await pushed(http, sandbox)
        await over_socket(address, key)
        for fault in FAULTS:
            await asyncio.to_thread(sandbox.fault, times=3, **fault)
            failed = (await ask(ORDERS)).json()
            shown.append(json.dumps(failed.get("errors"), ensure_ascii=False))
            await asyncio.to_thread(sandbox.clear_faults)
        refusal = {"errcode": -2, "errmsg": WORDS}
        await asyncio.to_thread(sandbox.fault, "body", refusal, platform="mini_program")
        await ask(IMPORT_MANY, input=orders_of(3))
        await asyncio.to_thread(sandbox.clear_faults)
        await asyncio.to_thread(sandbox.fault, "reset", times=None, platform="baidu")
        late = (await ask(IMPORT_MANY, input=orders_of(2))).json()["data"]["ordersImport"]
        await asyncio.to_thread(sandbox.clear_faults)
        shown.append(json.dumps([late["pushes"], late["userErrors"]], ensure_ascii=False))
        answers = [
            await http.get("/metrics"),
            await http.get("/readyz"),
            await http.post("/graphql", content=b"\xff"),
            await http.post("/graphql", headers={"Authorization": f"Bearer {key}x"}),
        ]
    return [*shown, *(answer.text for answer in answers)]


async def pushed(http: httpx.AsyncClient, sandbox: Sandbox) -> None:
    """Let the platform tell of an order that somebody follows, and another one forge a message."""
    async with following(http, CHANGES) as events:
        order = str((await asyncio.to_thread(sandbox.order))["order_id"])
        query, body = encrypted(merchant_order(order), app_id=FLAGSHIP.app_id)
        assert (await http.post(target("flagship", query), content=body)).text == "success"
        assert (await events.next())["orderChanged"]["order"]["platformId"] == order
    query, body = plain(merchant_order(PERSON["mobile"]))
    assert (await http.post(target("flagship", query), content=body)).status_code == 403


async def over_socket(address: str, key: str) -> None:
    """The same order over a WebSocket, with the key in its first message and in the address."""
    url = f"{address.replace('http', 'ws')}/graphql?key={key}"
    async with connect(
        url,
        subprotocols=["graphql-transport-ws"],  # type: ignore[list-item] # a NewType of str
        proxy=None,
    ) as socket:
        payload = {"Authorization": f"Bearer {key}"}
        await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
        assert json.loads(await socket.recv())["type"] == "connection_ack"
        await socket.send(
            json.dumps({"type": "subscribe", "id": "a", "payload": {"query": ORDERS}})
        )
        assert PERSON["mobile"] in str(await asyncio.wait_for(socket.recv(), 60))


def found(text: bytes, names: Iterable[str]) -> list[str]:
    """Which of these stand in the text, plain or as JSON writes them."""
    return [
        name for name in names if name.encode() in text or json.dumps(name)[1:-1].encode() in text
    ]


def test_nothing_secret_or_personal_is_left_behind(
    configure: Configure, sandbox: Sandbox, redis_server: RedisServer
) -> None:
    more = f'[log]\nlevel = "debug"\n[cache]\nurl = "{redis_server.url}"\n'
    folder = with_events(configure(base_url=sandbox.base_url, more=more))
    added = gateway("keys", "add", "x", "--scopes", SCOPES, "--shops", "*", cwd=folder)
    key = added.stdout.strip()

    with serving("serve", "--port", "0", cwd=folder) as running:
        address = address_of(running)
        shown = asyncio.run(work(address, key, sandbox))
        token = sandbox.client.post("/cgi-bin/stable_token", json=CREDENTIALS).json()[
            "access_token"
        ]
        assert running.end() == 0
    with redis_server.client() as redis:
        names: list[bytes] = redis.keys("*")
        shared = b"".join([*names, *(redis.get(name) or b"" for name in names)])

    orders = sandbox.shops("wechat_store")[FLAGSHIP.app_id]["orders"].values()
    private = [
        *(key, token, FLAGSHIP.secret, MINI.secret, SWAN.secret, STORE_KEY, TOKEN, AES_KEY),
        *(*PERSON.values(), *(order["buyer_openid"] for order in orders)),
    ]
    assert found(running.output.encode(), private) == []
    assert found("".join(shown).encode(), private) == []
    assert any(name.startswith(b"token:") for name in names)
    assert any(name.startswith(b"answer:") for name in names)
    assert found(shared, private) == []
    ledger = list(folder.glob("gateway.db*"))
    assert {file.name: found(file.read_bytes(), private) for file in ledger} == {
        file.name: [] for file in ledger
    }
