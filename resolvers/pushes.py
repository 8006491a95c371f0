"""Root fields of pushes: data sent to platforms."""

import strawberry

from resolvers.arguments import page_size
from resolvers.guards import OPS, Info, context_for, root_field
from schema.push import PushConnection, PushFilter


@strawberry.type
class PushQueryFields:
    """Data sent to platforms that keep their own copy."""

    @root_field("Pushes to platforms and their outcomes, newest first. Needs the scope ops:read.")
    async def pushes(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        filter: PushFilter | None = None,
    ) -> PushConnection | None:
        """The pushes of the caller's shops."""
        context = context_for(info, OPS)
        return await context.services.pushes.page(filter, after, page_size(first), context.viewer)
