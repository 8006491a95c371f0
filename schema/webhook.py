"""Webhooks to integrators: endpoints, and what is delivered to them."""

from enum import Enum

import strawberry
from strawberry import UNSET, Info

from schema.connection import Cursors
from schema.context import RequestContext
from schema.declare import (
    derived,
    described,
    means,
    public_enum,
    public_input,
    public_type,
    selected_field,
)
from schema.errors import UserError
from schema.node import Node, PageInfo
from schema.scalars import DateTime
from schema.scope import Scope


@public_enum
class WebhookTopic(Enum):
    """What an endpoint is told of; each needs the scopes of its API key that are named."""

    ORDER_CHANGED = means("ORDER_CHANGED", "An order changed. Needs the scope orders:read.")
    AFTER_SALE_CHANGED = means(
        "AFTER_SALE_CHANGED", "An after-sale changed. Needs the scope orders:read."
    )
    PRODUCT_CHANGED = means("PRODUCT_CHANGED", "A product changed. Needs the scope catalog:read.")
    PUSH_FAILED = means(
        "PUSH_FAILED",
        "A push was rejected, has an unknown outcome or is dead. Needs the scope ops:read.",
    )
    SHOP_HEALTH_CHANGED = means(
        "SHOP_HEALTH_CHANGED",
        "A shop's platform began to fail, or works again. Needs the scope ops:read.",
    )
    BULK_OPERATION_FINISHED = means(
        "BULK_OPERATION_FINISHED", "A bulk operation of the endpoint's API key ended."
    )


@public_enum
class WebhookDeliveryState(Enum):
    """The state of a delivery to an endpoint."""

    PENDING = means("PENDING", "It is sent, and sent again after failures, for three days.")
    DELIVERED = means("DELIVERED", "The endpoint answered with a status of 2xx.")
    DEAD = means("DEAD", "Dead letter: given up; see `lastError`. Use `webhookDeliveryRetry`.")


@public_type
class WebhookEndpoint(Node):
    """An integrator's address that is told what changes.

    Each message is signed by the Standard Webhooks specification. It has ids, what changed and a
    cursor, never personal data. It is sent at least once, and messages about the same object in
    their order. An endpoint has the rights of the API key that made it, at each delivery.
    """

    url: str = described("Where messages are posted to.")
    topics: list[WebhookTopic] = described("What it is told of.")
    shops: list[str] | None = described(
        "The shops that it is told of, by key; null: all that its API key can see.", default=None
    )
    enabled: bool = described("Whether messages are recorded for it and sent.")
    created_at: DateTime = described("When it was made.")
    disabled_reason: str | None = described(
        "Why the gateway turned it off, such as five days without a success; null if it did not."
        " `webhookEndpointUpdate` with `enabled: true` turns it on again.",
        default=None,
    )

    @derived(
        "What was sent to it or waits to be, newest first. Needs the scope ops:read.",
        needs=(Scope.OPS_READ,),
    )
    async def deliveries(
        self,
        info: Info[RequestContext, None],
        first: int | None = None,
        after: str | None = None,
        states: list[WebhookDeliveryState] | None = None,
    ) -> "WebhookDeliveryConnection | None":
        """The deliveries to this endpoint, newest first."""
        if not info.context.permits(selected_field(info), (Scope.OPS_READ,)):
            return None
        return await info.context.lists.endpoint_deliveries(first, after, states, self)


@public_type
class WebhookDelivery(Node):
    """One message for one endpoint.

    Those about the same object are sent one after the other. A dead letter does not hold up those
    that follow it.
    """

    endpoint: WebhookEndpoint = described("The endpoint that it is for.")
    subject: strawberry.ID | None = described(
        "The id of what changed; null if it is a test, or if you cannot see its shop.",
        default=None,
    )
    topic: WebhookTopic = described("What it tells of.")
    state: WebhookDeliveryState = described("Its current state.")
    attempts: int = described("The number of attempts so far.")
    queued_at: DateTime = described("When it was recorded, or last retried by hand.")
    delivered_at: DateTime | None = described(
        "When the endpoint accepted it; null until then.", default=None
    )
    next_attempt_at: DateTime | None = described(
        "When it is sent next; null if it is not waiting for an attempt, but for the message before"
        " it.",
        default=None,
    )
    last_status: int | None = described(
        "The HTTP status that the last attempt was answered with; null if there was no answer.",
        default=None,
    )
    last_error: str | None = described(
        "Why the last attempt failed; null if it did not.", default=None
    )


@public_type
class WebhookDeliveryEdge:
    """An entry of a webhook delivery connection."""

    cursor: str = described("Pass as `after` to get the entries that follow.")
    node: WebhookDelivery = described("The entry.")


@public_type
class WebhookDeliveryConnection:
    """One page of webhook deliveries."""

    cursors: strawberry.Private[Cursors]

    nodes: list[WebhookDelivery] = described("The entries of the page, without their cursors.")
    total_count: int | None = described(
        "The total number of entries; null if there are more than 10,000.", default=None
    )

    @derived("The entries of the page, with their cursors.")
    def edges(self) -> list[WebhookDeliveryEdge]:
        """Each node with the cursor that follows it."""
        return [
            WebhookDeliveryEdge(node=node, cursor=self.cursors.at(i))
            for i, node in enumerate(self.nodes)
        ]

    @derived("The cursors and bounds of this page.")
    def page_info(self) -> PageInfo:
        """The cursors and bounds of this page."""
        return self.cursors.page_info(len(self.nodes))


@public_input
class WebhookEndpointInput:
    """An endpoint to make, or the changes to one.

    A new one needs `url` and `topics`. Of one that exists, what is omitted stays as it is.
    """

    url: str | None = described(
        "Where messages are posted to, with https. A path that is hard to guess is a good"
        " addition: it is shown to those who can see the endpoint alone.",
        default=None,
    )
    topics: list[WebhookTopic] | None = described("What it is told of.", default=None)
    shops: list[str] | None = described(
        "The shops that it is told of, by key; null: all that the API key can see.", default=UNSET
    )
    enabled: bool | None = described(
        "Whether it is turned on; a new one is, unless this is false. One that is turned on again"
        " is sent what waited, and is told of what changes from then on.",
        default=None,
    )


@public_type
class WebhookEndpointPayload:
    """The result of a change to a webhook endpoint."""

    endpoint: WebhookEndpoint | None = described(
        "The endpoint; null if nothing was changed.", default=None
    )
    secret: str | None = described(
        "The new secret with which messages are signed, for the libraries of the Standard Webhooks"
        " specification; shown once, null if it was not changed.",
        default=None,
    )
    user_errors: list[UserError] = described("Errors that the caller can fix; empty on success.")
