"""Sets where after-sales stand, those of an order together."""

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from gateway.outbox.intake import Command, CurrentState, Decision
from gateway.ports.writing.problems import InputRefused, Problems
from gateway.services.writing.after_sales.deciding import (
    coded,
    decision,
    named,
    order_of,
    stood,
    with_changed,
)
from gateway.services.writing.commands import CommandAt
from gateway.services.writing.kept_order import Port
from gateway.services.writing.receipts import Path
from gateway.services.writing.targets import target_key
from gateway.store.documents import AfterSaleDocument
from schema.errors import ErrorCode, UserError
from schema.inputs.after_sale import AfterSaleStatusInput
from schema.key import Key

_Inputs = dict[Path, tuple[Key, AfterSaleStatusInput]]


def status_tasks(
    given: Mapping[Path, AfterSaleStatusInput],
    port_of: Callable[[Key, Path], Port],
    now: Callable[[], float],
) -> tuple[list[CommandAt], list[UserError]]:
    """A task for each order, and what is refused before any is asked.

    `port_of` raises InputRefused where the shop of a key takes no after-sales; it is given the
    path of the id.
    """
    errors: list[UserError] = []
    orders: dict[Key, tuple[Port, _Inputs]] = {}
    seen: set[Key] = set()
    for at, one in given.items():
        try:
            key = target_key(one.id, "AfterSale", *at, "id")
            port = port_of(key, (*at, "id"))
        except InputRefused as refused:
            errors += refused.errors
            continue
        if key in seen:
            message, field = "This after-sale stands twice here.", list(at) or None
            errors.append(UserError(code=ErrorCode.CONFLICT, message=message, field=field))
            continue
        seen.add(key)
        order = Key("Order", key.shop, key.platform_id)
        orders.setdefault(order, (port, {}))[1][at] = (key, one)
    tasks = [_task(order, inputs, port, now) for order, (port, inputs) in orders.items()]
    return tasks, errors


def _task(order: Key, inputs: _Inputs, port: Port, now: Callable[[], float]) -> CommandAt:
    keys: list[Key] = []
    errors: list[UserError] = []
    first = next(iter(inputs))
    given = [one for _, one in inputs.values()]

    def decide(known: CurrentState) -> Decision:
        # It may be asked anew, where others came in between.
        keys.clear()
        errors.clear()
        open_id = next((one.open_id for one in given if one.open_id is not None), None)
        document, personal = order_of(known, open_id, *first, "id")
        changed: list[AfterSaleDocument] = []
        for at, (key, one) in inputs.items():
            try:
                mine = named(known, key.part, *at, "id")
            except InputRefused as refused:
                errors.extend(refused.errors)
                continue
            keys.append(key)
            changed.append(replace(mine, status=one.status.name, updated_at=int(now())))
        if not changed:
            raise InputRefused(errors)
        operation = "AFTER_SALE_STATUS"
        changed = coded(port, operation, document, personal, changed, Problems())
        together = [one.order_after_sale_status for one in given if one.order_after_sale_status]
        after_sales = with_changed(known.after_sales, changed)
        document = stood(document, after_sales, together[-1] if together else None)
        names = [one.platform_id for one in changed]
        return decision(operation, document, personal, after_sales, names)

    command = Command(shop=order.shop, platform_id=order.platform_id, decide=decide)
    return CommandAt(at=first, command=command, keys=keys, errors=errors)
