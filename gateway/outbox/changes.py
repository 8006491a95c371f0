"""Changes that a command makes, as the feed records them: of its order, and of its after-sales."""

from dataclasses import replace

from msgspec import structs

from gateway.ledger.shipments import shipment_numbers
from gateway.outbox.command import Command, CurrentState, Decision
from gateway.store.object_changes import NewObjectChange
from gateway.store.order_changes import NewOrderChange


def order_change(command: Command, state: CurrentState, decision: Decision) -> NewOrderChange:
    """The change of the order: what it tells is what was not there before."""
    before, after = state.order.document if state.order else None, decision.document
    new = NewOrderChange(
        shop=command.shop,
        platform_id=command.platform_id,
        status=None if decision.deletes else after.status,
        previous_status=before.status if before else None,
        cause="DELETED" if decision.deletes else decision.cause,
        open_id=decision.personal.open_id if decision.personal else None,
        created_at=after.created_at,
    )
    if decision.deletes:
        return new
    was_paid = before is not None and before.payment is not None and before.payment.paid
    paid = after.payment is not None and after.payment.paid and not was_paid
    sent = [
        structs.replace(shipment, number=number)
        for number, shipment in zip(shipment_numbers(after.shipments), after.shipments, strict=True)
        if before is None or shipment not in before.shipments
    ]
    return replace(
        new,
        platform_status=after.platform_status,
        paid_at=after.payment.paid_at if after.payment is not None and paid else None,
        shipment=sent[-1] if sent else None,
    )


def after_sale_changes(
    command: Command, state: CurrentState, decision: Decision
) -> list[NewObjectChange]:
    """The after-sales that are new, have another status, or are gone."""
    given = decision.after_sales
    if given is None or decision.deletes:
        return []
    before = {one.platform_id: one.status for one in state.after_sales}
    after = {one.platform_id: one.status for one in given}
    return [
        NewObjectChange(
            kind="AfterSale",
            shop=command.shop,
            platform_id=name,
            order_id=command.platform_id,
            status=after.get(name),
            previous_status=before.get(name),
            cause=decision.cause if name in after else "DELETED",
        )
        for name in dict.fromkeys((*after, *before))
        if after.get(name) != before.get(name)
    ]
