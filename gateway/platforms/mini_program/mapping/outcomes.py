"""Outcome of each order of an import or an update."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.platforms.mini_program.wire.order import OrdersDone

#: Codes of single orders (导入“已购订单”, 更新订单信息: fail_order_list).
SYSTEM_ERROR: Final = "-1"
BAD_PARAMETERS: Final = "-2"
NOT_FOUND: Final = "10001"
CONFLICT: Final = "10002"
#: Codes that accept every order not listed: success, and partly updated.
_OTHERS_TAKEN: Final = frozenset({"0", "9009301", "9019102"})


@dataclass(frozen=True, slots=True)
class Refused:
    """Why the platform refused an order, in its own words."""

    code: str
    message: str

    @property
    def passing(self) -> bool:
        """Whether the same order may be accepted later."""
        return self.code == SYSTEM_ERROR


def leaves_open(order_ids: Sequence[str], answer: OrdersDone) -> bool:
    """Whether the outcome of the orders that the answer does not name is unknown.

    The code then refuses the whole call while the list names only some of the orders; whether the
    others were accepted is undocumented.
    """
    return len(order_ids) > 1 and str(answer.errcode) not in _OTHERS_TAKEN


def refusals(order_ids: Sequence[str], answer: OrdersDone) -> dict[str, Refused]:
    """The orders of the call that were refused; the others were accepted.

    A failure that names no order of the call applies to all of them, since it cannot be assigned.
    """
    refused: dict[str, Refused] = {}
    for failure in answer.failed:
        named = [failure.order_id] if failure.order_id in order_ids else order_ids
        words = Refused(str(failure.error_code), failure.msg)
        refused |= dict.fromkeys(named, words)
    return refused
