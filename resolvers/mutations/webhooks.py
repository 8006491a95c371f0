"""Mutations of webhook endpoints and their deliveries."""

import strawberry

from gateway.services.writing.webhook_endpoints import WebhookResult
from resolvers.guards import OPS_WRITE, Info, root_field, writing_context
from schema.payloads import DeletePayload
from schema.webhook import WebhookEndpointInput, WebhookEndpointPayload


@strawberry.type
class WebhookMutation:
    """Mutations of webhook endpoints."""

    @root_field(
        "Makes an endpoint that is told what changes from now on. Its `secret` is shown once: with"
        " it a receiver verifies each message by the Standard Webhooks specification. The URL has"
        " to be of https and of a host on the public Internet, unless the configuration allows its"
        " network. An API key has 20 endpoints at most. Needs the scope ops:write."
    )
    async def webhook_endpoint_create(
        self, info: Info, input: WebhookEndpointInput
    ) -> WebhookEndpointPayload | None:
        """Make an endpoint."""
        context = writing_context(info, OPS_WRITE)
        writing = context.services.webhook_endpoint_writing
        return _payload(await writing.create(input, context.viewer))

    @root_field(
        "Changes an endpoint: what is omitted stays as it is. What was recorded before is sent to"
        " the new URL. Needs the scope ops:write."
    )
    async def webhook_endpoint_update(
        self, info: Info, id: strawberry.ID, input: WebhookEndpointInput
    ) -> WebhookEndpointPayload | None:
        """Change an endpoint."""
        context = writing_context(info, OPS_WRITE)
        writing = context.services.webhook_endpoint_writing
        return _payload(await writing.update(id, input, context.viewer))

    @root_field(
        "Replaces the secret of an endpoint, and shows the new one once. For 24 hours messages are"
        " signed with both, so that receivers can change theirs meanwhile. Needs the scope"
        " ops:write."
    )
    async def webhook_endpoint_rotate_secret(
        self, info: Info, id: strawberry.ID
    ) -> WebhookEndpointPayload | None:
        """Replace a secret."""
        context = writing_context(info, OPS_WRITE)
        writing = context.services.webhook_endpoint_writing
        return _payload(await writing.rotate_secret(id, context.viewer))

    @root_field(
        "Deletes an endpoint: what waits for it is not sent any more. Needs the scope ops:write."
    )
    async def webhook_endpoint_delete(self, info: Info, id: strawberry.ID) -> DeletePayload | None:
        """Delete an endpoint."""
        context = writing_context(info, OPS_WRITE)
        done = await context.services.webhook_endpoint_writing.delete(id, context.viewer)
        return DeletePayload(deleted_id=None if done.errors else id, user_errors=done.errors)

    @root_field(
        "Sends one message of each topic of an endpoint, with invented contents and `test: true`;"
        " `deliveries` shows what became of them. Needs the scope ops:write."
    )
    async def webhook_endpoint_test(
        self, info: Info, id: strawberry.ID
    ) -> WebhookEndpointPayload | None:
        """Test an endpoint."""
        context = writing_context(info, OPS_WRITE)
        return _payload(await context.services.webhook_endpoint_writing.test(id, context.viewer))

    @root_field(
        "Sends a delivery again that is DEAD: at once, or after those about the same object that"
        " wait. Needs the scope ops:write."
    )
    async def webhook_delivery_retry(
        self, info: Info, id: strawberry.ID
    ) -> WebhookEndpointPayload | None:
        """Retry a dead letter."""
        context = writing_context(info, OPS_WRITE)
        done = await context.services.webhook_endpoint_writing.retry(id, context.viewer)
        return _payload(done)


def _payload(done: WebhookResult) -> WebhookEndpointPayload:
    return WebhookEndpointPayload(
        endpoint=done.endpoint, secret=done.secret, user_errors=done.errors
    )
