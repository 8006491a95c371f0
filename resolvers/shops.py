"""Root fields: the shops, the caller, and anything by its id."""

from typing import cast

import strawberry
from graphql import FieldNode

from gateway.errors import ClientError
from resolvers.arguments import at_most, key_of
from resolvers.context import Context
from resolvers.guards import Info, root_field
from schema.declare import selected_field
from schema.key import Key
from schema.node import Node
from schema.platform import Platform
from schema.scope import scopes_of
from schema.shop import Shop, Viewer


def _askable(context: Context, field: FieldNode, text: str) -> Key | ClientError | None:
    """The key inside an id, or what stands in its place: the rest is none the worse."""
    try:
        key = key_of(text)
        return key if context.permits(field, scopes_of(key)) else None
    except ClientError as refused:
        return refused


@strawberry.type
class ShopQuery:
    """The shops, the caller, and anything by its id."""

    @root_field("Anything that has an id; null where there is no such thing for this key.")
    async def node(self, info: Info, id: strawberry.ID) -> Node | None:
        """One thing by its id."""
        key = key_of(id)
        if not info.context.permits(selected_field(info), scopes_of(key)):
            return None
        found: Node | None = await info.context.loaders.node.load(key)
        return found

    @root_field("Several things by their ids, in the order asked; null for those that are gone.")
    async def nodes(self, info: Info, ids: list[strawberry.ID]) -> list[Node | None]:
        """Several things by their ids."""
        field = selected_field(info)
        places = [_askable(info.context, field, text) for text in at_most(ids)]
        keys = [place for place in places if isinstance(place, Key)]
        found = dict(zip(keys, await info.context.loaders.node.fetch(keys), strict=True))
        # What is an error in its place is told there, and becomes null.
        return cast(
            list[Node | None],
            [found[place] if isinstance(place, Key) else place for place in places],
        )

    @root_field("Who asks: the key's name, its scopes, and the shops that it is bound to.")
    async def viewer(self, info: Info) -> Viewer:
        """The holder of the key."""
        context = info.context
        return Viewer(
            name=context.viewer.name,
            scopes=sorted(context.viewer.scopes),
            shops=[adapter.shop for adapter in context.services.directory.all(context.viewer)],
        )

    @root_field("The shops of this key, in the order of the configuration.")
    async def shops(self, info: Info, platform: Platform | None = None) -> list[Shop]:
        """All shops, or those of one platform."""
        context = info.context
        platforms = None if platform is None else [platform]
        chosen = context.services.directory.select(context.viewer, None, platforms)
        return [adapter.shop for adapter in chosen]

    @root_field("One shop by the key that the configuration gives it.")
    async def shop(self, info: Info, key: str) -> Shop | None:
        """One shop; None where there is none for this key."""
        found = info.context.services.directory.find(key, info.context.viewer)
        return found.shop if found is not None else None
