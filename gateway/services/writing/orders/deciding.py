"""What becomes of an order that is changed: it bears its platform's code for where it stands."""

from msgspec.structs import replace

from gateway.outbox.intake import CurrentState, Decision
from gateway.ports.writing.problems import Problems
from gateway.services.writing.kept_order import Port, platform_codes
from gateway.services.writing.receipts import Path
from gateway.store.documents import OrderDocument, OrderPersonal


def decided(
    port: Port,
    operation: str,
    document: OrderDocument,
    personal: OrderPersonal,
    known: CurrentState,
    at: Path,
) -> Decision:
    """The decision for an order as it is to be; its after-sales stay as they are known.

    Raises:
        InputRefused: the platform would not take it; its paths begin below `at`.
    """
    problems = Problems().below(*at)
    codes = platform_codes(port, operation, document, personal, known.after_sales, problems)
    document = replace(document, platform_status=codes.order)
    return Decision(operation=operation, document=document, personal=personal)
