"""Mutations of bulk operations: imports of files, cancellation."""

import strawberry

from resolvers.guards import Info, root_field, writing_context
from schema.bulk_operation import BulkOperationPayload


@strawberry.type
class BulkOperationMutation:
    """Work on whole files."""

    @root_field(
        "Cancels a bulk operation that has not ended. A running one ends after the lines that are"
        " being processed; what it did stays done."
    )
    async def bulk_cancel(self, info: Info, id: strawberry.ID) -> BulkOperationPayload | None:
        """Cancel an operation."""
        context = writing_context(info, ())
        done = await context.services.bulk_operations.cancel(id, context.viewer)
        return BulkOperationPayload(operation=done.operation, user_errors=list(done.errors))
