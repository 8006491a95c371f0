"""The shopping list's numbers for where an order stands, one set for each of its two calls."""

from collections.abc import Mapping
from typing import Final, Literal, cast

from gateway.ledger.requirements import Requirements
from gateway.platforms.mini_program.mapping.status import IMPORT_STATUS, UPDATE_STATUS

_IMPORT: Final[Mapping[str, int]] = {status.name: code for code, status in IMPORT_STATUS.items()}
_UPDATE: Final[Mapping[str, int]] = {status.name: code for code, status in UPDATE_STATUS.items()}


def can_update(status: str) -> bool:
    """Whether an update can tell this OrderStatus."""
    return status in _UPDATE


def import_code(status: str, needs: Requirements) -> Literal[3, 4, 5, 100]:
    """The code of an OrderStatus in an import."""
    if status not in _IMPORT:
        needs.unsupported(_words("imported", status, _IMPORT), "status")
    return cast("Literal[3, 4, 5, 100]", _IMPORT.get(status))


def update_code(status: str, needs: Requirements) -> Literal[4, 5, 12, 100]:
    """The code of an OrderStatus in an update."""
    if status not in _UPDATE:
        needs.unsupported(_words("updated", status, _UPDATE), "status")
    return cast("Literal[4, 5, 12, 100]", _UPDATE.get(status))


def _words(done: str, status: str, known: Mapping[str, int]) -> str:
    return f"an order is {done} as {', '.join(known)}; the shopping list has no {status} there"
