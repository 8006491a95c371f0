"""Status codes of the shopping list and of partner stores."""

from collections.abc import Mapping
from typing import Final, Literal, cast

from gateway.ledger.requirements import Requirements
from schema.after_sale import AfterSaleStatus
from schema.order_status import OrderStatus

#: Codes allowed in an import (导入“已购订单”, `status`).
IMPORT_STATUS: Final[Mapping[int, OrderStatus]] = {
    3: OrderStatus.AWAITING_SHIPMENT,
    4: OrderStatus.SHIPPED,
    5: OrderStatus.REFUNDED,
    100: OrderStatus.COMPLETED,
}

#: Codes allowed in an update (更新订单信息, `status`).
UPDATE_STATUS: Final[Mapping[int, OrderStatus]] = {
    4: OrderStatus.SHIPPED,
    5: OrderStatus.REFUNDED,
    12: OrderStatus.CLOSED,
    100: OrderStatus.COMPLETED,
}

#: The codes of both calls together.
ORDER_STATUS: Final[Mapping[int, OrderStatus]] = {**IMPORT_STATUS, **UPDATE_STATUS}

#: The store's OrderStatus, which the page of partner orders refers to by name. 200 is an order
#: cancelled after all its items were refunded.
PARTNER_STATUS: Final[Mapping[str, OrderStatus]] = {
    "10": OrderStatus.AWAITING_PAYMENT,
    "20": OrderStatus.AWAITING_SHIPMENT,
    "21": OrderStatus.PARTIALLY_SHIPPED,
    "30": OrderStatus.SHIPPED,
    "100": OrderStatus.COMPLETED,
    "190": OrderStatus.CLOSED,
    "200": OrderStatus.REFUNDED,
    "250": OrderStatus.CLOSED,
}

#: Status of an order's only after-sale by the order's status, in the shopping list and in partner
#: stores; an order in any other status has none.
AFTER_SALE_STATUS: Final[Mapping[OrderStatus, AfterSaleStatus]] = {
    OrderStatus.REFUNDED: AfterSaleStatus.REFUNDED,
}

_IMPORT: Final[Mapping[str, int]] = {status.name: code for code, status in IMPORT_STATUS.items()}
_UPDATE: Final[Mapping[str, int]] = {status.name: code for code, status in UPDATE_STATUS.items()}


def can_update(status: str) -> bool:
    """Whether an update can set this OrderStatus."""
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
