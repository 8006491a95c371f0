"""The audit log: who did what, and who read personal data."""

import strawberry

from schema.connection import Cursors
from schema.declare import derived, described, public_input, public_type
from schema.node import Node, PageInfo
from schema.scalars import DateTime


@public_type
class AuditEvent(Node):
    """Who did what, and who read personal data: appended, never changed.

    There is an event for each root field of a mutation, each answer with personal data, each
    refusal of a key or a scope, and each act of the command line. It holds no personal data.
    """

    at: DateTime = described("When it happened.")
    actor: str = described(
        "The name of the API key; `cli:` and the user of the system for the command line;"
        " `(unknown)` if the key was refused."
    )
    action: str = described(
        "The field of a mutation, such as `orderImport`; the root fields of a query, joined by"
        " `+`; the words of a command, such as `gateway erase buyer`; `authenticate` if a key was"
        " refused."
    )
    shops: list[str] = described("The keys of the shops that it concerns, of those you may see.")
    subject: strawberry.ID | None = described(
        "The id of what was changed, or the name of the key that a command changed; null for"
        " several things or none.",
        default=None,
    )
    revealed: int = described("The number of records with personal data that were shown.")
    outcome: str = described(
        "`OK`, or the code of the first error. `BEGUN` is written before a platform is asked for a"
        " change; another event of the same request has the outcome."
    )
    request_id: str = described("The `X-Request-Id` of the request.")
    remote_address: str | None = described(
        "The address of the client; null for the command line.", default=None
    )


@public_type
class AuditEventEdge:
    """An entry of an audit event connection."""

    cursor: str = described("Pass as `after` to get the entries that follow.")
    node: AuditEvent = described("The entry.")


@public_type
class AuditEventConnection:
    """One page of audit events."""

    cursors: strawberry.Private[Cursors]

    nodes: list[AuditEvent] = described("The entries of the page, without their cursors.")
    total_count: int | None = described(
        "The total number of entries; null unless the whole range was read.", default=None
    )

    @derived("The entries of the page, with their cursors.")
    def edges(self) -> list[AuditEventEdge]:
        """Each node with the cursor that follows it."""
        return [
            AuditEventEdge(node=node, cursor=self.cursors.at(i))
            for i, node in enumerate(self.nodes)
        ]

    @derived("The cursors and bounds of this page.")
    def page_info(self) -> PageInfo:
        """The cursors and bounds of this page."""
        return self.cursors.page_info(len(self.nodes))


@public_input
class AuditFilter:
    """Filters audit events; an omitted field matches all."""

    actors: list[str] | None = described("Only of these names.", default=None)
    actions: list[str] | None = described("Only these actions.", default=None)
    shops: list[str] | None = described(
        "Only what concerns one of these shops, by key.", default=None
    )
    from_: DateTime | None = described("At or after this time.", default=None, name="from")
    to: DateTime | None = described("At or before this time.", default=None)
