"""Root fields: the shops, the caller, and anything by its id."""

import strawberry

from resolvers.arguments import at_most, key_of
from resolvers.guards import Asked, root_field
from schema.declare import selected_field
from schema.node import Node
from schema.platform import Platform
from schema.scope import scopes_of
from schema.shop import Shop
from schema.viewer import Viewer


@strawberry.type
class ShopQuery:
    """The shops, the caller, and anything by its id."""

    @root_field("Anything that has an id; null where there is no such thing for this key.")
    async def node(self, info: Asked, id: strawberry.ID) -> Node | None:
        """One thing by its id."""
        key = key_of(id)
        if not info.context.permits(selected_field(info), scopes_of(key)):
            return None
        found: Node | None = await info.context.loaders.node.load(key)
        return found

    @root_field("Several things by their ids, in the order asked; null for those that are gone.")
    async def nodes(self, info: Asked, ids: list[strawberry.ID]) -> list[Node | None]:
        """Several things by their ids."""
        keys = [key_of(text) for text in at_most(ids)]
        field = selected_field(info)
        allowed = [key for key in keys if info.context.permits(field, scopes_of(key))]
        found = dict(zip(allowed, await info.context.loaders.node.load_many(allowed), strict=True))
        return [found.get(key) for key in keys]

    @root_field("Who asks: the key's name, its scopes, and the shops that it is bound to.")
    async def viewer(self, info: Asked) -> Viewer:
        """The holder of the key."""
        context = info.context
        return Viewer(
            name=context.viewer.name,
            scopes=sorted(context.viewer.scopes),
            shops=[adapter.shop for adapter in context.services.directory.all(context.viewer)],
        )

    @root_field("The shops of this key, in the order of the configuration.")
    async def shops(self, info: Asked, platform: Platform | None = None) -> list[Shop]:
        """All shops, or those of one platform."""
        context = info.context
        platforms = None if platform is None else [platform]
        chosen = context.services.directory.select(context.viewer, None, platforms)
        return [adapter.shop for adapter in chosen]

    @root_field("One shop by the key that the configuration gives it.")
    async def shop(self, info: Asked, key: str) -> Shop | None:
        """One shop; None where there is none for this key."""
        found = info.context.services.directory.find(key, info.context.viewer)
        return found.shop if found is not None else None
