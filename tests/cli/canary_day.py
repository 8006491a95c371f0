"""A day of three shops whose buyers are canaries: what is asked, what is refused, what fails."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import httpx
from websockets.asyncio.client import connect

from gateway.platforms.baidu.sandbox.state import SWAN
from gateway.platforms.mini_program.sandbox.sample_partner_orders import SHOP_APPID
from gateway.platforms.mini_program.sandbox.state import MINI
from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from gateway.sandbox.server_state import Account
from schema.key import Key
from tests.cli.canaries import ERASED, KEPT, Person
from tests.e2e.order_samples import IMPORT_MANY, baidu_order, mini_order
from tests.e2e.test_wanted_items import line
from tests.feed.subscribers import following
from tests.fixtures_sandbox import Sandbox
from tests.wechat.deliveries import AES_KEY, TOKEN, encrypted, merchant_order, plain, target

#: The partner order that the platform knows a union id of.
PARTNER_ORDER: Final = "canary-partner"
PERSONAL: Final = """
  buyer { openId unionId nickname swanId }
  shippingAddress { name street mobile phone }
  details { ... on MiniProgramOrderDetails {
    remark invoice { title taxNumber companyAddress telephone bankName bankAccount }
  } }
"""
ORDERS: Final = f"{{ orders(first: 50) {{ nodes {{ id platformId status {PERSONAL} }} }} }}"
WANTED: Final = """
query ($openId: String!) {
  wantedItems(shop: "mini", openId: $openId) { nodes { openId title } }
}"""
PARTNER: Final = f"""
{{ partnerOrder(shop: "mini", partnerAppId: "{SHOP_APPID}", platformId: "{PARTNER_ORDER}") {{
  {PERSONAL} raw
}} }}"""
PUSHES: Final = """
{ pushes(first: 50) { nodes { id operation state lastError { endpoint code message } } } }
"""
OTHERS: Final = (
    PUSHES,
    "{ orders(first: 50) { nodes { id raw } } }",
    "{ shops { key health { lastError { message } } } viewer { name } apiKeys { name } }",
    "{ auditEvents(first: 100) { nodes { actor action shops subject revealed outcome } } }",
)
IMPORT: Final = IMPORT_MANY.replace("orders {", f"orders {{ {PERSONAL} ")
PUT_WANTED: Final = """
mutation ($input: WantedItemsImportInput!) {
  wantedItemsImport(input: $input) { wantedItems { title } userErrors { message } }
}"""
LINK: Final = """
mutation ($toShop: String!, $links: [BuyerLinkInput!]!) {
  buyerLinksImport(shop: "flagship", toShop: $toShop, links: $links) { linked }
}"""
MIRROR: Final = """
mutation ($id: ID!, $toShop: String!) {
  orderMirror(
    id: $id, toShop: $toShop, kind: PHYSICAL, title: "一份订单", paidAt: "2024-05-01T08:00:00Z"
  ) {
    order { platformId } userErrors { message }
  }
}"""
#: With an argument that only a key with pii:read may give.
ASKED_FOR: Final = (
    f'{{ orders(filter: {{buyerOpenId: "{ERASED.mini_open_id}"}}) {{ totalCount }} }}'
)
CHANGES: Final = f"subscription {{ orderChanged {{ cursor order {{ id {PERSONAL} }} }} }}"


@dataclass
class Day:
    """The gateway and its callers; `due` is what the owner was shown, `undue` what others were."""

    http: httpx.AsyncClient
    sandbox: Sandbox
    #: A key with every scope.
    owner: str
    #: A key without pii:read.
    limited: str
    #: A token of the issuer with every scope.
    token: str
    #: When all orders were placed: a repetition is the same to the letter.
    began: str = field(default_factory=lambda: datetime.now(UTC).isoformat())
    #: What platforms gave, by the app.
    tokens: dict[str, str] = field(default_factory=dict)
    due: list[str] = field(default_factory=list)
    undue: list[str] = field(default_factory=list)

    async def ask(
        self, query: str, *, key: str | None = None, repeated: str | None = None, **variables: Any
    ) -> Any:
        """Send an operation, by the owner if no other key is given; answers the body."""
        headers = {"Authorization": f"Bearer {key or self.owner}", "Cache-Control": "no-cache"}
        if repeated is not None:
            headers["Idempotency-Key"] = repeated
        body = {"query": query, "variables": variables}
        answer = await self.http.post("/graphql", json=body, headers=headers)
        shown = self.undue if key == self.limited else self.due
        shown.append(json.dumps(answer.json(), ensure_ascii=False))
        return answer.json()

    async def sent(self, act: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
        """Steer the sandbox, which answers on this machine, too."""
        return await asyncio.to_thread(act, *arguments, **more)


def orders_of(person: Person, number: str, created_at: str) -> list[dict[str, Any]]:
    """Orders of the person, at the platforms that take some in."""
    address = {"name": person.name, "mobile": person.mobile, "street": person.street}
    personal = {
        "shippingAddress": {**address, "phone": person.landline},
        "createdAt": created_at,
    }
    invoice = {
        "type": "COMPANY",
        "title": person.invoice_title,
        "taxNumber": person.tax_number,
        "companyAddress": person.company_address,
        "telephone": person.telephone,
        "bankName": person.bank_name,
        "bankAccount": person.bank_account,
    }
    noted = {"remark": f"{person.remark} {person.identity}", "invoice": invoice}
    return [
        baidu_order(f"canary-{number}", openId=person.swan_open_id, **personal),
        baidu_order(f"canary-guest-{number}", openId=None, swanId=person.swan_id, **personal),
        mini_order(f"canary-{number}", openId=person.mini_open_id, **personal, **noted),
    ]


def store_order(order: dict[str, Any], person: Person) -> dict[str, Any]:
    """An order of the WeChat Store as if the person had placed it."""
    return order | {
        "buyer_openid": person.store_open_id,
        "buyer_nick": person.nickname,
        "receiver_name": person.name,
        "receiver_address": person.street,
        "receiver_mobile": person.mobile,
        "receiver_phone": person.landline,
    }


async def orders_come_in(day: Day) -> None:
    """Import, repeat and read orders of both buyers; the limited imports too."""
    for number, person in (("erased", ERASED), ("kept", KEPT)):
        orders = orders_of(person, number, day.began)
        await day.ask(IMPORT, repeated=number, input=orders)
        again = await day.ask(IMPORT, repeated=number, input=orders)
        assert again["extensions"]["idempotentReplay"]
        written = orders_of(person, f"{number}-by-limited", day.began)
        for _ in range(2):
            await day.ask(IMPORT, key=day.limited, repeated=number, input=written)
        wanted = {"shop": "mini", "openId": person.mini_open_id, "items": [line("s1")]}
        await day.ask(PUT_WANTED, input=wanted)
        await day.ask(WANTED, openId=person.mini_open_id)
        await day.ask(WANTED, key=day.limited, openId=person.mini_open_id)
    await day.ask(ASKED_FOR, key=day.limited)
    await day.ask("{ viewer { name } }", key=day.token)


async def orders_are_copied(day: Day) -> None:
    """Mirror an order of the WeChat Store, whose buyer is linked afterwards."""
    for person in (ERASED, KEPT):
        order = store_order(await day.sent(day.sandbox.order), person)
        one = {"errcode": 0, "errmsg": "success", "order": order}
        many = {"errcode": 0, "errmsg": "success", "order_list": [order]}
        await day.sent(day.sandbox.fault, "body", one, times=None, path="/merchant/order/getbyid")
        await day.sent(
            day.sandbox.fault, "body", many, times=None, path="/merchant/order/getbyfilter"
        )
        order_id = Key("Order", "flagship", order["order_id"]).encode()
        for shop, open_id in (("mini", person.mini_open_id), ("swan", person.swan_open_id)):
            copied = await day.ask(MIRROR, id=order_id, toShop=shop)
            assert copied["data"]["orderMirror"]["userErrors"] == []
            links = [{"openId": person.store_open_id, "toOpenId": open_id}]
            linked = await day.ask(LINK, toShop=shop, links=links)
            assert linked["data"]["buyerLinksImport"]["linked"] == 1
        partner = {"openid": person.mini_open_id, "unionid": person.union_id, "order_id": "x"}
        answer = {"errcode": 0, "errmsg": "ok", "order": partner}
        await day.sent(day.sandbox.fault, "body", answer, path="/channels/ec/cooperation")
        await day.ask(PARTNER)
        await everybody_asks(day)
        await day.sent(day.sandbox.clear_faults)


async def everybody_asks(day: Day) -> None:
    """Ask for all that there is, with and without pii:read."""
    for key in (day.owner, day.limited, day.token):
        for query in (ORDERS, *OTHERS):
            await day.ask(query, key=key)
    assert ERASED.name not in "".join(day.undue)


async def messages_come(day: Day) -> None:
    """Let the platform tell of an order that somebody follows, and others forge and garble."""
    headers = {"Authorization": f"Bearer {day.owner}"}
    order = str((await day.sent(day.sandbox.order))["order_id"])
    genuine = merchant_order(order).replace("oDF3iYyVlek46AyTBbMRVV8VZVlI", ERASED.store_open_id)
    unreadable = f"<xml><Event>{ERASED.words}<FromUserName>{ERASED.store_open_id}"
    async with (
        httpx.AsyncClient(
            base_url=day.http.base_url, headers=headers, timeout=30, trust_env=False
        ) as http,
        following(http, CHANGES) as events,
    ):
        query, body = encrypted(genuine, app_id=FLAGSHIP.app_id)
        assert (await http.post(target("flagship", query), content=body)).text == "success"
        assert (await events.next())["orderChanged"]["order"]["id"]
    sent = [
        ("flagship", encrypted(unreadable, app_id=FLAGSHIP.app_id), 200),
        ("flagship", encrypted(genuine, app_id=FLAGSHIP.app_id, token="forged"), 403),
        ("flagship", plain(genuine), 403),
        ("flagship", plain(unreadable), 403),
        ("mini", plain(genuine), 200),
        ("mini", plain(unreadable), 200),
        ("mini", plain(genuine, token="forged"), 403),
        ("nowhere", plain(genuine), 403),
    ]
    for shop, (query, body), status in sent:
        answer = await day.http.post(target(shop, query), content=body)
        day.undue.append(answer.text)
        assert answer.status_code == status, (shop, answer.text)


def token_of(sandbox: Sandbox, account: Account) -> str:
    """The token that the gateway uses; WeChat's is the same as long as it lives."""
    if account.issuer == "baidu":
        return sandbox.token(account)
    credentials = {"appid": account.app_id, "secret": account.secret}
    asked = {"grant_type": "client_credential", **credentials}
    token: str = sandbox.client.post("/cgi-bin/stable_token", json=asked).json()["access_token"]
    return token


async def words_of(day: Day, account: Account) -> str:
    """What the account's platform says when it refuses a call: all that it was told."""
    token = await day.sent(token_of, day.sandbox, account)
    day.tokens[f"token of {account.app_id}"] = token
    # First the secrets: what is behind an address is hidden with it.
    return f"{account.secret} {token} {ERASED.words}"


async def platforms_fail(day: Day) -> None:
    """Let platforms refuse and break down, with the person and secrets in their words."""
    words = await words_of(day, FLAGSHIP)
    faults: tuple[dict[str, Any], ...] = (
        {"kind": "http_status", "value": {"status": 502, "body": f"<html>{words}</html>"}},
        {"kind": "http_status", "value": {"status": 200, "body": f'{{"errcode": 0, "x": "{words}'}},
        {"kind": "body", "value": {"errcode": 10020, "errmsg": words}},
        {
            "kind": "body",
            "value": {"errcode": 0, "errmsg": words, "order_list": [{}]},
        },
        {"kind": "body", "value": {"errcode": 0, "order_list": {"receiver_mobile": ERASED.mobile}}},
        {
            "kind": "redirect",
            "value": f"/x?mobile={ERASED.mobile}&secret={FLAGSHIP.secret}",
        },
        {"kind": "errcode", "value": 40001},
        {"kind": "reset"},
        {"kind": "truncated"},
    )
    for fault in faults:
        await day.sent(day.sandbox.fault, times=3, path="/merchant", **fault)
        if fault["kind"] == "errcode":
            refused = {"errcode": 40125, "errmsg": f"invalid appsecret {words}"}
            await day.sent(day.sandbox.fault, "body", refused, path="/cgi-bin")
        for key in (day.owner, day.limited):
            await day.ask(ORDERS, key=key)
        await day.sent(day.sandbox.clear_faults)
    mini, swan = await words_of(day, MINI), await words_of(day, SWAN)
    refusals: tuple[tuple[str, dict[str, Any]], ...] = (
        ("mini_program", {"errcode": -2, "errmsg": mini}),
        ("mini_program", {"errcode": 9_009_301, "errmsg": mini, "fail_order_list": []}),
        ("baidu", {"errno": 10_000, "msg": swan}),
        ("baidu", {"errno": 2, "msg": swan, "data": []}),
    )
    for number, (platform, refusal) in enumerate(refusals):
        await day.sent(day.sandbox.fault, "body", refusal, times=None, platform=platform)
        for key in (day.owner, day.limited):
            orders = orders_of(
                ERASED, f"refused-{number}-{'owner' if key == day.owner else 'x'}", day.began
            )
            await day.ask(IMPORT, key=key, input=orders)
        await day.sent(day.sandbox.clear_faults)
    await day.ask(PUSHES)
    await day.ask(PUSHES, key=day.limited)


async def callers_err(day: Day) -> None:
    """Ask wrongly: keys that end one character early, in addresses, in sockets, no JSON."""
    bearer = {"Authorization": f"Bearer {day.limited}"}
    for key in (day.owner[:-1], f"{day.token}x", f"{day.owner}x"):
        answer = await day.http.post(
            "/graphql",
            json={"query": "{ viewer { name } }"},
            headers={"Authorization": f"Bearer {key}"},
        )
        assert answer.status_code == 401
        day.undue.append(answer.text)
    answers = [
        await day.http.get("/graphql", params={"query": ORDERS, "key": day.owner}, headers=bearer),
        await day.http.post("/graphql", content=b"\xff", headers=bearer),
        await day.http.post(f"/graphql?access_token={day.token}", content=b"{", headers=bearer),
        await day.http.get(f"/nowhere/{day.owner}"),
        await day.http.get("/readyz"),
        await day.http.get("/metrics", headers=bearer),
    ]
    day.undue += [answer.text for answer in answers if answer.status_code != 404]
    # What is wrong with an input is told without its values.
    wrong = [{**order, "total": ERASED.identity} for order in orders_of(ERASED, "wrong", day.began)]
    await day.ask(IMPORT, input=wrong)
    await over_socket(str(day.http.base_url).rstrip("/"), day.owner)


async def over_socket(address: str, key: str) -> None:
    """The same orders over a WebSocket, with the key in its first message and in the address."""
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
        assert ERASED.mobile in str(await asyncio.wait_for(socket.recv(), 60))


#: What the platform's console and the gateway's configuration share.
EVENT_SECRETS: Final = {"event token": TOKEN, "AES key": AES_KEY}
