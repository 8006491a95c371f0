"""Root fields: the shops, the viewer, and objects of any type by id."""

from typing import cast

import strawberry
from graphql import FieldNode

from gateway.errors import ClientError
from resolvers.arguments import key_of
from resolvers.context import Context
from resolvers.guards import Info, root_field
from schema.declare import selected_field
from schema.key import Key
from schema.node import Node
from schema.platform import Platform
from schema.scope import scopes_of
from schema.shop import Shop, Viewer


def _key_or_error(context: Context, field: FieldNode, text: str) -> Key | ClientError | None:
    """The key encoded in an id; None or an error in its place, so that other ids resolve."""
    try:
        key = key_of(text)
        return key if context.permits(field, scopes_of(key)) else None
    except ClientError as refused:
        return refused


@strawberry.type
class ShopQueryFields:
    """Queries of shops, the viewer, and objects of any type by id."""

    @root_field(
        "An object of any type by its id; null if it does not exist or the API key"
        " cannot see it. Needs the scope that reading the object directly needs."
    )
    async def node(self, info: Info, id: strawberry.ID) -> Node | None:
        """One object by its id."""
        key = key_of(id)
        if not info.context.permits(selected_field(info), scopes_of(key)):
            return None
        found: Node | None = await info.context.related("node", key, info.path)
        return found

    @root_field(
        "Several objects by their ids, in the order given; null for those that do not exist."
    )
    async def nodes(self, info: Info, ids: list[strawberry.ID]) -> list[Node | None]:
        """Several objects by their ids."""
        field = selected_field(info)
        places = [_key_or_error(info.context, field, text) for text in ids]
        keys = [place for place in places if isinstance(place, Key)]
        loader = info.context.loaders.node
        found = dict(zip(keys, await loader.fetch(keys), strict=True))
        for index, place in enumerate(places):
            if isinstance(place, Key) and (read := loader.stale.get(place)) is not None:
                info.context.note_stale(info.path.add_key(index), read)
        # An error in the list is reported at its path, and its entry is null.
        return cast(
            list[Node | None],
            [found[place] if isinstance(place, Key) else place for place in places],
        )

    @root_field("The caller: the API key's name, scopes and shops.")
    async def viewer(self, info: Info) -> Viewer:
        """The caller."""
        context = info.context
        return Viewer(
            name=context.viewer.name,
            scopes=sorted(context.viewer.scopes),
            shops=[adapter.shop for adapter in context.services.directory.all(context.viewer)],
        )

    @root_field("The shops that the API key can see, in the order of the configuration.")
    async def shops(self, info: Info, platform: Platform | None = None) -> list[Shop]:
        """All shops, or those of one platform."""
        context = info.context
        platforms = None if platform is None else [platform]
        chosen = context.services.directory.select(context.viewer, None, platforms)
        return [adapter.shop for adapter in chosen]

    @root_field(
        "One shop by the key that the configuration gives it; null if it does not exist"
        " or the API key cannot see it."
    )
    async def shop(self, info: Info, key: str) -> Shop | None:
        """One shop; None if it does not exist or the API key cannot see it."""
        found = info.context.services.directory.find(key, info.context.viewer)
        return found.shop if found is not None else None
