"""The cause of each alert, made in a running gateway."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from secrets import token_bytes
from typing import Final

import httpx

from gateway.auth.authenticator import EVERYONE
from gateway.store.dead_letters import MOST_MESSAGES
from gateway.store.store import Store
from gateway.store.webhook_endpoints import NewWebhookEndpoint
from gateway.webhooks.bodies import Topic
from gateway.webhooks.deliverer import LIFETIME
from gateway.webhooks.signature import new_secret
from gateway.wechat.webhook_signature import signature
from tests.e2e.order_samples import IMPORT, baidu_order
from tests.e2e.test_wanted_items import ADD, BUYER, line, put
from tests.e2e.test_wanted_items import IMPORT as IMPORT_WANTED
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import KEY
from tests.inbox.test_webhooks import deliver
from tests.monitoring.watched_gateway import Besides, WatchedGateway
from tests.wechat.deliveries import TOKEN, Delivery, merchant_order

#: Scrapes under a cause that lasts: what went on between them goes on.
SOME: Final = 4
#: What the Weixin Store takes a day, where there is to be little.
CALLS: Final = 60
_ATTEMPTS: Final = "gateway_webhook_delivery_attempts_total"
_CALLS: Final = "gateway_upstream_calls_total"
_ORDERS: Final = (
    'query($first: Int!) {{ orders(first: $first, filter: {{ shops: ["{shop}"] }}) {{'
    " nodes {{ id }} }} }}"
)


@dataclass(frozen=True, slots=True)
class Cause:
    """Makes the cause, and scrapes under it.

    The alert has these labels; `besides` is what shops have besides, and `before` happens before
    the gateway starts.
    """

    make: Callable[[WatchedGateway], Awaitable[None]]
    labels: Mapping[str, str] = field(default_factory=dict)
    besides: Besides = field(default_factory=dict)
    before: Callable[[Sandbox], None] | None = None


async def gone(gateway: WatchedGateway) -> None:
    """The process ends."""
    await gateway.stop()
    await gateway.scrape(SOME)


async def store_killed(gateway: WatchedGateway) -> None:
    """The database is killed, while callers go on."""
    gateway.store.kill()
    for _ in range(SOME):
        await _write(gateway)
        await gateway.scrape()


async def store_killed_for_long(gateway: WatchedGateway) -> None:
    """The database is killed, and not started for hours."""
    done = "gateway_retention_last_success_timestamp_seconds"
    await gateway.scrape_until(done, 0.001)
    gateway.store.kill()
    await gateway.scrape()
    gateway.jump(4 * 3_600)
    await gateway.scrape(SOME)


async def store_locked(gateway: WatchedGateway) -> None:
    """Another program locks a table, so that writers queue."""
    lock = "BEGIN; LOCK TABLE wanted_items IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(8); COMMIT"
    locking = asyncio.create_task(asyncio.to_thread(gateway.store.execute, lock, url=gateway.url))
    await asyncio.sleep(0.5)
    await asyncio.gather(*(_write(gateway) for _ in range(3)))
    await gateway.scrape()
    await locking


async def platform_slow(gateway: WatchedGateway) -> None:
    """A platform answers, but late."""
    gateway.sandbox.fault("latency", 3, platform="wechat_store", times=None)
    for tick in range(2):
        await asyncio.gather(*(_read(gateway, "flagship", 20 + 3 * tick + n) for n in range(3)))
        await gateway.scrape()


async def platform_down(gateway: WatchedGateway) -> None:
    """A platform answers 503."""
    _take_down(gateway.sandbox, "wechat_store")
    for tick in range(2 * SOME):
        await _read(gateway, "flagship", 20 + tick)
        await gateway.scrape()


async def credentials_wrong(gateway: WatchedGateway) -> None:
    """The shop has another secret than the platform."""
    for tick in range(2 * SOME):
        await _read(gateway, "flagship", 20 + tick)
        await gateway.scrape()


async def many_calls(gateway: WatchedGateway) -> None:
    """Callers ask for so much that a day's calls are nearly used up."""
    share = 0.85 * CALLS
    await _ask_until(gateway, share)


async def too_many_calls(gateway: WatchedGateway) -> None:
    """Callers ask for more than a day's calls."""
    await _ask_until(gateway, CALLS)


async def push_waits(gateway: WatchedGateway) -> None:
    """A push is accepted while its platform is down."""
    _take_down(gateway.sandbox, "baidu")
    given = {"input": baidu_order("W1")}
    assert (await gateway.client.ask(IMPORT, given)).data["orderImport"]["order"]
    await gateway.scrape()
    gateway.jump(1_000)
    await gateway.scrape_until("gateway_pushes_oldest_seconds", 900, shop="swan")
    await gateway.scrape(SOME)


async def push_refused(gateway: WatchedGateway) -> None:
    """The platform refuses what is pushed."""
    gateway.sandbox.fault("errcode", 9009203, path=ADD, times=None)
    await put(gateway.client, line("s1"))
    await gateway.scrape(SOME)


async def event_waits(gateway: WatchedGateway) -> None:
    """An event is taken whose order cannot be read."""
    _take_down(gateway.sandbox, "wechat_store")
    order = str(gateway.sandbox.order()["order_id"])
    assert await deliver(gateway.client, _signed(gateway, order)) == (200, "success")
    await gateway.scrape()
    gateway.jump(1_000)
    await gateway.scrape_until("gateway_events_oldest_seconds", 900, shop="flagship")
    await gateway.scrape(SOME)


async def message_unreadable(gateway: WatchedGateway) -> None:
    """A genuine message names no order."""
    await _deliver_unreadable(gateway, 1)
    await gateway.scrape(SOME)


async def messages_unreadable(gateway: WatchedGateway) -> None:
    """More of them come than are kept."""
    await _deliver_unreadable(gateway, MOST_MESSAGES + 1)
    await gateway.scrape(SOME)


async def messages_forged(gateway: WatchedGateway) -> None:
    """The token differs from the platform's."""
    for tick in range(SOME):
        message = _signed(gateway, str(tick), token="guessed")
        assert (await deliver(gateway.client, message))[0] == httpx.codes.FORBIDDEN
        await gateway.scrape()


async def webhook_waits(gateway: WatchedGateway) -> None:
    """An integrator's endpoint answers 500."""
    async with _endpoint(gateway, 500):
        await gateway.scrape_until(_ATTEMPTS, 1, state="PENDING")
        gateway.jump(3_700)
        await gateway.scrape_until("gateway_webhook_deliveries_oldest_seconds", 3_600)
        await gateway.scrape(SOME)


async def webhook_given_up(gateway: WatchedGateway) -> None:
    """It does so for three days."""
    async with _endpoint(gateway, 500):
        await gateway.scrape_until(_ATTEMPTS, 1, state="PENDING")
        gateway.jump(LIFETIME)
        await gateway.scrape_until(_ATTEMPTS, 1, state="DEAD")
        await gateway.scrape(SOME)


async def webhook_gone(gateway: WatchedGateway) -> None:
    """It answers 410 Gone."""
    async with _endpoint(gateway, 410):
        await gateway.scrape_until("gateway_webhook_endpoints_turned_off_total", 1, cause="gone")
        await gateway.scrape(SOME)


async def index_left_behind(gateway: WatchedGateway) -> None:
    """A platform goes down once its index is in step."""
    in_step = "gateway_index_in_step_timestamp_seconds"
    await gateway.scrape_until(in_step, 0.001, shop="flagship", kind="orders")
    _take_down(gateway.sandbox, "wechat_store")
    gateway.jump(3_700)
    # The reconciler has tried.
    await gateway.scrape_until(_CALLS, 1, shop="flagship", outcome="unavailable")
    await gateway.scrape(SOME)


async def nothing_more(gateway: WatchedGateway) -> None:
    """What happened before the start goes on."""
    await gateway.scrape(SOME)


@asynccontextmanager
async def _endpoint(gateway: WatchedGateway, status: int) -> AsyncIterator[None]:
    """An endpoint that answers this, and an order that it is to be told of."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 %d No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % status)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        new = NewWebhookEndpoint(
            url=f"http://127.0.0.1:{port}",
            topics=frozenset({Topic.ORDER_CHANGED}),
            shops=None,
            key_name=EVERYONE.name,
            key_id=EVERYONE.key_id,
            secret=new_secret(token_bytes).get_secret_value(),
        )
        store = await Store.open(gateway.url, encryption_key=KEY, clock=lambda: gateway.now)
        async with store.transaction() as transaction:
            assert await store.webhook_endpoints.add(transaction, new, most=1)
        await store.close()
        given = {"input": baidu_order("W1")}
        assert (await gateway.client.ask(IMPORT, given)).data["orderImport"]["order"]
        yield


async def _write(gateway: WatchedGateway) -> None:
    """An attempt to accept something, whatever becomes of it."""
    item = {"input": {"shop": "mini", "openId": BUYER, "items": [line("s1")]}}
    await gateway.client.ask(IMPORT_WANTED, item)


async def _read(gateway: WatchedGateway, shop: str, count: int) -> None:
    """A list that no one asked for before, whatever becomes of it."""
    await gateway.client.ask(_ORDERS.format(shop=shop), {"first": count})


async def _ask_until(gateway: WatchedGateway, calls: float) -> None:
    used = "gateway_upstream_quota_used_calls"
    asked = 0
    while gateway.recording.last(used, shop="weixin", period="day") < calls:
        asked += 1
        await _read(gateway, "weixin", asked % 90 + 1)
        await gateway.scrape()
    await gateway.scrape(SOME)


async def _deliver_unreadable(gateway: WatchedGateway, count: int) -> None:
    for number in range(count):
        broken = _signed(gateway, f"{number}", without="OrderId")
        assert await deliver(gateway.client, broken) == (200, "success")


def _signed(
    gateway: WatchedGateway, order: str, *, token: str = TOKEN, without: str = ""
) -> Delivery:
    """An event of an order, sent now by the gateway's clock; it lacks the field `without`."""
    timestamp, nonce = str(int(gateway.now)), "486452656"
    text = merchant_order(order)
    message = text.replace(without, "Nothing") if without else text
    signed = signature(token, timestamp, nonce)
    return {"signature": signed, "timestamp": timestamp, "nonce": nonce}, message.encode()


def _take_down(sandbox: Sandbox, platform: str) -> None:
    sandbox.fault("http_status", 503, platform=platform, times=None)


def _store_down(sandbox: Sandbox) -> None:
    _take_down(sandbox, "wechat_store")


def _tokens_down(sandbox: Sandbox) -> None:
    _take_down(sandbox, "wechat_tokens")


_FLAGSHIP: Final = {"shop": "flagship"}
_WEIXIN: Final = {"shop": "weixin"}
_FEW_CALLS: Final[Besides] = {"weixin": {"calls_per_day": CALLS}}

CAUSES: Final[Mapping[str, Cause]] = {
    "GatewayDown": Cause(gone),
    "GatewayNotReady": Cause(store_killed),
    "StoreUnavailable": Cause(store_killed),
    "ErrorBudgetFast": Cause(store_killed),
    "ErrorBudgetSlow": Cause(store_killed),
    "OperationsSlow": Cause(platform_slow, {"kind": "query"}),
    "Overloaded": Cause(store_locked),
    "BackgroundTaskFailing": Cause(store_killed, {"task": "audit_log"}),
    "BackgroundTaskStalled": Cause(store_killed_for_long, {"task": "inbox"}),
    "RetentionOverdue": Cause(store_killed_for_long),
    "PlatformFailing": Cause(platform_down, _FLAGSHIP),
    "CircuitOpen": Cause(platform_down, _FLAGSHIP),
    "CredentialsRefused": Cause(
        credentials_wrong, _FLAGSHIP, besides={"flagship": {"app_secret": "another"}}
    ),
    "TokenFailing": Cause(nothing_more, _FLAGSHIP, before=_tokens_down),
    "QuotaNearlyUsed": Cause(many_calls, _WEIXIN, besides=_FEW_CALLS),
    "QuotaExceeded": Cause(too_many_calls, _WEIXIN, besides=_FEW_CALLS),
    "WebhooksWaiting": Cause(webhook_waits),
    "WebhooksGivenUp": Cause(webhook_given_up, {"topic": "ORDER_CHANGED"}),
    "WebhookEndpointOff": Cause(webhook_gone, {"cause": "gone"}),
    "PushesWaiting": Cause(push_waits, {"shop": "swan"}),
    "PushesFailed": Cause(push_refused, {"shop": "mini", "state": "REJECTED"}),
    "EventsWaiting": Cause(event_waits, _FLAGSHIP),
    "DeadLetters": Cause(message_unreadable, {"shop": "flagship", "kind": "unreadable"}),
    "DeadLettersDropped": Cause(messages_unreadable, _FLAGSHIP),
    "MessagesRefused": Cause(messages_forged, {"shop": "flagship", "outcome": "refused"}),
    "IndexBehind": Cause(index_left_behind, {"shop": "flagship", "kind": "orders"}),
    "BackfillBehind": Cause(
        nothing_more, {"shop": "flagship", "kind": "orders"}, before=_store_down
    ),
}
