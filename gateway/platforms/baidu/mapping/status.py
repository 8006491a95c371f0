"""The order centre's status codes and numbers for the names of the schema."""

from collections.abc import Mapping
from typing import Final

from gateway.ledger.requirements import Requirements
from schema.after_sale import AfterSaleKind, AfterSaleStatus
from schema.order_details import BaiduOrderKind
from schema.order_status import OrderStatus

#: CateID.
KIND: Final[Mapping[int, BaiduOrderKind]] = {1: BaiduOrderKind.PHYSICAL, 2: BaiduOrderKind.VIRTUAL}

_EITHER: Final[Mapping[int, OrderStatus]] = {
    1: OrderStatus.AWAITING_PAYMENT,
    100: OrderStatus.CLOSED,
    200: OrderStatus.COMPLETED,
    300: OrderStatus.HIDDEN,
}

#: Data.Status, whose meaning depends on the kind.
ORDER_STATUS: Final[Mapping[BaiduOrderKind, Mapping[int, OrderStatus]]] = {
    BaiduOrderKind.PHYSICAL: {
        **_EITHER,
        5: OrderStatus.AWAITING_SHIPMENT,
        6: OrderStatus.SHIPPED,
    },
    BaiduOrderKind.VIRTUAL: {
        **_EITHER,
        2: OrderStatus.AWAITING_CONFIRMATION,
        3: OrderStatus.PROCESSING,
        4: OrderStatus.CONFIRMED,
    },
}

#: SubsOrder.Status and SubStatus.
AFTER_SALE_STATUS: Final[Mapping[int, AfterSaleStatus]] = {
    400: AfterSaleStatus.APPLYING,
    401: AfterSaleStatus.PROCESSING,
    402: AfterSaleStatus.REFUNDED,
    403: AfterSaleStatus.EXCHANGED,
    404: AfterSaleStatus.CLOSED,
    407: AfterSaleStatus.REJECTED,
}

#: OrderType.
AFTER_SALE_KIND: Final[Mapping[int, AfterSaleKind]] = {
    1: AfterSaleKind.REFUND_ONLY,
    2: AfterSaleKind.EXCHANGE,
    3: AfterSaleKind.RETURN_AND_REFUND,
}


_KIND: Final[Mapping[str, int]] = {kind.name: code for code, kind in KIND.items()}
_STATUS: Final[Mapping[str, Mapping[str, int]]] = {
    kind.name: {status.name: code for code, status in codes.items()}
    for kind, codes in ORDER_STATUS.items()
}
_AFTER_SALE_STATUS: Final[Mapping[str, int]] = {
    status.name: code for code, status in AFTER_SALE_STATUS.items()
}
_AFTER_SALE_KIND: Final[Mapping[str, int]] = {
    kind.name: code for code, kind in AFTER_SALE_KIND.items()
}
_METHOD: Final[Mapping[str, int]] = {"ONLINE": 1, "WECHAT_PAY": 1, "CASH_ON_DELIVERY": 2}
_ONLINE: Final = 1


def kind_code(kind: str | None, needs: Requirements) -> int:
    """The CateID of a BaiduOrderKind."""
    return _KIND.get(needs.given(kind, "kind", instead="PHYSICAL"), 0)


def status_code(kind: str | None, status: str, needs: Requirements) -> int:
    """The Data.Status of an OrderStatus, which depends on the kind."""
    known = _STATUS.get(kind or "PHYSICAL", {})
    if status not in known:
        needs.unsupported(
            f"an order of the kind {kind} is {', '.join(known)}; Baidu has no {status}", "status"
        )
    return known.get(status, 0)


def method_code(method: str | None, needs: Requirements, *path: str) -> int:
    """The Payment.Method of a PaymentMethod; online if not reported."""
    if method is not None and method not in _METHOD:
        needs.unsupported(f"an order is paid by {', '.join(_METHOD)}; Baidu has no {method}", *path)
    return _METHOD.get(method or "", _ONLINE)


def after_sale_status_code(status: str, needs: Requirements, *path: str) -> int:
    """The SubStatus of an AfterSaleStatus."""
    if status not in _AFTER_SALE_STATUS:
        needs.unsupported(
            f"an after-sale is {', '.join(_AFTER_SALE_STATUS)}; Baidu has no {status}", *path
        )
    return _AFTER_SALE_STATUS.get(status, 0)


def after_sale_kind_code(kind: str, needs: Requirements, *path: str) -> int:
    """The OrderType of an AfterSaleKind."""
    if kind not in _AFTER_SALE_KIND:
        needs.unsupported(
            f"an after-sale is {', '.join(_AFTER_SALE_KIND)}; Baidu has no {kind}", *path
        )
    return _AFTER_SALE_KIND.get(kind, 0)
