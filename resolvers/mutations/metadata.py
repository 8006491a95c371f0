"""Mutation of metadata."""

from collections.abc import Mapping
from typing import Final

import strawberry

from resolvers.guards import CATALOG_WRITE, ORDERS_WRITE, Info, root_field, writing_context
from schema.key import Key, MalformedId
from schema.metadata import MetadataInput
from schema.payloads import MetadataPayload
from schema.scope import Scope

_SCOPES: Final[Mapping[str, tuple[Scope, ...]]] = {"Product": CATALOG_WRITE}


@strawberry.type
class MetadataMutation:
    """Sets metadata."""

    @root_field(
        "Sets keys and values of your own on an order or a product: replaces the values of these"
        " keys; an empty value removes its key. An object has at most 50 keys. Deleted with the"
        " order or product, and with the data of the order's buyer. Of a product it needs"
        " catalog:write instead. Needs the scope orders:write."
    )
    async def metadata_set(
        self, info: Info, id: strawberry.ID, items: list[MetadataInput]
    ) -> MetadataPayload | None:
        """Set metadata."""
        context = writing_context(info, _scopes(id))
        done = await context.services.metadata_writing.set(
            id, items, context.viewer, context.reading
        )
        return MetadataPayload(metadata=list(done.items), user_errors=done.errors)


def _scopes(id_: str) -> tuple[Scope, ...]:
    """The scope that changing the object needs."""
    try:
        kind = Key.decode(id_).kind
    except MalformedId:
        kind = ""
    return _SCOPES.get(kind, ORDERS_WRITE)
