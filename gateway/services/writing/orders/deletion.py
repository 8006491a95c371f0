"""Deletes an order; where the platform cannot, hides it."""

from collections.abc import Callable

from msgspec.structs import replace

from gateway.outbox.intake import Command, CurrentState, Decision
from gateway.services.writing.kept_order import Port, kept_order
from gateway.services.writing.orders.deciding import decided
from gateway.services.writing.receipts import Path
from schema.key import Key
from schema.order_status import OrderStatus


def deletion_wish(key: Key, port: Port, now: Callable[[], float], at: Path) -> Command:
    """The command that there be no such order."""

    def decide(known: CurrentState) -> Decision:
        document, personal = kept_order(known, *at, "id")
        if port.deletes:
            return Decision(
                operation="ORDER_DELETE", document=document, personal=personal, deletes=True
            )
        hidden = replace(document, status=OrderStatus.HIDDEN.name, updated_at=int(now()))
        return decided(port, "ORDER_DELETE", hidden, personal, known, at)

    return Command(shop=key.shop, platform_id=key.platform_id, decide=decide)
