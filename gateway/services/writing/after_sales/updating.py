"""Changes what is given of an after-sale."""

from typing import Any

from msgspec.structs import replace
from strawberry import UNSET

from gateway.outbox.intake import Command, CurrentState, Decision
from gateway.ports.writing.problems import Problems
from gateway.services.writing.after_sales.deciding import (
    coded,
    decision,
    named,
    order_of,
    stood,
    with_changed,
)
from gateway.services.writing.after_sales.inputs import after_sale_items
from gateway.services.writing.commands import CommandAt
from gateway.services.writing.input_parts import page
from gateway.services.writing.input_reader import InputReader
from gateway.services.writing.kept_order import Port
from schema.after_sale import AfterSaleKind, WritableAfterSaleStatus
from schema.inputs.after_sale import AfterSaleUpdateInput
from schema.key import Key


def update_task(
    given: AfterSaleUpdateInput, key: Key, port: Port, reader: InputReader
) -> CommandAt:
    """The command to change it.

    Raises:
        InputRefused: something of the input is wrong.
    """
    changes = _changes(given, reader)
    open_id = given.open_id if isinstance(given.open_id, str) else None
    if open_id is not None:
        reader.id(open_id, "openId")
    reader.problems.stop()

    def decide(known: CurrentState) -> Decision:
        document, personal = order_of(known, open_id, "id")
        changed = [replace(named(known, key.part, "id"), **changes)]
        operation = "AFTER_SALE_UPDATE"
        changed = coded(port, operation, document, personal, changed, Problems(), cut=2)
        after_sales = with_changed(known.after_sales, changed)
        document = stood(document, after_sales, None)
        return decision(operation, document, personal, after_sales, [key.part])

    command = Command(shop=key.shop, platform_id=key.platform_id, decide=decide)
    return CommandAt(at=(), command=command, keys=[key])


def _changes(given: AfterSaleUpdateInput, reader: InputReader) -> dict[str, Any]:
    """What is given, as the document's fields."""
    changes: dict[str, Any] = {"updated_at": reader.now}
    for name in ("status", "kind"):
        value: WritableAfterSaleStatus | AfterSaleKind | None = getattr(given, name)
        if value is None:
            message = "An after-sale is never without it: leave it out to keep it."
            reader.problems.add(message, name)
        elif value is not UNSET:
            changes[name] = value.name
    if given.refund is not UNSET:
        changes["refund"] = reader.perhaps_money(given.refund, "refund")
    if given.items is not UNSET:
        changes["items"] = after_sale_items(reader, given.items or (), "items")
    if given.updated_at is not UNSET and given.updated_at is not None:
        changes["updated_at"] = reader.second(given.updated_at, "updatedAt")
    if given.page is not UNSET:
        changes["page"] = page(given.page)
    return changes
