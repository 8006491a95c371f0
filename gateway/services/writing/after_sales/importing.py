"""Adds after-sales to an order."""

from gateway.outbox.intake import Command, CurrentState, Decision
from gateway.ports.writing.problems import Problems
from gateway.services.writing.after_sales.deciding import coded, decision, order_of, stood
from gateway.services.writing.after_sales.inputs import new_after_sales
from gateway.services.writing.commands import CommandAt
from gateway.services.writing.input_reader import InputReader
from gateway.services.writing.kept_order import Port
from schema.errors import ErrorCode
from schema.inputs.after_sale import AfterSaleImportInput
from schema.key import Key


def import_task(
    given: AfterSaleImportInput, order: Key, port: Port, reader: InputReader
) -> CommandAt:
    """The command to add them.

    Raises:
        InputRefused: something of the input is wrong.
    """
    names = [one.platform_id for one in given.after_sales]
    if not names:
        reader.problems.add("Give one after-sale at least.", "afterSales")
    new = new_after_sales(reader, given.after_sales, order.platform_id)
    if given.open_id is not None:
        reader.id(given.open_id, "openId")
    reader.problems.stop()

    def decide(known: CurrentState) -> Decision:
        document, personal = order_of(known, given.open_id, "orderId")
        there = {one.platform_id for one in known.after_sales}
        problems = Problems()
        for place, name in enumerate(names):
            if name in there:
                problems.add(
                    "The order has it already: change it with afterSaleUpdate.",
                    *("afterSales", place, "platformId"),
                    code=ErrorCode.CONFLICT,
                )
        document = stood(document, [*known.after_sales, *new], given.order_after_sale_status)
        operation = "AFTER_SALE_IMPORT"
        added = coded(port, operation, document, personal, new, problems)
        return decision(operation, document, personal, [*known.after_sales, *added], names)

    return CommandAt(
        at=(),
        command=Command(shop=order.shop, platform_id=order.platform_id, decide=decide),
        keys=[Key("AfterSale", order.shop, order.platform_id, name) for name in names],
    )
