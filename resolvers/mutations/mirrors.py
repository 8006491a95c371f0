"""Mutations that copy orders into other shops."""

import strawberry

from gateway.ports.writing.problems import InputRefused
from gateway.services.writing.mirrors import LinksResult, MirrorGiven
from gateway.services.writing.orders import OrderResult
from resolvers.guards import ORDERS_WRITE, Info, root_field, writing_context
from schema.inputs.order import BuyerLinkInput
from schema.order_details import BaiduOrderKind
from schema.payloads import BuyerLinksPayload, OrderPayload
from schema.scalars import DateTime


@strawberry.type
class MirrorMutation:
    """Mutations of mirrors: orders copied into other shops."""

    @root_field(
        "Copies an order of the WeChat Store into another shop's order list and keeps"
        " the copy in sync from then on; returns the copy. `openId` is the buyer's open"
        " id in the other shop's app and may be omitted if the buyer is linked. Until it"
        " is known the copy waits, PENDING. If the target platform has no equivalent of"
        " a status, the copy keeps its last one. Needs the scope orders:write."
    )
    async def order_mirror(  # noqa: PLR0913, PLR0917 - the contract's arguments
        self,
        info: Info,
        id: strawberry.ID,
        to_shop: str,
        open_id: str | None = None,
        kind: BaiduOrderKind | None = None,
        title: str | None = None,
        paid_at: DateTime | None = None,
    ) -> OrderPayload | None:
        """Copy an order into another shop."""
        context = writing_context(info, ORDERS_WRITE)
        given = MirrorGiven(open_id=open_id, kind=kind, title=title, paid_at=paid_at)
        try:
            done = await context.services.mirror_writing.mirror(
                id, to_shop, given, context.viewer, context.reading
            )
        except InputRefused as refused:
            done = OrderResult(errors=list(refused.errors))
        return OrderPayload(
            order=done.order, push=done.push, user_errors=done.errors, warnings=done.warnings
        )

    @root_field(
        "Ends the mirror that keeps this copy in step; the copy stays as it is, and stays a copy."
        " `orderMirror` begins it again. Deleting a copy ends its mirror, too. Needs the scope"
        " orders:write."
    )
    async def order_mirror_end(self, info: Info, id: strawberry.ID) -> OrderPayload | None:
        """End the mirror of a copy."""
        context = writing_context(info, ORDERS_WRITE)
        try:
            done = await context.services.mirror_writing.end(id, context.viewer, context.reading)
        except InputRefused as refused:
            done = OrderResult(errors=list(refused.errors))
        return OrderPayload(order=done.order, push=done.push, user_errors=done.errors, warnings=[])

    @root_field(
        "Links the open ids of one buyer in two shops, because an open id is valid only"
        " in its own app. Copies that were waiting for a link, PENDING, are sent now. Copies that"
        " an earlier link brought to another buyer are deleted there (on Baidu they become"
        " HIDDEN), and sent to this one. Needs the scope orders:write."
    )
    async def buyer_links_import(
        self, info: Info, shop: str, to_shop: str, links: list[BuyerLinkInput]
    ) -> BuyerLinksPayload | None:
        """Link buyers."""
        context = writing_context(info, ORDERS_WRITE)
        try:
            done = await context.services.mirror_writing.link(shop, to_shop, links, context.viewer)
        except InputRefused as refused:
            done = LinksResult(errors=list(refused.errors))
        return BuyerLinksPayload(
            linked=done.linked, released=done.released, user_errors=done.errors
        )

    @root_field(
        "Takes links back. Copies that they brought to buyers are deleted there (on Baidu they"
        " become HIDDEN), and wait for a new link. Needs the scope orders:write."
    )
    async def buyer_links_remove(
        self, info: Info, shop: str, to_shop: str, open_ids: list[str]
    ) -> BuyerLinksPayload | None:
        """Remove links of buyers."""
        context = writing_context(info, ORDERS_WRITE)
        writing = context.services.mirror_writing
        try:
            done = await writing.unlink(shop, to_shop, open_ids, context.viewer)
        except InputRefused as refused:
            done = LinksResult(errors=list(refused.errors))
        return BuyerLinksPayload(
            linked=done.linked, released=done.released, user_errors=done.errors
        )
