"""Root field of the API keys."""

import strawberry

from resolvers.guards import OPS, Info, context_for, root_field
from schema.api_key import ApiKey


@strawberry.type
class ApiKeyQueryFields:
    """The API keys."""

    @root_field(
        "The valid API keys, oldest first: names, scopes and life, never a key. A key that is bound"
        " to shops sees the keys that share one of them. Needs the scope ops:read."
    )
    async def api_keys(self, info: Info) -> list[ApiKey] | None:
        """The keys that the caller may see."""
        context = context_for(info, OPS)
        return await context.services.api_keys.all(context.viewer)
