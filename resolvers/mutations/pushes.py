"""Root fields by which an operator deals with pushes."""

import strawberry

from resolvers.guards import OPS_WRITE, Info, root_field, writing_context
from schema.payloads import PushPayload


@strawberry.type
class PushMutation:
    """What an operator may do with pushes."""

    @root_field(
        "Sends a push again that was refused, given up, discarded or is waiting, at once. The push"
        " of an order carries the order as it is now. Needs the scope ops:write."
    )
    async def push_retry(self, info: Info, id: strawberry.ID) -> PushPayload | None:
        """Send a push again."""
        context = writing_context(info, OPS_WRITE)
        done = await context.services.push_writing.retry(id, context.viewer)
        return PushPayload(push=done.push, user_errors=done.errors)

    @root_field("Gives a push up: it is not sent any more. Needs the scope ops:write.")
    async def push_discard(self, info: Info, id: strawberry.ID) -> PushPayload | None:
        """Give a push up."""
        context = writing_context(info, OPS_WRITE)
        done = await context.services.push_writing.discard(id, context.viewer)
        return PushPayload(push=done.push, user_errors=done.errors)
