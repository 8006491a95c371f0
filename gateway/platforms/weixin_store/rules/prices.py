"""Rules for the prices of an unpaid order (reference, section 3.5)."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.ports.writing.inputs import read_money
from gateway.ports.writing.problems import InputRefused, Problems
from schema.errors import ErrorCode
from schema.inputs.order import OrderRepriceInput
from schema.order import Order
from schema.order_item import OrderItem
from schema.order_status import OrderStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPrices:
    """Totals of whole lines and the shipping fee, in fen; None: the fee stays as it is."""

    lines: list[tuple[OrderItem, int]]
    shipping_fee: int | None


def prices_from_input(given: OrderRepriceInput, order: Order) -> NewPrices:
    """The prices that the input sets.

    A line goes down only, from its price of now, and not to 0. That the shipping fee may not rise
    either is not in the reference: there the platform decides.

    Raises:
        InputRefused: a rule is broken; CONFLICT, the order is not unpaid.
    """
    if order.status not in (OrderStatus.AWAITING_PAYMENT, OrderStatus.UNKNOWN):
        message = f"The order is {order.status.name}: only the price of an unpaid one can change."
        raise InputRefused.of(ErrorCode.CONFLICT, message, "id")
    problems = Problems()
    of_line = {str(line.id()): line for line in order.items}
    lines = []
    for place, one in enumerate(given.items or ()):
        inside = problems.below("items", place)
        line = of_line.pop(str(one.item_id), None)
        if line is None:
            _refuse_line(str(one.item_id), order, inside)
            continue
        total = read_money(one.total, inside, "total")
        if total is not None:
            _check_total(line, total.fen, inside)
            lines.append((line, total.fen))
    fee = None
    if given.shipping_fee is not None:
        fee = read_money(given.shipping_fee, problems, "shippingFee")
    if not given.items and given.shipping_fee is None:
        problems.add("Give the new price of a line, or `shippingFee`.", "items")
    problems.stop()
    return NewPrices(lines=lines, shipping_fee=None if fee is None else fee.fen)


def _refuse_line(id_: str, order: Order, problems: Problems) -> None:
    if any(str(line.id()) == id_ for line in order.items):
        problems.add("An earlier entry is about the same line.", "itemId")
        return
    message = "The order has no such line: give the `id` of one of its items."
    problems.add(message, "itemId", code=ErrorCode.NOT_FOUND)


def _check_total(line: OrderItem, fen: int, problems: Problems) -> None:
    now = line.unit_price.fen * line.quantity
    if line.gift:
        problems.add("A gift has no price.", "itemId")
    elif fen == 0:
        problems.add("The price of a line cannot become 0.", "total")
    elif fen > now:
        problems.add(f"The price of the line was {now} fen: it can only go down.", "total")


def changed_before(order: Order) -> Mapping[str, int]:
    """The totals, in fen, of lines whose price was changed before, by the line's id."""
    return {
        str(line.id()): line.changed_total.fen
        for line in order.items
        if line.price_changed and line.changed_total is not None
    }
