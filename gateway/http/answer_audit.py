"""Audit of answers: which of them showed personal data, or were refused for want of a scope."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final, NamedTuple

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationType,
    SelectionSetNode,
)

from gateway.audit import AuditLog, Origin
from gateway.errors import Forbidden, GatewayError
from gateway.http.documents import Operation

#: Key of an operation's action among the data stored with it.
_KEPT: Final = "gateway.audit"
_INTERNAL: Final = "INTERNAL"


class Revealed(NamedTuple):
    """Records with personal data that an execution showed: how many, and of which shops."""

    records: int
    shops: tuple[str, ...]


NOTHING: Final = Revealed(0, ())


def revealed_by(records: Sequence[Any]) -> Revealed:
    """The records of an execution, each counted once.

    A part of a record without a key of its own, such as the details of an order, is counted only
    where there are more of them than of records with one.
    """
    if not records:
        return NOTHING
    keys = {getattr(record, "key", None) for record in records}
    shops = {key.shop for key in keys if key is not None}
    if None not in keys:
        return Revealed(len(keys), tuple(sorted(shops)))
    parts = {id(record) for record in records if getattr(record, "key", None) is None}
    return Revealed(max(len(keys) - 1, len(parts)), tuple(sorted(shops)))


class AnswerAudit:
    """Notes the answers of operations in the audit log, one event an answer at most."""

    def __init__(self, log: AuditLog) -> None:
        self._log = log

    def answered(
        self,
        operation: Operation,
        origin: Origin,
        revealed: Revealed,
        errors: Sequence[GraphQLError] | None,
    ) -> None:
        """Notes an answer if it showed personal data, or lacks what a scope would have shown."""
        outcome = _outcome(operation, errors) if errors else "OK"
        if revealed.records or outcome == Forbidden.code:
            self._note(operation, origin, revealed, outcome)

    def given_again(
        self, operation: Operation, origin: Origin, revealed: Revealed, *, refused: bool
    ) -> None:
        """Notes the outcome of a mutation that was given to a repetition, in the same cases.

        `refused`: part of the first outcome is hidden from the key now.
        """
        if revealed.records or refused:
            self._note(operation, origin, revealed, Forbidden.code if refused else "OK")

    def _note(self, operation: Operation, origin: Origin, revealed: Revealed, outcome: str) -> None:
        self._log.note(
            origin,
            action_of(operation),
            shops=revealed.shops,
            revealed=revealed.records,
            outcome=outcome,
        )


def action_of(operation: Operation) -> str:
    """The root fields of an operation, as the audit log names it."""
    action: str | None = operation.plans.get(_KEPT)
    if action is None:
        names = dict.fromkeys(_root_fields(operation, operation.node.selection_set, set()))
        action = operation.plans[_KEPT] = "+".join(names) or "__typename"
    return action


def _root_fields(
    operation: Operation, selections: SelectionSetNode, spread: set[str]
) -> Iterator[str]:
    for node in selections.selections:
        if isinstance(node, FieldNode):
            if node.name.value != "__typename":
                yield node.name.value
        elif not isinstance(node, FragmentSpreadNode):
            yield from _root_fields(operation, node.selection_set, spread)  # type: ignore[attr-defined] # an inline fragment
        elif node.name.value not in spread:
            spread.add(node.name.value)
            fragment = operation.fragments[node.name.value]
            yield from _root_fields(operation, fragment.selection_set, spread)


def _outcome(operation: Operation, errors: Collection[GraphQLError]) -> str:
    """FORBIDDEN if a scope was missing, else the code of the first error.

    A root field of a mutation that was refused has an event of its own.
    """
    own = operation.kind is OperationType.MUTATION
    codes = [_code(error) for error in errors if not (own and len(error.path or ()) == 1)]
    return Forbidden.code if Forbidden.code in codes else (codes or ["OK"])[0]


def _code(error: GraphQLError) -> str:
    cause: Exception | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause.code if isinstance(cause, GatewayError) else _INTERNAL
