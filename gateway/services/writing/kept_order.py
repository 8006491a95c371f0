"""The order that the ledger has, and its platform's codes for what it is to become."""

from collections.abc import Sequence
from typing import TypeAlias

from gateway.ledger.requirements import InvalidForPlatform
from gateway.outbox.intake import CurrentState
from gateway.outbox.message import OrderPayload, OutboxMessage, written
from gateway.ports import Codes, TakesOrders
from gateway.ports.writing.problems import InputRefused, Problems
from gateway.services.writing.validation_errors import add_violations
from gateway.store.documents import AfterSaleDocument, OrderDocument, OrderPersonal
from schema.errors import ErrorCode

Port: TypeAlias = TakesOrders[OutboxMessage]


def kept_order(known: CurrentState, *at: str) -> tuple[OrderDocument, OrderPersonal]:
    """The order, and apart from it who bought it; `at` is the path of what named it.

    Raises:
        InputRefused: NOT_FOUND, there is none.
    """
    if known.order is None:
        raise InputRefused.of(ErrorCode.NOT_FOUND, "There is no such order.", *at)
    return known.order.document, known.order.personal or OrderPersonal()


def platform_codes(  # noqa: PLR0913 - all that the platform is asked about
    port: Port,
    operation: str,
    document: OrderDocument,
    personal: OrderPersonal,
    after_sales: Sequence[AfterSaleDocument],
    problems: Problems,
    *,
    cut: int = 0,
) -> Codes:
    """The codes, of which those of after-sales are in their order.

    `cut` is how many steps the paths of the platform's flaws lose at their beginning.

    Raises:
        InputRefused: the platform would not take it, or something was noted before.
    """
    payload = OrderPayload(order=document, after_sales=tuple(after_sales))
    parcel = OutboxMessage(operation=operation, payload=written(payload), personal=personal)
    try:
        codes = port.check(parcel)
    except InvalidForPlatform as unfit:
        add_violations(unfit, problems, cut=cut)
        problems.stop()
        raise
    problems.stop()
    return codes
