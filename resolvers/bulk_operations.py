"""Root fields of bulk operations."""

import strawberry

from resolvers.arguments import key_of, page_size
from resolvers.guards import Info, context_for, root_field
from schema.bulk_operation import BulkOperation, BulkOperationConnection


@strawberry.type
class BulkOperationQueryFields:
    """Imports and exports of whole files."""

    @root_field("A bulk operation by its id; null if it does not exist for this API key.")
    async def bulk_operation(self, info: Info, id: strawberry.ID) -> BulkOperation | None:
        """One operation of the caller."""
        context = context_for(info, ())
        key = key_of(id, "BulkOperation")
        (found,) = await context.services.bulk_operations.get_many([key], context.viewer)
        return found

    @root_field(
        "The bulk operations of this API key, newest first; those of all keys for a key of all"
        " shops with the scope ops:read."
    )
    async def bulk_operations(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> BulkOperationConnection | None:
        """The operations that the caller may see."""
        context = context_for(info, ())
        return await context.services.bulk_operations.page(after, page_size(first), context.viewer)
