"""Root field of the audit log."""

import strawberry

from resolvers.arguments import page_size
from resolvers.guards import AUDIT, Info, context_for, root_field
from schema.audit_event import AuditEventConnection, AuditFilter


@strawberry.type
class AuditQueryFields:
    """The audit log."""

    @root_field(
        "The audit log, newest first. A key that is bound to shops sees what concerns one of them;"
        " what concerns none, such as a refused key, is shown to keys of all shops. Needs the scope"
        " audit:read."
    )
    async def audit_events(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        filter: AuditFilter | None = None,
    ) -> AuditEventConnection | None:
        """The events that the caller may see."""
        context = context_for(info, AUDIT)
        if context.audit is not None:
            # What this process did before is in the answer.
            await context.audit.flush()
        return await context.services.audit.page(filter, after, page_size(first), context.viewer)
