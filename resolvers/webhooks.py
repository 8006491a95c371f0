"""Root field of the webhook endpoints."""

import strawberry

from resolvers.guards import OPS, Info, context_for, root_field
from schema.webhook import WebhookEndpoint


@strawberry.type
class WebhookQueryFields:
    """The addresses of integrators that are told what changes."""

    @root_field(
        "The webhook endpoints of this API key, oldest first; those of all keys for a key of all"
        " shops. Needs the scope ops:read."
    )
    async def webhook_endpoints(self, info: Info) -> list[WebhookEndpoint] | None:
        """The endpoints that the caller may see."""
        context = context_for(info, OPS)
        return await context.services.webhooks.all(context.viewer)
