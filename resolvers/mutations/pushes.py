"""Operator actions on pushes: retry and discard."""

import strawberry

from resolvers.guards import OPS_WRITE, Info, root_field, writing_context
from schema.payloads import PushPayload


@strawberry.type
class PushMutation:
    """Operator actions on pushes."""

    @root_field(
        "Sends a push again at once: one that was rejected, has an unknown outcome, is"
        " dead, was discarded or is waiting. A push of an order carries the order's"
        " current state. Needs the scope ops:write."
    )
    async def push_retry(self, info: Info, id: strawberry.ID) -> PushPayload | None:
        """Retry a push."""
        context = writing_context(info, OPS_WRITE)
        done = await context.services.push_writing.retry(id, context.viewer)
        return PushPayload(push=done.push, user_errors=done.errors)

    @root_field("Discards a push: it is not sent again. Needs the scope ops:write.")
    async def push_discard(self, info: Info, id: strawberry.ID) -> PushPayload | None:
        """Discard a push."""
        context = writing_context(info, OPS_WRITE)
        done = await context.services.push_writing.discard(id, context.viewer)
        return PushPayload(push=done.push, user_errors=done.errors)
