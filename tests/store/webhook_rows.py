"""An endpoint and deliveries of webhooks, as many tests of the store need them."""

from collections.abc import Sequence

from gateway.store.store import Store
from gateway.store.webhook_deliveries import (
    ClaimedWebhookDelivery,
    NewWebhookDelivery,
    WebhookSettlement,
)
from gateway.store.webhook_endpoints import NewWebhookEndpoint

SECRET = "whsec_" + "c2VjcmV0" * 4
URL = "https://hooks.example.com/gateway"


def endpoint(
    url: str = URL,
    *,
    topics: Sequence[str] = ("ORDER_CHANGED",),
    shops: Sequence[str] | None = None,
    key_id: str = "k1",
) -> NewWebhookEndpoint:
    return NewWebhookEndpoint(
        url=url,
        topics=frozenset(topics),
        shops=None if shops is None else frozenset(shops),
        key_name="front",
        key_id=key_id,
        secret=SECRET,
    )


async def add_endpoint(store: Store, new: NewWebhookEndpoint | None = None) -> int:
    async with store.transaction() as transaction:
        number = await store.webhook_endpoints.add(transaction, new or endpoint(), most=9)
    assert number is not None
    return number


def message(endpoint: int, subject: str | None, body: str = "{}") -> NewWebhookDelivery:
    return NewWebhookDelivery(
        endpoint=endpoint, topic="ORDER_CHANGED", shop="mini", subject=subject, body=body
    )


async def record(store: Store, *deliveries: NewWebhookDelivery) -> None:
    async with store.transaction() as transaction:
        await store.webhook_deliveries.record(transaction, deliveries)


async def claim(
    store: Store, endpoint: int, *, owner: str = "me", limit: int = 9
) -> list[ClaimedWebhookDelivery]:
    async with store.transaction() as transaction:
        return await store.webhook_deliveries.claim(
            transaction, owner, endpoint, lease=60, limit=limit
        )


async def settle(
    store: Store,
    delivery: ClaimedWebhookDelivery,
    settlement: WebhookSettlement,
    *,
    owner: str = "me",
) -> bool:
    async with store.transaction() as transaction:
        await store.webhook_endpoints.lock(transaction, delivery.endpoint)
        return await store.webhook_deliveries.settle(transaction, owner, delivery, settlement)
