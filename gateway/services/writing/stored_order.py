"""Shared by all commands about orders: the stored order, and the platform's wire form."""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TypeAlias

from gateway.ledger.requirements import InvalidForPlatform
from gateway.outbox.command import CurrentState, Decision
from gateway.outbox.message import OrderPayload, OutboxMessage
from gateway.ports import AcceptsOrders
from gateway.ports.writing.problems import InputRefused, Path, Problems
from gateway.services.writing.validation_errors import add_unsent, add_violations, unmoved
from gateway.store.documents import OrderDocument, OrderPersonal
from schema.errors import ErrorCode

Port: TypeAlias = AcceptsOrders[OutboxMessage]


def stored_order(state: CurrentState, *at: str) -> tuple[OrderDocument, OrderPersonal]:
    """The order, and its buyer's data; `at` is the path of the field that named it.

    Raises:
        InputRefused: NOT_FOUND.
    """
    if state.order is None:
        raise InputRefused.of(ErrorCode.NOT_FOUND, "There is no such order.", *at)
    return state.order.document, state.order.personal or OrderPersonal()


def with_wire_form(
    decision: Decision,
    state: CurrentState,
    port: Port,
    problems: Problems,
    *,
    given: Collection[str] = (),
    placed: Callable[[Path], Path] = unmoved,
) -> Decision:
    """The decision with the form that its platform takes, and the platform's status codes.

    A decision without an operation, which is recorded only, is checked as an import. One that ships
    the order is sent as a report of its shipping first, where the platform takes one. Of the fields
    of the order that are `given`, what the platform has no place for is a warning. `placed` turns
    the path of a field of the order into that of the command's input.

    Raises:
        InputRefused: the platform would not take it, or `problems` has some.
    """
    after_sales = state.after_sales if decision.after_sales is None else decision.after_sales
    payload = OrderPayload(
        order=decision.document,
        after_sales=tuple(after_sales),
        named=decision.named,
        replaces=decision.replaces,
    )
    operation = decision.operation or "ORDER_IMPORT"
    message = OutboxMessage.of_order(operation, payload, decision.personal)
    try:
        form = port.wire_form(message)
        report = None
        if decision.ships and port.reports_shipping(message):
            report = port.wire_form(replace(message, operation="SHIPPING_UPLOAD"))
    except InvalidForPlatform as invalid:
        add_violations(invalid, problems, placed)
        problems.stop()
        raise
    problems.stop()
    warnings = decision.warnings
    if decision.operation is not None and form.unsent and given:
        noted = problems.apart()
        add_unsent(form.unsent, noted, given, placed)
        warnings = [*warnings, *noted.found]
    decision = replace(decision.sent_as(form), warnings=warnings)
    if form.record is None:
        # The gateway alone keeps it.
        decision = replace(decision, operation=None)
    if report is None:
        return decision
    following = replace(decision, operation="SHIPPING_UPLOAD", followed_by=decision.operation)
    return following.sent_as(report)
