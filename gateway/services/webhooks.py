"""Webhook endpoints of a viewer, and what was delivered to them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import strawberry

from gateway.errors import BadUserInput
from gateway.services.cursor import NO_CURSOR
from gateway.services.viewer import Viewer
from gateway.store.row_numbers import WEBHOOK_DELIVERIES, WEBHOOK_ENDPOINTS
from gateway.store.store import Store
from gateway.store.webhook_deliveries import StoredWebhookDelivery, WebhookDeliveryQuery
from gateway.store.webhook_endpoints import StoredWebhookEndpoint
from schema.connection import Cursors
from schema.key import Key
from schema.scope import Scope
from schema.webhook import (
    WebhookDelivery,
    WebhookDeliveryConnection,
    WebhookDeliveryState,
    WebhookEndpoint,
    WebhookTopic,
)

#: In the ids of endpoints and deliveries, which belong to no shop: none has this key.
_NO_SHOP = "*"


class WebhookService:
    """Shows a viewer the endpoints that its API key made.

    A viewer of all shops with ops:read sees those of every key.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def all(self, viewer: Viewer) -> list[WebhookEndpoint]:
        """The endpoints, oldest first.

        Raises:
            StoreUnavailable: they cannot be read.
        """
        found = await self._store.webhook_endpoints.all(
            None if _sees_all(viewer) else viewer.key_id
        )
        return [self._endpoint(stored) for stored in found]

    async def endpoints(self, keys: Sequence[Key], viewer: Viewer) -> list[WebhookEndpoint | None]:
        """Endpoints in the order of their keys; None if the viewer cannot see them."""
        numbers = [self.endpoint_number(key) for key in keys]
        seen = await self._seen(numbers, viewer)
        return [None if number is None else seen.get(number) for number in numbers]

    async def deliveries(self, keys: Sequence[Key], viewer: Viewer) -> list[WebhookDelivery | None]:
        """Deliveries in the order of their keys; None if the viewer cannot see their endpoints."""
        numbers = [self.delivery_number(key) for key in keys]
        found = await self._store.webhook_deliveries.get_many(
            {number for number in numbers if number is not None}
        )
        seen = await self._seen({stored.endpoint for stored in found.values()}, viewer)
        shown = {
            number: self._delivery(stored, seen[stored.endpoint], viewer)
            for number, stored in found.items()
            if stored.endpoint in seen
        }
        return [None if number is None else shown.get(number) for number in numbers]

    async def of_endpoint(
        self,
        endpoint: WebhookEndpoint,
        states: Sequence[WebhookDeliveryState] | None,
        after: str | None,
        first: int,
        viewer: Viewer,
    ) -> WebhookDeliveryConnection:
        """The deliveries to an endpoint that the viewer sees, newest first.

        Raises:
            BadUserInput: a malformed cursor.
            StoreUnavailable: they cannot be read.
        """
        number = self.endpoint_number(endpoint.key)
        query = WebhookDeliveryQuery(
            endpoints=[] if number is None else [number],
            states=None if states is None else [state.name for state in states],
        )
        return await self._page(
            query, {} if number is None else {number: endpoint}, after, first, viewer
        )

    async def of_subject(
        self, subject: Key, after: str | None, first: int, viewer: Viewer
    ) -> WebhookDeliveryConnection:
        """The deliveries about an object to all endpoints that the viewer sees, newest first.

        Raises:
            BadUserInput: a malformed cursor.
            StoreUnavailable: they cannot be read.
        """
        seen = {
            number: endpoint
            for endpoint in await self.all(viewer)
            if (number := self.endpoint_number(endpoint.key)) is not None
        }
        query = WebhookDeliveryQuery(endpoints=list(seen), subject=subject.encode())
        return await self._page(query, seen, after, first, viewer)

    async def _page(
        self,
        query: WebhookDeliveryQuery,
        seen: Mapping[int, WebhookEndpoint],
        after: str | None,
        first: int,
        viewer: Viewer,
    ) -> WebhookDeliveryConnection:
        place = None
        if after is not None:
            place = self._store.row_numbers.reveal(WEBHOOK_DELIVERIES, after)
            if place is None:
                raise BadUserInput(NO_CURSOR)
        found: list[StoredWebhookDelivery] = []
        total: int | None = 0
        if query.endpoints:
            found = await self._store.webhook_deliveries.page(query, after=place, limit=first + 1)
            total = await self._store.webhook_deliveries.count(query)
        nodes = [self._delivery(one, seen[one.endpoint], viewer) for one in found[:first]]
        return WebhookDeliveryConnection(
            nodes=nodes,
            total_count=total,
            cursors=Cursors(
                at=lambda index: nodes[index].key.platform_id,
                has_next_page=len(found) > first,
                has_previous_page=after is not None,
            ),
        )

    def endpoint_number(self, key: Key) -> int | None:
        """The number of an endpoint; None if there can be no such endpoint."""
        return self._number(WEBHOOK_ENDPOINTS, key)

    def delivery_number(self, key: Key) -> int | None:
        """The number of a delivery; None if there can be no such delivery."""
        return self._number(WEBHOOK_DELIVERIES, key)

    def endpoint_key(self, number: int) -> Key:
        """The key of the endpoint of this number."""
        concealed = self._store.row_numbers.conceal(WEBHOOK_ENDPOINTS, number)
        return Key("WebhookEndpoint", _NO_SHOP, concealed)

    def _number(self, table: str, key: Key) -> int | None:
        if key.shop != _NO_SHOP:
            return None
        return self._store.row_numbers.reveal(table, key.platform_id)

    async def _seen(
        self, numbers: Sequence[int | None] | set[int], viewer: Viewer
    ) -> dict[int, WebhookEndpoint]:
        found = await self._store.webhook_endpoints.get_many(
            {number for number in numbers if number is not None}
        )
        return {
            number: self._endpoint(stored)
            for number, stored in found.items()
            if stored.key_id == viewer.key_id or _sees_all(viewer)
        }

    def _endpoint(self, stored: StoredWebhookEndpoint) -> WebhookEndpoint:
        return WebhookEndpoint(
            key=self.endpoint_key(stored.id),
            url=stored.url,
            topics=[topic for topic in WebhookTopic if topic.name in stored.topics],
            shops=None if stored.shops is None else sorted(stored.shops),
            enabled=stored.enabled,
            created_at=_moment(stored.created_at),
            disabled_reason=stored.disabled_reason,
        )

    def _delivery(
        self, stored: StoredWebhookDelivery, endpoint: WebhookEndpoint, viewer: Viewer
    ) -> WebhookDelivery:
        concealed = self._store.row_numbers.conceal(WEBHOOK_DELIVERIES, stored.id)
        shown = stored.shop is None or viewer.sees(stored.shop)
        return WebhookDelivery(
            key=Key("WebhookDelivery", _NO_SHOP, concealed),
            endpoint=endpoint,
            subject=strawberry.ID(stored.subject) if shown and stored.subject else None,
            topic=WebhookTopic[stored.topic],
            state=WebhookDeliveryState[stored.state],
            attempts=stored.attempts,
            queued_at=_moment(stored.queued_at),
            delivered_at=_perhaps(stored.delivered_at),
            next_attempt_at=_perhaps(stored.next_attempt_at),
            last_status=stored.last_status,
            last_error=stored.last_error,
        )


def _sees_all(viewer: Viewer) -> bool:
    return viewer.bound_to is None and Scope.OPS_READ in viewer.scopes


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _perhaps(seconds: float | None) -> datetime | None:
    return None if seconds is None else _moment(seconds)
