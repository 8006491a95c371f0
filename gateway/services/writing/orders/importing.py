"""Brings an order in that the ledger does not have, or one instead of that it has."""

from collections.abc import Callable

from msgspec.structs import replace

from gateway.outbox.intake import Command, CurrentState, Decision
from gateway.ports.writing.problems import InputRefused, Problems
from gateway.services.writing.input_reader import InputReader
from gateway.services.writing.kept_order import Port, platform_codes
from gateway.services.writing.orders.inputs import ReadOrder, read_order
from gateway.services.writing.receipts import Path
from gateway.store.store import Store
from schema.errors import ErrorCode
from schema.inputs.order import OrderImportInput


async def import_wish(
    given: OrderImportInput, port: Port, store: Store, now: Callable[[], float], at: Path
) -> Command:
    """The command to bring an order in.

    Raises:
        InputRefused: something of it is wrong.
    """
    problems = Problems().below(*at)
    order = read_order(InputReader(problems, int(now())), given)
    problems.stop()
    if given.after_sales and not port.takes_after_sales:
        problems.add(
            "This platform has no after-sales of its own: a refunded order is REFUNDED.",
            "afterSales",
            code=ErrorCode.UNSUPPORTED_BY_PLATFORM,
        )
        problems.stop()
    refused = await store.pushes.all_refused(given.shop, given.platform_id)
    return Command(
        shop=given.shop,
        platform_id=given.platform_id,
        decide=lambda known: _decision(port, given, order, known, at, refused=refused),
    )


def _decision(
    port: Port,
    given: OrderImportInput,
    order: ReadOrder,
    known: CurrentState,
    at: Path,
    *,
    refused: bool,
) -> Decision:
    there = known.order is not None
    if there and not given.overwrite and not refused:
        message = (
            "The order is here already: change it with orderUpdate, or give overwrite: true to"
            " replace it, its after-sales included."
        )
        raise InputRefused.of(ErrorCode.CONFLICT, message, *at, "platformId")
    after_sales = known.after_sales if order.after_sales is None else order.after_sales
    document = order.document
    if document.after_sale_status is None and order.after_sales is None and known.order:
        # The after-sales go along, and with them where they stand together.
        document = replace(document, after_sale_status=known.order.document.after_sale_status)
    operation, problems = "ORDER_IMPORT", Problems().below(*at)
    codes = platform_codes(port, operation, document, order.personal, after_sales, problems)
    return Decision(
        operation=None if given.adopt else operation,
        document=replace(document, platform_status=codes.order),
        personal=order.personal,
        after_sales=[
            replace(one, platform_status=code)
            for one, code in zip(after_sales, codes.after_sales, strict=False)
        ],
        replaces=there and not refused,
    )
