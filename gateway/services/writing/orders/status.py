"""Sets where an order stands."""

from collections.abc import Callable

from msgspec.structs import replace

from gateway.outbox.intake import Command, CurrentState, Decision
from gateway.ports.writing.problems import Problems
from gateway.services.writing.input_reader import InputReader
from gateway.services.writing.kept_order import Port, kept_order
from gateway.services.writing.orders.deciding import decided
from gateway.services.writing.receipts import Path
from schema.inputs.order import OrderStatusInput
from schema.key import Key


def status_wish(
    given: OrderStatusInput, key: Key, port: Port, now: Callable[[], float], at: Path
) -> Command:
    """The command to set the status of an order."""

    def decide(known: CurrentState) -> Decision:
        document, personal = kept_order(known, *at, "id")
        document = replace(document, status=given.status.name, updated_at=int(now()))
        if given.open_id is not None:
            reader = InputReader(Problems().below(*at), int(now()))
            personal = replace(personal, open_id=reader.id(given.open_id, "openId"))
            reader.problems.stop()
        return decided(port, "ORDER_STATUS", document, personal, known, at)

    return Command(shop=key.shop, platform_id=key.platform_id, decide=decide)
