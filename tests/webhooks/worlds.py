"""A ledger with endpoints of webhooks, their receivers, and what happens to orders."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_network

import msgspec

from gateway.audit import AuditLog
from gateway.auth.keys_file import KeyRecord
from gateway.concurrency.clock import Clock
from gateway.store.object_changes import NewObjectChange
from gateway.store.order_changes import NewOrderChange
from gateway.store.store import Store
from gateway.store.webhook_deliveries import StoredWebhookDelivery, WebhookDeliveryQuery
from gateway.store.webhook_endpoints import NewWebhookEndpoint
from gateway.tracing import Tracer
from gateway.webhooks.addresses import AddressPolicy, resolve_by_system
from gateway.webhooks.bodies import Topic
from gateway.webhooks.deliverer import SendsWebhooks, WebhookDeliverer
from gateway.webhooks.recorder import WebhookRecorder
from gateway.webhooks.rights import EndpointRights
from gateway.webhooks.sender import WebhookSender
from gateway.webhooks.signature import new_secret
from schema.scope import Scope
from tests.store.samples import KEY, NOW

SECRET = new_secret(lambda count: b"s" * count)
RECORD = KeyRecord(
    name="front",
    sha256="5a" * 32,
    scopes=frozenset({Scope.ORDERS_READ, Scope.CATALOG_READ, Scope.OPS_READ}),
    shops=frozenset({"mini", "swan"}),
    created_at=datetime(2023, 1, 1, tzinfo=UTC),
)
LOOPBACK = [ip_network("127.0.0.0/8")]


@dataclass
class Observed:
    """What was counted."""

    attempts: list[tuple[str, str]] = field(default_factory=list)
    turned_off: list[str] = field(default_factory=list)

    def webhook_attempted(self, topic: str, state: str) -> None:
        self.attempts.append((topic, state))

    def counted(self, attempts: int) -> bool:
        """Whether so many attempts were recorded."""
        return len(self.attempts) >= attempts

    def webhook_turned_off(self, cause: str) -> None:
        self.turned_off.append(cause)


@dataclass
class World:
    """The ledger, the API keys, and the time, which stands still until a test moves it."""

    store: Store
    keys: list[KeyRecord]
    now: float = NOW
    observed: Observed = field(default_factory=Observed)

    @property
    def clock(self) -> Clock:
        """The time; a random pause is the half of the longest."""
        return Clock(wall=lambda: self.now, random=lambda: 0.5)

    @property
    def rights(self) -> EndpointRights:
        return EndpointRights(lambda: self.keys, lambda: self.now)

    def recorder(self) -> WebhookRecorder:
        return WebhookRecorder(self.store, self.rights)

    def deliverer(
        self,
        sender: SendsWebhooks | None = None,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        tracer: Tracer | None = None,
    ) -> WebhookDeliverer:
        clock = dataclasses.replace(self.clock, sleep=sleep)
        audit = AuditLog(lambda: self.store, lambda: self.now)
        sender = sender or WebhookSender(AddressPolicy(LOOPBACK, resolve_by_system))
        return WebhookDeliverer(
            self.store,
            sender,
            self.rights,
            clock,
            owner="me",
            observer=self.observed,
            audit=audit,
            tracer=tracer,
        )

    async def endpoint(
        self,
        url: str = "https://hooks.example.com",
        *,
        topics: Collection[str] = tuple(Topic),
        shops: Collection[str] | None = None,
        key_id: str = RECORD.id,
    ) -> int:
        """Make an endpoint; answer its number."""
        new = NewWebhookEndpoint(
            url=url,
            topics=frozenset(topics),
            shops=None if shops is None else frozenset(shops),
            key_name="front",
            key_id=key_id,
            secret=SECRET.get_secret_value(),
        )
        async with self.store.transaction() as transaction:
            number = await self.store.webhook_endpoints.add(transaction, new, most=9)
        assert number is not None
        return number

    async def orders(self, *changes: tuple[str, str], shop: str = "mini") -> None:
        """Let orders change: each by its number and its new status."""
        async with self.store.transaction() as transaction:
            await self.store.order_changes.append(
                transaction,
                [
                    NewOrderChange(
                        shop=shop,
                        platform_id=number,
                        status=status,
                        previous_status=None,
                        cause="POLL",
                    )
                    for number, status in changes
                ],
            )

    async def objects(self, *changes: NewObjectChange) -> None:
        async with self.store.transaction() as transaction:
            await self.store.object_changes.append(transaction, changes)

    async def deliveries(
        self, endpoint: int, states: Sequence[str] | None = None
    ) -> list[StoredWebhookDelivery]:
        """Answer those of an endpoint, the oldest first."""
        query = WebhookDeliveryQuery(endpoints=[endpoint], states=states)
        return (await self.store.webhook_deliveries.page(query, limit=2_000))[::-1]


@asynccontextmanager
async def world(store_url: str) -> AsyncIterator[World]:
    """A ledger with one valid key."""
    opened: list[World] = []
    store = await Store.open(
        store_url,
        encryption_key=KEY,
        clock=lambda: opened[0].now if opened else NOW,
    )
    opened.append(World(store, [RECORD]))
    try:
        yield opened[0]
    finally:
        await store.close()


def changed(**fields: object) -> KeyRecord:
    """The key with other rights."""
    return msgspec.structs.replace(RECORD, **fields)
