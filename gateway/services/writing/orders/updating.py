"""Changes what is given of an order."""

from collections.abc import Callable

from gateway.outbox.intake import Command, CurrentState, Decision
from gateway.ports.writing.problems import Problems
from gateway.services.writing.input_reader import InputReader
from gateway.services.writing.kept_order import Port, kept_order
from gateway.services.writing.orders.changes import camel, changed, given_fields
from gateway.services.writing.orders.deciding import decided
from gateway.services.writing.receipts import Path
from schema.errors import ErrorCode
from schema.inputs.order import OrderUpdateInput
from schema.key import Key


def update_wish(
    given: OrderUpdateInput, key: Key, port: Port, now: Callable[[], float], at: Path
) -> Command:
    """The command to change an order.

    Raises:
        InputRefused: no call of the platform changes what is given.
    """
    problems = Problems()
    for name in sorted(map(camel, given_fields(given))):
        if name in port.unchangeable:
            problems.add(
                "No call of this platform changes it: import the order again with overwrite: true.",
                name,
                code=ErrorCode.UNSUPPORTED_BY_PLATFORM,
            )
    problems.stop()

    def decide(known: CurrentState) -> Decision:
        document, personal = kept_order(known, *at, "id")
        reader = InputReader(Problems(), int(now()))
        document, personal = changed(reader, given, document, personal)
        reader.problems.stop()
        return decided(port, "ORDER_UPDATE", document, personal, known, at)

    return Command(shop=key.shop, platform_id=key.platform_id, decide=decide)
