"""What became of each order of an import or an update."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.platforms.mini_program.wire.order import OrdersDone

#: Codes of single orders (导入“已购订单”, 更新订单信息: fail_order_list).
SYSTEM_ERROR: Final = "-1"
BAD_PARAMETERS: Final = "-2"
NOT_FOUND: Final = "10001"
CONFLICT: Final = "10002"
#: Codes of calls that took every order that they do not list: done, and some were not updated.
_OTHERS_TAKEN: Final = frozenset({"0", "9009301", "9019102"})


@dataclass(frozen=True, slots=True)
class Refused:
    """Why the platform did not take an order, in its words."""

    code: str
    message: str

    @property
    def passing(self) -> bool:
        """Whether the same order may be taken later."""
        return self.code == SYSTEM_ERROR


def leaves_open(order_ids: Sequence[str], answer: OrdersDone) -> bool:
    """Whether nobody knows what became of the orders that the answer does not name.

    Its code then refuses the whole call, and its list names some of the orders only; whether the
    others were taken is told nowhere.
    """
    return len(order_ids) > 1 and str(answer.errcode) not in _OTHERS_TAKEN


def refusals(order_ids: Sequence[str], answer: OrdersDone) -> dict[str, Refused]:
    """The orders of the call that were refused; the others were taken.

    A failure that names no order of the call is told of all of them: nobody knows whose it is.
    """
    refused: dict[str, Refused] = {}
    for failure in answer.failed:
        named = [failure.order_id] if failure.order_id in order_ids else order_ids
        words = Refused(str(failure.error_code), failure.msg)
        refused |= dict.fromkeys(named, words)
    return refused
