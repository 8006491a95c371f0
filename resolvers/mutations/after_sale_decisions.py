"""Mutations that decide on after-sales which the platform itself keeps."""

import strawberry

from gateway.services.writing.write_result import WriteResult
from resolvers.guards import ORDERS_WRITE, REFUNDS_WRITE, Info, root_field, writing_context
from schema.after_sale import AfterSale
from schema.inputs.after_sale import (
    AfterSaleAcceptInput,
    AfterSaleNegotiateInput,
    AfterSaleRejectInput,
)
from schema.payloads import AfterSalePayload


@strawberry.type
class AfterSaleDecisionMutation:
    """Decisions on after-sales."""

    @root_field(
        "Accepts an after-sale: a refund is paid at once, an exchange is agreed to, a return is"
        " agreed to (`step` AGREE) or, when the goods are back, paid (`step` PAY). CONFLICT where"
        " its status does not allow it. The refund counts against the limit of the API key. Needs"
        " the scope refunds:write."
    )
    async def after_sale_accept(
        self, info: Info, input: AfterSaleAcceptInput
    ) -> AfterSalePayload | None:
        """Accept an after-sale."""
        context = writing_context(info, REFUNDS_WRITE)
        done = await context.services.after_sale_decisions.accept(
            input, context.viewer, context.reading
        )
        return _payload(done)

    @root_field(
        "Rejects an after-sale, or to send the goods of an exchange that came back. CONFLICT where"
        " its status does not allow it. Needs the scope orders:write."
    )
    async def after_sale_reject(
        self, info: Info, input: AfterSaleRejectInput
    ) -> AfterSalePayload | None:
        """Reject an after-sale."""
        context = writing_context(info, ORDERS_WRITE)
        done = await context.services.after_sale_decisions.reject(
            input, context.viewer, context.reading
        )
        return _payload(done)

    @root_field(
        "Asks the buyer to withdraw an after-sale, to prove it, or to agree to another kind or"
        " refund. Needs the scope orders:write."
    )
    async def after_sale_negotiate(
        self, info: Info, input: AfterSaleNegotiateInput
    ) -> AfterSalePayload | None:
        """Negotiate an after-sale."""
        context = writing_context(info, ORDERS_WRITE)
        done = await context.services.after_sale_decisions.negotiate(
            input, context.viewer, context.reading
        )
        return _payload(done)

    @root_field(
        "Adds pictures that prove a refund which was made outside the platform. Needs the scope"
        " orders:write."
    )
    async def after_sale_add_certificates(
        self, info: Info, id: strawberry.ID, images: list[str], text: str
    ) -> AfterSalePayload | None:
        """Prove a refund."""
        context = writing_context(info, ORDERS_WRITE)
        done = await context.services.after_sale_decisions.add_certificates(
            id, images, text, context.viewer, context.reading
        )
        return _payload(done)

    @root_field(
        "Reports the parcel with the new goods of an exchange. Needs the scope orders:write."
    )
    async def after_sale_ship_exchange(
        self, info: Info, id: strawberry.ID, carrier: str, tracking_number: str
    ) -> AfterSalePayload | None:
        """Ship an exchange."""
        context = writing_context(info, ORDERS_WRITE)
        done = await context.services.after_sale_decisions.ship_exchange(
            id, carrier, tracking_number, context.viewer, context.reading
        )
        return _payload(done)


def _payload(done: WriteResult[AfterSale]) -> AfterSalePayload:
    return AfterSalePayload(after_sale=done.value, user_errors=done.errors, warnings=done.warnings)
