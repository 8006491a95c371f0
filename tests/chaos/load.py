"""The light load under which every fault is played: writes under keys, reads, events."""

import asyncio
import json
import time
from collections.abc import Iterable
from typing import Any

import aiohttp
import httpx

from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from schema.key import Key
from tests.chaos.journal import Journal, OrderKey, Reply
from tests.e2e.order_samples import IMPORT, SET_STATUS, baidu_order, mini_order
from tests.fixtures_sandbox import Sandbox
from tests.wechat.deliveries import AES_KEY, encrypted, merchant_order, target

#: Seconds after which a request that hangs is cut off: far more than the gateway's own deadline.
WAIT_LIMIT = 60.0
#: Seconds between two requests of one client.
PACE = 0.05
#: A buyer as no other text of the test spells them: neither may stand in a log or an error.
PERSON = {"name": "混沌收件人", "mobile": "13912345678", "street": "混沌路12号"}
OPEN_IDS = {"swan": "chaos-canary-swan-buyer-1", "mini": "oChaosCanaryMiniBuyer000001"}

ORDERS = """
{ orders(first: 20) { nodes { id status shop { key } }
  sources { shop { key } state count error { code endpoint } } } }
"""
PRODUCTS = """
{ products(first: 20) { nodes { id title } sources { shop { key } state error { code } } } }
"""
ADD = """
mutation ($id: ID!) { skuAdjustStock(id: $id, delta: 1) {
  sku { id } userErrors { code } warnings { code } } }
"""
#: A product of the sample shop that no buyer of the sandbox buys, and a SKU of it.
PRODUCT, SKU = "pDF3iYzZoY-Budrzt8O6IxrwIJAA", "10000983:10000995;10001007:10001010"
STOCKED = Key("Sku", "flagship", PRODUCT, SKU).encode()
#: Codes of an answer that ask to come again under the same key.
AGAIN = {"IDEMPOTENCY_IN_PROGRESS", "OVERLOADED", "RATE_LIMITED", "STORE_UNAVAILABLE", "TIMEOUT"}
#: Of a payload's own errors: nothing was done, and the key is free.
UNDONE = {
    *("PLATFORM_UNAVAILABLE", "PLATFORM_TIMEOUT", "PLATFORM_QUOTA_EXCEEDED"),
    "PLATFORM_CREDENTIALS",
}


class Load:
    """The clients of one row; each asks, pauses and asks again until it is told to stop."""

    def __init__(self, journal: Journal, sandbox: Sandbox, *urls: str) -> None:
        self.journal = journal
        self.stopping = asyncio.Event()
        self._refusal = ""
        self._sandbox = sandbox
        self._urls = urls
        self._tasks: list[asyncio.Task[None]] = []
        self._http: list[httpx.AsyncClient] = []

    def start(self) -> None:
        """Let the clients begin."""
        self._http = [
            httpx.AsyncClient(base_url=url, timeout=WAIT_LIMIT, trust_env=False)
            for url in self._urls
        ]
        clients = (self._swan, self._mini, self._store, self._read, self._read, self._push)
        self._tasks = [
            asyncio.create_task(client(self._http[number % len(self._http)], f"{number}"))
            for number, client in enumerate(clients)
        ]

    async def stop(self) -> None:
        """Take no more work; what is under way goes on."""
        self.stopping.set()

    async def ended(self) -> None:
        """Wait for what is under way; what never ends is noted as unsettled.

        Raises:
            ExceptionGroup: what a client did not expect.
        """
        self.stopping.set()
        _, late = await asyncio.wait(self._tasks, timeout=WAIT_LIMIT)
        for task in late:
            self.journal.unsettled.add(task.get_name())
            task.cancel()
        found = await asyncio.gather(*self._tasks, return_exceptions=True)
        for http in self._http:
            await http.aclose()
        broken = [one for one in found if isinstance(one, Exception)]
        if broken:
            raise ExceptionGroup("clients of the load failed", broken)

    async def _pause(self) -> None:
        await asyncio.sleep(PACE)

    async def _swan(self, http: httpx.AsyncClient, name: str) -> None:
        number = 0
        while not self.stopping.is_set():
            number += 1
            order = OrderKey("swan", f"{self.journal.prefix}-{name}-{number}")
            made = await self._import(http, order, baidu_order(order.number, **personal(order)))
            for status in ("SHIPPED", "COMPLETED") if made else ():
                given = [{"id": id_of(order), "status": status}]
                if await self._write(http, SET_STATUS, given, f"{order.number}-{status}", order):
                    self.journal.acknowledged[order].append(status)
            await self._pause()

    async def _mini(self, http: httpx.AsyncClient, name: str) -> None:
        number = 0
        while not self.stopping.is_set():
            number += 1
            order = OrderKey("mini", f"{self.journal.prefix}-{name}-{number}")
            await self._import(http, order, mini_order(order.number, **personal(order)))
            await self._pause()

    async def _import(self, http: httpx.AsyncClient, order: OrderKey, given: Any) -> bool:
        if await self._write(http, IMPORT, given, f"{order.number}-import", order):
            self.journal.acknowledged[order] = ["AWAITING_SHIPMENT"]
            return True
        self.journal.refused[order] = self._refusal
        return False

    async def _write(
        self, http: httpx.AsyncClient, operation: str, given: Any, key: str, order: OrderKey
    ) -> bool:
        """Answer whether a write is in the ledger, however the platform took it."""
        self.journal.unsettled.add(key)
        payload = await self.told(http, operation, {"input": given}, key)
        self.journal.unsettled.discard(key)
        errors = payload["userErrors"] if payload else []
        pushes = payload.get("pushes", [payload.get("push")]) if payload else []
        for push in filter(None, pushes):
            self.journal.pushes[key] = push["id"]
        self._refusal = shown(errors)
        if errors:
            self.journal.warned.setdefault(order, set()).update(one["code"] for one in errors)
        return any(pushes)

    async def _store(self, http: httpx.AsyncClient, _name: str) -> None:
        """Add to the stock of one SKU: a write that no repetition may do twice."""
        number = 0
        while not self.stopping.is_set():
            number += 1
            key = f"{self.journal.prefix}-stock-{number}"
            self.journal.unsettled.add(key)
            payload = await self.told(http, ADD, {"id": STOCKED}, key)
            self.journal.unsettled.discard(key)
            errors = payload["userErrors"] if payload else []
            if any(error["code"] == "OUTCOME_UNKNOWN" for error in errors):
                self.journal.added_unknown += 1
            elif payload is not None and not errors:
                self.journal.added += 1
            await self._pause()

    async def told(
        self, http: httpx.AsyncClient, operation: str, variables: Any, key: str
    ) -> dict[str, Any] | None:
        """Ask under a key until there is a final answer; None where it is an error."""
        while True:
            body = await self.ask(http, "mutation", operation, variables, key)
            codes = {error["extensions"]["code"] for error in body.get("errors", ())}
            if not body or codes & AGAIN:
                await asyncio.sleep(0.2)
                continue
            if codes:
                return None
            (payload,) = body["data"].values()
            done: dict[str, Any] = payload
            undone = {one["code"] for one in done["userErrors"]} & UNDONE
            if undone and not self.stopping.is_set():
                await asyncio.sleep(0.2)
                continue
            return done

    def _cut(self, error: httpx.TransportError) -> None:
        if isinstance(error, httpx.ConnectError):
            self.journal.not_connected += 1
        else:
            self.journal.cut_off += 1

    async def ask(
        self,
        http: httpx.AsyncClient,
        kind: str,
        operation: str,
        variables: Any = None,
        key: str = "",
        *,
        fresh: bool = False,
    ) -> dict[str, Any]:
        """Ask once; answer the body, or nothing where the connection ended without one."""
        headers = {"Idempotency-Key": key} if key else {}
        if fresh:
            headers["Cache-Control"] = "no-cache"
        began = time.monotonic()
        try:
            answer = await http.post(
                "/graphql", json={"query": operation, "variables": variables}, headers=headers
            )
        except httpx.TransportError as error:
            self._cut(error)
            return {}
        return self.note(kind, answer, time.monotonic() - began)

    async def crowd(
        self, kind: str, questions: Iterable[tuple[str, Any]], *, fresh: bool = False
    ) -> list[dict[str, Any]]:
        """Ask everything at once, each on a connection of its own; answer the bodies.

        Not by httpx, whose pool looks through all that wait whenever one is answered.
        """
        headers = {"Cache-Control": "no-cache"} if fresh else {}
        connector = aiohttp.TCPConnector(limit=0, force_close=True)
        timeout = aiohttp.ClientTimeout(total=WAIT_LIMIT)
        url = f"{self._urls[0]}/graphql"

        async def ask(http: aiohttp.ClientSession, query: str, variables: Any) -> dict[str, Any]:
            began = time.monotonic()
            asked = {"query": query, "variables": variables}
            try:
                async with http.post(url, json=asked, headers=headers) as came:
                    answer = httpx.Response(
                        came.status, headers=came.headers, content=await came.read()
                    )
            except aiohttp.ClientConnectorError:
                self.journal.not_connected += 1
                return {}
            except (aiohttp.ClientError, TimeoutError):
                self.journal.cut_off += 1
                return {}
            return self.note(kind, answer, time.monotonic() - began)

        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as http:
            return await asyncio.gather(*(ask(http, *question) for question in questions))

    def note(self, kind: str, answer: httpx.Response, seconds: float) -> dict[str, Any]:
        """Write an answer of GraphQL down; answer its body, or nothing where it is none."""
        media_type = answer.headers.get("content-type", "").partition(";")[0]
        try:
            body: dict[str, Any] = answer.json()
        except ValueError:
            body = {}
        errors = tuple(body.get("errors", ()))
        listed = [part for part in (body.get("data") or {}).values() if isinstance(part, dict)]
        self.journal.replies.append(
            Reply(
                kind,
                answer.status_code,
                media_type,
                seconds,
                answer.text if errors or not body else "",
                errors,
                {
                    source["shop"]["key"]: source["state"]
                    for part in listed
                    for source in part.get("sources", ())
                },
            )
        )
        return body

    async def _read(self, http: httpx.AsyncClient, name: str) -> None:
        number = int(name)
        while not self.stopping.is_set():
            number += 1
            operation = PRODUCTS if number % 4 == 0 else ORDERS
            await self.ask(http, "query", operation, fresh=number % 2 == 0)
            await self._pause()

    async def _push(self, http: httpx.AsyncClient, _name: str) -> None:
        """Let buyers pay, and the platform tell of it until it is answered; then once more."""
        while not self.stopping.is_set():
            order = str((await asyncio.to_thread(self._sandbox.order))["order_id"])
            for _ in range(2):
                while not await self.deliver(http, order):  # noqa: ASYNC110 - another process
                    await asyncio.sleep(0.2)
            await asyncio.sleep(0.3)

    async def deliver(self, http: httpx.AsyncClient, order: str) -> bool:
        """Tell of a paid order as the platform does; answer whether it was acknowledged."""
        query, body = encrypted(merchant_order(order), key=AES_KEY, app_id=FLAGSHIP.app_id)
        began = time.monotonic()
        try:
            answer = await http.post(target("flagship", query), content=body)
        except httpx.TransportError as error:
            self._cut(error)
            return False
        done = answer.text == "success"
        media_type = answer.headers.get("content-type", "").partition(";")[0]
        self.journal.replies.append(
            Reply(
                "event",
                answer.status_code,
                media_type,
                time.monotonic() - began,
                "" if done else answer.text,
            )
        )
        if done:
            self.journal.events[order] = self.journal.events.get(order, 0) + 1
        return done


def personal(order: OrderKey) -> dict[str, Any]:
    """The fields that name the buyer."""
    return {"openId": OPEN_IDS[order.shop], "shippingAddress": dict(PERSON)}


def id_of(order: OrderKey) -> str:
    """The id of an order in the API."""
    return Key("Order", order.shop, order.number).encode()


def stock(sandbox: Sandbox) -> int:
    """How many there are of the SKU that the load adds to."""
    (shop,) = sandbox.shops("wechat_store").values()
    (found,) = [
        sku["quantity"]
        for sku in shop["products"][PRODUCT]["document"]["sku_list"]
        if sku["sku_id"] == SKU
    ]
    quantity: int = found
    return quantity


def shown(value: Any) -> str:
    """A value as JSON, on one line."""
    return json.dumps(value, ensure_ascii=False)
